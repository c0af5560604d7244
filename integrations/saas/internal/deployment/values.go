package deployment

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Values are the effective parameters of a target. Some are secrets, so they refuse to be printed or serialised.
type Values struct{ values pyjson.Object }

// String never returns a value.
func (v *Values) String() string { return "[parameters]" }

// GoString never returns a value.
func (v *Values) GoString() string { return v.String() }

// MarshalJSON fails, because values would end in histories and logs.
func (v *Values) MarshalJSON() ([]byte, error) {
	return nil, errors.New("parameters of a target cannot be serialised: they hold secrets")
}

// Reveal returns the values in the order of their names' first appearance. Call it where they are handed to what renders.
func (v *Values) Reveal() pyjson.Object { return slices.Clone(v.values) }

// Collect returns the parameters of a target. Later ones win: those of the environment, the saas file, the resource template
// and the target, at each level the secrets last. For OpenShift templates true and false become text, and maps and lists JSON;
// for others (asWritten) everything stays. Then ${NAME} is replaced in texts, name by name in the order of first appearance,
// with the value as it is at that moment: cycles end, if oddly. Read reads a secret; its errors are returned.
func Collect(file *saasfile.File, template *saasfile.Template, target *saasfile.Target, asWritten bool, read func(secret.Ref) (secret.Value, error)) (*Values, error) {
	environment := target.Namespace.Environment
	made := &Values{}
	for _, level := range []struct {
		name       string
		parameters appinterface.JSON
		secrets    []saasfile.SecretParameter
	}{
		{"environment " + environment.Name, environment.Parameters, environment.SecretParameters},
		{"saas file " + file.Name, file.Parameters, file.SecretParameters},
		{"resource template " + template.Name, template.Parameters, template.SecretParameters},
		{"target", target.Parameters, target.SecretParameters},
	} {
		parameters, err := saasfile.Parameters(level.parameters)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", level.name, err)
		}
		for _, parameter := range parameters {
			value := parameter.Value
			if !asWritten {
				value = adjusted(value)
			}
			made.values = made.values.Set(parameter.Key, value)
		}
		for _, parameter := range level.secrets {
			value, err := read(parameter.Secret)
			if err != nil {
				return nil, fmt.Errorf("%s: secret parameter %s: %w", level.name, parameter.Name, err)
			}
			made.values = made.values.Set(parameter.Name, value.Reveal())
		}
	}
	substitute(made.values)
	return made, nil
}

// adjusted is a value as OpenShift's templates take it.
func adjusted(value any) any {
	switch value := value.(type) {
	case bool:
		return fmt.Sprint(value)
	case []any, pyjson.Object:
		return pyjson.Default().Text(value)
	}
	return value
}

func substitute(values pyjson.Object) {
	for i := range values {
		value, isText := values[i].Value.(string)
		if !isText {
			continue
		}
		pattern := "${" + values[i].Key + "}"
		for j := range values {
			if text, isText := values[j].Value.(string); isText {
				values[j].Value = strings.ReplaceAll(text, pattern, value)
			}
		}
	}
}

// AddCommit adds COMMIT_SHA and IMAGE_TAG where they are not given: the commit, and its first characters, as many as length
// says, after the channel and a dash where the saas file wants it. It returns the image tag.
//
// Differs from the reference: the channel stands in the tag whether one saas file is deployed or several.
func (v *Values) AddCommit(commit string, length int, withChannel bool) (string, error) {
	if _, given := v.values.Get("COMMIT_SHA"); !given {
		v.values = v.values.Set("COMMIT_SHA", commit)
	}
	if tag, _ := v.values.Get("IMAGE_TAG"); !empty(tag) {
		return written(tag), nil
	}
	tag := commit[:min(length, len(commit))]
	if withChannel {
		channel, given := v.values.Get("CHANNEL")
		if !given {
			return "", apierr.Errorf(apierr.Invalid, "the parameter CHANNEL is missing, which use_channel_in_image_tag needs: add it, or remove the latter")
		}
		tag = written(channel) + "-" + tag
	}
	v.values = v.values.Set("IMAGE_TAG", tag)
	return tag, nil
}

// empty says whether a value counts as none, as Python has it.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case json.Number:
		zero, err := value.Float64()
		return err == nil && zero == 0
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	case pyjson.Object:
		return len(value) == 0
	}
	return false
}

// written is a value as text.
func written(value any) string {
	if text, isText := value.(string); isText {
		return text
	}
	return pyjson.Default().Text(value)
}

// The parameters whose values are looked up in the image's registry.
const (
	repoDigest  = "REPO_DIGEST"
	imageDigest = "IMAGE_DIGEST"
)

// DigestOf returns the image whose digest a template asks for: that of REGISTRY_IMG with the tag of AddCommit. Needed is
// false where none of the template's declared parameters asks, or all are given.
func (v *Values) DigestOf(declared []string, tag string) (image string, needed bool, err error) {
	if !v.lacks(declared, repoDigest) && !v.lacks(declared, imageDigest) {
		return "", false, nil
	}
	registry, given := v.values.Get("REGISTRY_IMG")
	if !given {
		return "", false, apierr.Errorf(apierr.Invalid, "the parameter REGISTRY_IMG is missing, which REPO_DIGEST and IMAGE_DIGEST need: add it")
	}
	return written(registry) + ":" + tag, true, nil
}

// AddDigest adds the digest, and the repository with it, to the declared parameters that ask for them.
func (v *Values) AddDigest(declared []string, repository, digest string) {
	if v.lacks(declared, repoDigest) {
		v.values = v.values.Set(repoDigest, repository+"@"+digest)
	}
	if v.lacks(declared, imageDigest) {
		v.values = v.values.Set(imageDigest, digest)
	}
}

func (v *Values) lacks(declared []string, name string) bool {
	_, given := v.values.Get(name)
	return !given && slices.Contains(declared, name)
}

// Page is where people see what the target deploys.
func Page(template *saasfile.Template, target *saasfile.Target) string {
	kind := "tree"
	if template.RendersWith() == saasfile.DefaultProvider {
		kind = "blob"
	}
	return template.Url + "/" + kind + "/" + target.Ref + template.Path
}
