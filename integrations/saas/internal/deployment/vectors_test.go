package deployment_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

type input struct {
	Kind          string            `json:"kind"`
	SaasFile      json.RawMessage   `json:"saas_file"`
	Secrets       map[string]string `json:"secrets"`
	Template      declaration       `json:"template"`
	HashLength    int               `json:"default_hash_length"`
	Commit        string            `json:"commit"`
	Digests       map[string]string `json:"registry_digests"`
	Resource      map[string]any    `json:"resource"`
	Image         string            `json:"image"`
	ImagePatterns []string          `json:"image_patterns"`
	Auth          auth              `json:"auth"`
}

type declaration struct {
	Parameters []struct {
		Name string `json:"name"`
	} `json:"parameters"`
}

type auth struct {
	Username     *string         `json:"username"`
	Password     *string         `json:"password"`
	Server       *string         `json:"auth_server"`
	DockerConfig json.RawMessage `json:"docker_config,omitempty"`
}

func TestVectors(t *testing.T) {
	checks := map[string]func(require.TestingT, input) (any, error){
		"parameters":     parameters,
		"config":         configs,
		"collect-images": images,
		"image-auth":     login,
	}
	seen := map[string]bool{}
	vectors.Each(t, "saas-target", map[string]string{
		"st-img-spec-null": "a resource without spec has no images; the reference ends with a crash",
	}, func(t require.TestingT, v vectors.Vector) {
		var given input
		require.NoError(t, vectors.Decode(v.Input, &given))
		check, ours := checks[given.Kind]
		if !ours {
			return
		}
		seen[given.Kind] = true
		got, err := check(t, given)
		if v.Fails() {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(v.Output), string(text))
	})
	require.Len(t, seen, len(checks))
}

func parameters(t require.TestingT, given input) (any, error) {
	file, err := saastest.File(t, given.SaasFile)
	if err != nil {
		return nil, err
	}
	read := func(ref secret.Ref) (secret.Value, error) {
		value, there := given.Secrets[ref.String()]
		if !there {
			return secret.Value{}, apierr.Errorf(apierr.Missing, "no secret %s", ref)
		}
		return secret.New(value), nil
	}
	hashes, err := deployment.Configs(&file)
	require.NoError(t, err)
	var declared []string
	for _, parameter := range given.Template.Parameters {
		declared = append(declared, parameter.Name)
	}
	var targets []any
	for template, target := range file.Targets() {
		if target.Disabled() {
			continue
		}
		values, err := effective(given, &file, template, target, declared, read)
		if err != nil {
			return nil, err
		}
		targets = append(targets, map[string]any{
			"target": target.Name, "namespace": target.Namespace.Name, "parameters": plain(values.Reveal()),
			"target_config_hash": deployment.Hash(hashes[deployment.Key(&file, template, target)]),
			"html_url":           deployment.Page(template, target),
		})
	}
	return map[string]any{"targets": targets}, nil
}

func effective(given input, file *saasfile.File, template *saasfile.Template, target *saasfile.Target, declared []string, read func(secret.Ref) (secret.Value, error)) (*deployment.Values, error) {
	helm := template.RendersWith() == "helm"
	values, err := deployment.Collect(file, template, target, helm, read)
	if err != nil || helm {
		return values, err
	}
	tag, err := values.AddCommit(given.Commit, template.ShortHash(given.HashLength), file.UseChannelInImageTag != nil && *file.UseChannelInImageTag)
	if err != nil {
		return nil, err
	}
	image, needed, err := values.DigestOf(declared, tag)
	if err != nil || !needed {
		return values, err
	}
	digest, there := given.Digests[image]
	if !there || !deployment.Allowed(image, file.ImagePatterns) {
		return nil, fmt.Errorf("no image %s", image)
	}
	registry, _ := values.Reveal().Get("REGISTRY_IMG")
	values.AddDigest(declared, registry.(string), digest)
	return values, nil
}

func configs(t require.TestingT, given input) (any, error) {
	file, err := saastest.File(t, given.SaasFile)
	if err != nil {
		return nil, err
	}
	all, err := deployment.Configs(&file)
	if err != nil {
		return nil, err
	}
	uids, written := map[string]string{}, map[string]bool{}
	var listed []any
	for template, target := range file.Targets() {
		name := "None"
		if target.Name != nil {
			name = *target.Name
		}
		uids[fmt.Sprintf("%s|%s|%s|%s", template.Name, target.Namespace.Cluster.Name, target.Namespace.Name, name)] = target.UID(file.Name, template.Name)
		key := deployment.Key(&file, template, target)
		if !written[key] {
			listed = append(listed, map[string]any{"state_key": key, "target_config_hash": deployment.Hash(all[key]), "state_content": plain(all[key])})
		}
		written[key] = true
	}
	return map[string]any{"configs": listed, "target_uids": uids}, nil
}

func images(_ require.TestingT, given input) (any, error) {
	found := deployment.Images(given.Resource)
	if found == nil {
		found = []string{}
	}
	return map[string]any{"images": found}, nil
}

func login(t require.TestingT, given input) (any, error) {
	if !deployment.Allowed(given.Image, given.ImagePatterns) {
		return map[string]any{"checked": false}, nil
	}
	fields := map[string]secret.Value{}
	for name, value := range map[string]*string{"user": given.Auth.Username, "token": given.Auth.Password, "url": given.Auth.Server} {
		if value != nil {
			fields[name] = secret.New(*value)
		}
	}
	if given.Auth.DockerConfig != nil {
		fields[".dockerconfigjson"] = secret.New(string(given.Auth.DockerConfig))
	}
	var credentials deployment.Credentials
	if len(fields) > 0 {
		var err error
		credentials, err = deployment.ReadCredentials(fields)
		require.NoError(t, err)
	}
	used := credentials.For(given.Image)
	return map[string]any{"checked": true, "credentials": auth{Username: text(used.User), Password: text(used.Password), Server: text(secret.New(used.Server))}}, nil
}

func text(value secret.Value) *string {
	if value.Reveal() == "" {
		return nil
	}
	clear := value.Reveal()
	return &clear
}

func plain(object pyjson.Object) json.RawMessage {
	return json.RawMessage(pyjson.Compact().Text(object))
}
