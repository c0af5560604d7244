package openshiftsaasdeploy

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// imagesAtOnce bounds the images that are asked for side by side.
const imagesAtOnce = 10

// checks look images up with the credentials of a saas file.
type checks struct {
	lookup   lookup
	patterns []string
	login    func() (deployment.Credentials, error)
}

// newChecks returns the checks of a stage. The credentials are read when the first image is looked up.
func (r *reconciler) newChecks(ctx context.Context, st *stage) *checks {
	login := func() (deployment.Credentials, error) { return credentials(ctx, r.secrets, st) }
	return &checks{lookup: r.images(), patterns: st.file.ImagePatterns, login: sync.OnceValues(login)}
}

// credentials are those of the saas file for images; none where it has none, or such as nobody can read.
func credentials(ctx context.Context, secrets secret.Reader, st *stage) (deployment.Credentials, error) {
	if st.file.Authentication == nil || st.file.Authentication.Image == nil {
		return deployment.Credentials{}, nil
	}
	fields, err := secrets.ReadAll(ctx, *st.file.Authentication.Image)
	if err != nil {
		return deployment.Credentials{}, err
	}
	made, err := deployment.ReadCredentials(fields)
	if err != nil {
		logging.From(ctx).Warn("images are looked up without a login", "saasFile", st.file.Name, "error", err)
		return deployment.Credentials{}, nil
	}
	return made, nil
}

// digest returns the digest of an image that the saas file may use. The error is Invalid where it may not, or where there is
// no such image.
func (c *checks) digest(ctx context.Context, image string) (string, error) {
	if !deployment.Allowed(image, c.patterns) {
		return "", apierr.Errorf(apierr.Invalid, "image %s is not in imagePatterns: add its beginning there, or correct the image", image)
	}
	credentials, err := c.login()
	if err != nil {
		return "", err
	}
	login := credentials.For(image)
	digest, err := c.lookup.Digest(ctx, image, registryapi.Login{User: login.User, Password: login.Password, Server: login.Server})
	if apierr.Is(err, apierr.Missing) || apierr.Is(err, apierr.Denied) {
		return "", apierr.Errorf(apierr.Invalid, "image %s does not exist, or not for authentication.image of the saas file: %w", image, err)
	}
	return digest, err
}

// check looks up all images of the objects of a target. The error joins those of single images.
func (c *checks) check(ctx context.Context, bodies []namespaced.Body) error {
	var images []string
	for _, body := range bodies {
		images = append(images, deployment.Images(body.Object)...)
	}
	slices.Sort(images)
	images = slices.Compact(images)
	faults := make([]error, len(images))
	var group errgroup.Group
	group.SetLimit(imagesAtOnce)
	for i, image := range images {
		group.Go(func() error {
			_, faults[i] = c.digest(ctx, image)
			return nil
		})
	}
	_ = group.Wait()
	return errors.Join(faults...)
}
