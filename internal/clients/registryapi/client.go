// Package registryapi asks registries of container images which images there are, on go-containerregistry. It only reads.
// The library's own retries are off, since Temporal tries again.
package registryapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/memo"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Login is what a registry takes. The zero value is none.
type Login struct {
	User, Password secret.Value
	// Server is the registry that the login is for; no other one gets it. Where it is empty, any does.
	Server string
}

// Client makes views. It is safe for concurrent use.
type Client struct{ transport http.RoundTripper }

// Options say how to reach registries. The zero value reaches each at its own address.
type Options struct {
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Through returns the URL of one server that answers for all registries, by the host of a request. Each request asks it.
	Through func() (string, error)
}

// New returns a client. It does not connect.
func New(options Options) *Client {
	next := options.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	if options.Through != nil {
		next = through{next, options.Through}
	}
	return &Client{transport: readonly.Transport(edge{next}, nil)}
}

// View is what one step sees of registries: each image is looked up once, and the way into each repository is found once. A
// step makes a new one each time that it runs. It is safe for concurrent use.
type View struct {
	transport http.RoundTripper
	pullers   memo.Once[account, *remote.Puller]
	digests   memo.Once[look, string]
}

// account is a login as the library takes it.
type account struct{ user, password string }

type look struct {
	account
	image string
}

// NewView returns a view.
func (c *Client) NewView() *View { return &View{transport: c.transport} }

// Digest returns the digest of an image, such as sha256:0123…, by its name with a tag or a digest. It is Missing where there
// is no such image, and Denied where the login, and nobody without one, may see it.
func (v *View) Digest(ctx context.Context, image string, login Login) (string, error) {
	what := "look up image " + image
	ref, err := name.ParseReference(strings.TrimPrefix(image, "docker://"))
	if err != nil {
		return "", apierr.Errorf(apierr.Invalid, "%s: it is no name of an image: correct it: %w", what, err)
	}
	if err := inputs.Outside(ctx, "registry "+ref.Context().RegistryStr()); err != nil {
		return "", err
	}
	as := login.in(ref.Context().RegistryStr())
	digest, err := v.digests.Get(ctx, look{as, ref.Name()}, func(ctx context.Context) (string, error) {
		digest, err := v.ask(ctx, ref, as)
		if as != (account{}) && apierr.Is(err, apierr.Denied) {
			// What is public is there also for who has another registry's login, or an old one.
			if public, publicErr := v.ask(ctx, ref, account{}); publicErr == nil {
				return public, nil
			}
		}
		return digest, err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return digest, nil
}

// dockerHub is what people call the registry that the library knows by another name.
const dockerHub = "docker.io"

// in is the login in a registry.
func (l Login) in(registry string) account {
	if registry == name.DefaultRegistry && l.Server == dockerHub {
		registry = dockerHub
	}
	if l.User.Reveal() == "" || l.Server != "" && l.Server != registry {
		return account{}
	}
	return account{l.User.Reveal(), l.Password.Reveal()}
}

// ask looks an image up. The library says how a registry lets in once for each repository.
func (v *View) ask(ctx context.Context, ref name.Reference, as account) (string, error) {
	puller, err := v.pullers.Get(ctx, as, func(context.Context) (*remote.Puller, error) {
		auth := authn.Anonymous
		if as != (account{}) {
			auth = &authn.Basic{Username: as.user, Password: as.password}
		}
		return remote.NewPuller(remote.WithAuth(auth), remote.WithTransport(v.transport),
			remote.WithRetryStatusCodes(), remote.WithRetryPredicate(func(error) bool { return false }))
	})
	if err != nil {
		return "", err
	}
	head, err := puller.Head(ctx, ref)
	if err == nil {
		return head.Digest.String(), nil
	}
	if err := classify(err); err != nil {
		return "", err
	}
	// Some registries do not say the digest of a manifest that they do not send.
	whole, err := puller.Get(ctx, ref)
	if err == nil {
		return whole.Digest.String(), nil
	}
	if classified := classify(err); classified != nil {
		return "", classified
	}
	return "", apierr.Errorf(apierr.Unavailable, "the answer is not what registries send: %w", err)
}

const (
	// timeout is the deadline of one request, with its answer.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer, in bytes: manifests and tokens are smaller.
	mostAnswer = 8 << 20
)

// edge gives each request its deadline, bounds its answer, and keeps what a registry that refuses says of when to come again:
// the library drops it.
type edge struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (e edge) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	resp, err := e.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		defer cancel()
		_ = resp.Body.Close()
		return nil, apierr.FromResponse(resp, fmt.Errorf("registry %s: there are too many requests (429)", req.URL.Host))
	}
	resp.Body = &bounded{http.MaxBytesReader(nil, resp.Body, mostAnswer), cancel}
	return resp, nil
}

// bounded ends the deadline when the answer has been read.
type bounded struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *bounded) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
