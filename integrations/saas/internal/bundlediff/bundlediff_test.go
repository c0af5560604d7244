package bundlediff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/bundlediff"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const shop = `{
	"path": "/services/shop.yml", "name": "shop", "app": {"name": "shop"},
	"pipelinesProvider": {"name": "ci", "provider": "tekton"},
	"deployResources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}},
	"managedResourceTypes": ["Deployment"], "imagePatterns": ["quay.io/acme"], "takeover": false,
	"parameters": "{\"A\": \"file\", \"FILE\": {\"x\": 1, \"y\": 2}}", "secretParameters": [{"name": "a", "secret": {"path": "file", "field": "f"}}],
	"resourceTemplates": [{
		"name": "api", "url": "https://github.com/acme/shop", "path": "/openshift/api.yml", "hash_length": 7,
		"parameters": "{\"A\": \"template\", \"TEMPLATE\": 1}", "secretParameters": [{"name": "t", "secret": {"path": "template", "field": "f"}}],
		"targets": [
			{"namespace": {"name": "shop-stage", "environment": {"name": "stage", "parameters": "{\"A\": \"env\", \"ENV\": \"e\"}",
				"secretParameters": [{"name": "a", "secret": {"path": "env", "field": "f"}}, {"name": "e", "secret": {"path": "env", "field": "f"}}]},
				"app": {"name": "shop"}, "cluster": {"name": "east"}},
			 "ref": "main", "upstream": {"instance": {"name": "ci", "serverUrl": "https://ci"}, "name": "build"}, "promotion": {"auto": false},
			 "parameters": "{\"A\": \"target\"}", "secretParameters": [{"name": "a", "secret": {"path": "target", "field": "f", "version": 1}}]},
			{"name": "canary", "namespace": {"name": "shop", "environment": {"name": "production"}, "app": {"name": "shop"}, "cluster": {"name": "west"}}, "ref": "one"},
			{"name": "rest", "namespace": {"name": "shop", "environment": {"name": "production"}, "app": {"name": "shop"}, "cluster": {"name": "west"}}, "ref": "two"}
		]
	}]
}`

// files are the saas file, with a text in it replaced.
func files(t *testing.T, replaced, by string) []saasfile.File {
	t.Helper()
	require.Contains(t, shop, replaced)
	file, err := saastest.File(t, []byte(strings.Replace(shop, replaced, by, 1)))
	require.NoError(t, err)
	return []saasfile.File{file}
}

var (
	stage      = bundlediff.Rollout{SaasFile: "shop", Environment: "stage"}
	production = bundlediff.Rollout{SaasFile: "shop", Environment: "production"}
)

func TestWhatDeploysTargetsInAnotherWay(t *testing.T) {
	all := []bundlediff.Rollout{production, stage}
	for _, tc := range []struct {
		name, replaced, by string
		affected           []bundlediff.Rollout
	}{
		{"nothing", "shop", "shop", nil},
		{"a ref", `"ref": "main"`, `"ref": "other"`, []bundlediff.Rollout{stage}},
		{"the ref of one of two targets", `"ref": "two"`, `"ref": "three"`, []bundlediff.Rollout{production}},
		{"a target's parameter", `\"target\"`, `\"other\"`, []bundlediff.Rollout{stage}},
		{"a target's parameter that is more", `{\"A\": \"target\"}`, `{\"A\": \"target\", \"B\": null}`, []bundlediff.Rollout{stage}},
		{"a parameter of the template", `\"TEMPLATE\": 1`, `\"TEMPLATE\": 2`, all},
		{"one of the saas file", `\"y\": 2`, `\"y\": 3`, all},
		{"the order of one", `\"x\": 1, \"y\": 2`, `\"y\": 2, \"x\": 1`, nil},
		{"one of the saas file, which the template's wins over", `\"A\": \"file\"`, `\"A\": \"other\"`, nil},
		{"one of the environment", `\"ENV\": \"e\"`, `\"ENV\": \"f\"`, []bundlediff.Rollout{stage}},
		{"one of the environment, which others win over", `\"A\": \"env\"`, `\"A\": \"other\"`, nil},
		{"a target's secret", `"version": 1`, `"version": 2`, []bundlediff.Rollout{stage}},
		{"the template's secret", `{"path": "template"`, `{"path": "other"`, all},
		{"the saas file's secret, which one target has another one for", `{"path": "file"`, `{"path": "other"`, []bundlediff.Rollout{production}},
		{"the environment's secret", `{"name": "e", "secret": {"path": "env"`, `{"name": "e", "secret": {"path": "other"`, []bundlediff.Rollout{stage}},
		{"managed types", `["Deployment"]`, `["Deployment", "Service"]`, all},
		{"image patterns", `["quay.io/acme"]`, `[]`, all},
		{"the channel in image tags", `"takeover": false`, `"use_channel_in_image_tag": true`, all},
		{"no channel in image tags, in other words", `"takeover": false`, `"use_channel_in_image_tag": false`, nil},
		{"resources of the rollout", `"cpu": "1"`, `"cpu": "3"`, all},
		{"the upstream job", `"name": "build"`, `"name": "other"`, []bundlediff.Rollout{stage}},
		{"a target that is disabled", `"ref": "main"`, `"ref": "main", "disable": true`, []bundlediff.Rollout{stage}},
		{"a target that is deleted", `"ref": "two"`, `"ref": "two", "delete": true`, []bundlediff.Rollout{production}},
		{"a target's path", `"ref": "main"`, `"ref": "main", "path": "/targets/stage.yml"`, []bundlediff.Rollout{stage}},
		{"a target's images", `"ref": "one"`, `"ref": "one", "images": [{"name": "api", "org": {"name": "acme", "instance": {"url": "quay.io"}}}]`, []bundlediff.Rollout{production}},
		{"a target's name", `"canary"`, `"first"`, []bundlediff.Rollout{production}},
		{"the repository", `"https://github.com/acme/shop"`, `"https://github.com/acme/store"`, all},
		{"the template's path", `/openshift/api.yml`, `/openshift/shop.yml`, all},
		{"the template's provider", `"hash_length": 7`, `"hash_length": 7, "provider": "helm"`, all},
		{"the template's provider, in other words", `"hash_length": 7`, `"hash_length": 7, "provider": "openshift-template"`, nil},
		{"the length of hashes", `"hash_length": 7`, `"hash_length": 8`, all},
		{"the template's name", `"name": "api"`, `"name": "server"`, all},
		{"the place of the datafile", `/services/shop.yml`, `/services/store/shop.yml`, all},
		{"the namespace", `"name": "shop-stage"`, `"name": "shop-dev"`, []bundlediff.Rollout{stage}},
		{"the cluster", `"name": "east"`, `"name": "north"`, []bundlediff.Rollout{stage}},
		{"the environment", `"name": "stage"`, `"name": "dev"`, []bundlediff.Rollout{{SaasFile: "shop", Environment: "dev"}}},
		{"a promotion", `"auto": false`, `"auto": true`, nil},
		{"what is about the saas file alone", `"takeover": false`, `"takeover": true`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			affected, err := bundlediff.Affected(files(t, "shop", "shop"), files(t, tc.replaced, tc.by))
			require.NoError(t, err)
			require.Equal(t, tc.affected, affected)
		})
	}
	head := files(t, "shop", "shop")
	affected, err := bundlediff.Affected(nil, head)
	require.NoError(t, err)
	require.Equal(t, all, affected, "a new saas file")
	affected, err = bundlediff.Affected(head, nil)
	require.NoError(t, err)
	require.Empty(t, affected, "one that is gone")
}

func TestParametersThatCannotBeReadStopNoOtherTarget(t *testing.T) {
	sound := files(t, "shop", "shop")
	broken := files(t, `"{\"A\": \"env\", \"ENV\": \"e\"}"`, `"[1]"`)
	affected, err := bundlediff.Affected(nil, broken)
	require.ErrorContains(t, err, "saas file shop, resource template api: parameters are no map")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.Equal(t, []bundlediff.Rollout{production}, affected)
	affected, err = bundlediff.Affected(broken, sound)
	require.NoError(t, err)
	require.Equal(t, []bundlediff.Rollout{stage}, affected)
}

func TestRefsThatDifferAreCompared(t *testing.T) {
	const path = "data/services/shop.yml"
	for _, tc := range []struct {
		name, replaced, by string
		changed            []string
		want               []string
	}{
		{"a ref", `"ref": "main"`, `"ref": "other"`, []string{"docs/README.md", path}, []string{"https://github.com/acme/shop/compare/main...other"}},
		{"one of two targets of a namespace", `"ref": "two"`, `"ref": "three"`, []string{path}, []string{"https://github.com/acme/shop/compare/two...three"}},
		{"one that another merge request changed", `"ref": "main"`, `"ref": "other"`, []string{"data/services/other.yml"}, nil},
		{"nothing", "shop", "shop", []string{path}, nil},
		{"a parameter", `\"target\"`, `\"other\"`, []string{path}, nil},
		{"another environment", `"name": "stage"`, `"name": "dev"`, []string{path}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, bundlediff.Comparisons(files(t, "shop", "shop"), files(t, tc.replaced, tc.by), tc.changed))
		})
	}
	require.Equal(t, "Diffs:\n- https://a/compare/b...c\n- https://a/compare/d...e", bundlediff.Comment([]string{"https://a/compare/b...c", "https://a/compare/d...e"}))
	require.Empty(t, bundlediff.Comment(nil))
}
