package integrationsmanager

import (
	"regexp"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// parameters are what an environment says of the workers in it, under the names of the reference's template.
type parameters struct {
	ImageTag string `json:"IMAGE_TAG"`
	// Upstreams are the refs that the images of an environment are made from.
	Upstreams []struct {
		Repo string `json:"repo"`
		Ref  string `json:"ref"`
	} `json:"INTEGRATION_UPSTREAM_REPOS"`
	ConfigSecret string `json:"QONTRACT_TEMPORAL_CONFIG_SECRET_NAME"`
	EnvSecret    string `json:"QONTRACT_TEMPORAL_ENV_SECRET_NAME"`
}

func parametersOf(environment fleet.Environment) (parameters, error) {
	p := parameters{ConfigSecret: "qontract-temporal-config", EnvSecret: "qontract-temporal-env"}
	if err := environment.Parameters.Decode(&p); err != nil {
		return p, apierr.Errorf(apierr.Invalid, "the parameters of the environment %s: %w", environment.Name, err)
	}
	return p, nil
}

// imageTag is the tag of the group's image: its own, else that of --image-tag-from-ref, else of its environment's
// parameters. Its error is Invalid.
//
// Differs from the reference: workers without any image tag are refused, where the reference takes "latest", which names no
// version. A variable IMAGE_TAG of the process has no say.
func imageTag(g fleet.Group, p parameters, args plan.Args, commitLength int) (string, error) {
	if g.ImageRef != "" {
		return g.ImageRef, nil
	}
	for _, given := range args.Strings("image-tag-from-ref") {
		environment, ref, found := strings.Cut(given, "=")
		if !found || environment == "" || ref == "" {
			return "", apierr.Errorf(apierr.Invalid, "--image-tag-from-ref %q: expected ENVIRONMENT=COMMIT", given)
		}
		if environment == g.Namespace.Environment.Name {
			return tagOf(ref, "--image-tag-from-ref", commitLength)
		}
	}
	for _, upstream := range p.Upstreams {
		if upstream.Repo == args.String("upstream") {
			return tagOf(upstream.Ref, "INTEGRATION_UPSTREAM_REPOS of the environment "+g.Namespace.Environment.Name, commitLength)
		}
	}
	if p.ImageTag != "" {
		return p.ImageTag, nil
	}
	return "", apierr.Errorf(apierr.Invalid, "no image tag: set IMAGE_TAG in the parameters of the environment %s, or imageRef", g.Namespace.Environment.Name)
}

var commit = regexp.MustCompile(`^[0-9a-f]{7,40}$`)

// tagOf is the tag of the image that was made from a commit: its first characters, as many as app-interface-settings say.
//
// Differs from the reference: branches and tags of git are refused. The reference asks GitHub for their commit on each
// run; a rollout here is a change of app-interface.
func tagOf(ref, where string, length int) (string, error) {
	if length < 1 || len(ref) < length || !commit.MatchString(ref) {
		return "", apierr.Errorf(apierr.Invalid, "%s: %q is no commit of at least %d characters; name the commit itself, or set IMAGE_TAG in the environment's parameters or imageRef", where, ref, length)
	}
	return ref[:length], nil
}

var notInBuildID = regexp.MustCompile(`[^a-z0-9]+`)

// buildID is the name of the workers' version in Temporal and in names of Kubernetes.
func buildID(tag string) string {
	return strings.Trim(notInBuildID.ReplaceAllString(strings.ToLower(tag), "-"), "-")
}
