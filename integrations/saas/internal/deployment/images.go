package deployment

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Images returns the images of a resource that are checked, sorted: those of pod templates with their init containers, of
// the containers of CronJobs, of catalogue sources and of ClowdApps.
//
// Differs from the reference: fields of another shape than expected have no images; there some of them end the run.
func Images(resource map[string]any) []string {
	found := map[string]bool{}
	add := func(image any) {
		if text, isText := image.(string); isText && text != "" {
			found[text] = true
		}
	}
	spec := field(resource, "spec")
	pod := field(spec, "template", "spec")
	scheduled := field(spec, "jobTemplate", "spec", "template", "spec")
	for _, containers := range [][]map[string]any{items(pod, "containers"), items(pod, "initContainers"), items(scheduled, "containers")} {
		for _, container := range containers {
			add(container["image"])
		}
	}
	add(spec["image"])
	for _, list := range []string{"deployments", "jobs"} {
		for _, one := range items(spec, list) {
			add(field(one, "podSpec")["image"])
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func field(from map[string]any, path ...string) map[string]any {
	for _, name := range path {
		from, _ = from[name].(map[string]any)
	}
	return from
}

func items(from map[string]any, name string) []map[string]any {
	list, _ := from[name].([]any)
	var found []map[string]any
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			found = append(found, one)
		}
	}
	return found
}

// Allowed says whether an image begins with one of the patterns of its saas file. Without patterns none is.
func Allowed(image string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return strings.HasPrefix(image, pattern) })
}

// Credentials are a saas file's logins for registries. The zero value has none.
type Credentials struct {
	login      Login
	registries []registry
}

// Login is what one registry takes. The zero Login is none.
type Login struct {
	User, Password secret.Value
	// Server is the registry that the login is for, where the secret says so.
	Server string
}

type registry struct {
	prefix string
	login  Login
}

// ReadCredentials reads the fields of a secret: user and token, with url, or .dockerconfigjson. The error is Invalid where it
// has neither, and names no value.
func ReadCredentials(fields map[string]secret.Value) (Credentials, error) {
	var made Credentials
	user, hasUser := fields["user"]
	token, hasToken := fields["token"]
	config, hasConfig := fields[".dockerconfigjson"]
	if !hasConfig && (!hasUser || !hasToken) {
		return made, apierr.Errorf(apierr.Invalid, "the secret for images has neither user and token nor .dockerconfigjson: add them")
	}
	made.login = Login{User: user, Password: token, Server: fields["url"].Reveal()}
	if config.Reveal() == "" {
		return made, nil
	}
	value, err := pyjson.Decode([]byte(config.Reveal()))
	if err != nil {
		return made, apierr.Errorf(apierr.Invalid, "the .dockerconfigjson of the secret for images is not readable: mend it")
	}
	root, _ := value.(pyjson.Object)
	listed, _ := root.Get("auths")
	auths, _ := listed.(pyjson.Object)
	for _, entry := range auths {
		fields, _ := entry.Value.(pyjson.Object)
		encoded, _ := fields.Get("auth")
		text, _ := encoded.(string)
		clear, err := base64.StdEncoding.DecodeString(text)
		name, password, split := strings.Cut(string(clear), ":")
		if err != nil || !split {
			return made, apierr.Errorf(apierr.Invalid, "the .dockerconfigjson of the secret for images has no login for %s: its auth is user:password in base64", entry.Key)
		}
		made.registries = append(made.registries, registry{entry.Key, Login{User: secret.New(name), Password: secret.New(password), Server: made.login.Server}})
	}
	return made, nil
}

// For returns the login for an image: that of the first registry in the order of .dockerconfigjson that the image begins
// with, else user and token.
//
// Differs from the reference: a password may hold a colon.
func (c Credentials) For(image string) Login {
	for _, one := range c.registries {
		if strings.HasPrefix(image, one.prefix) {
			return one.login
		}
	}
	return c.login
}
