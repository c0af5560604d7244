package trigger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

const sha = "3f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c"

func target(ref string) saasfile.Target {
	namespace := &saasfile.Namespace{Name: "shop-stage", Cluster: appinterface.Cluster{Name: "east"}}
	namespace.Environment.Name = "stage"
	return saasfile.Target{Ref: ref, Namespace: namespace}
}

// shop is a saas file with one target, deployed by Tekton.
func shop(one saasfile.Target) *saasfile.File {
	provider := &saasfile.Tekton{Provider: "tekton"}
	provider.Namespace.Name, provider.Namespace.Console.ConsoleUrl = "pipelines", "https://console"
	provider.Defaults.PipelineTemplates.OpenshiftSaasDeploy.Name = "deploy"
	return &saasfile.File{Name: "shop", Timeout: "2h", PipelinesProvider: provider, ResourceTemplates: []saasfile.Template{
		{Name: "api", Url: "https://github.com/acme/shop", Targets: []saasfile.Target{one}},
	}}
}

func decoded(t *testing.T, text string) pyjson.Object {
	value, err := pyjson.Decode([]byte(text))
	require.NoError(t, err)
	return value.(pyjson.Object)
}

func TestBuilds(t *testing.T) {
	one := target("master")
	one.Upstream = &saasfile.Upstream{Name: "build"}
	one.Upstream.Instance.Name, one.Upstream.Instance.ServerUrl = "ci", "https://ci"
	file := shop(one)
	for _, tc := range []struct {
		name, stored, build string
		want                trigger.Decision
	}{
		{"a newer success deploys", `{"number":2,"result":"SUCCESS"}`, `{"number":3,"result":"SUCCESS"}`, trigger.Fire},
		{"a lower number after the history was cleared does too", `{"number":9,"result":"SUCCESS"}`, `{"number":1,"result":"SUCCESS"}`, trigger.Fire},
		{"a failure does not", `{"number":2,"result":"SUCCESS"}`, `{"number":3,"result":"FAILURE"}`, trigger.Nothing},
		{"a build that runs does not", `{"number":2,"result":"SUCCESS"}`, `{"number":3,"result":null}`, trigger.Nothing},
		{"the same build does not, in whatever order its fields come", `{"result":"SUCCESS","number":2}`, `{"number":2,"result":"SUCCESS"}`, trigger.Nothing},
		{"nor does the same number with other fields", `{"number":2,"result":"FAILURE"}`, `{"number":2,"result":"SUCCESS"}`, trigger.Nothing},
		{"a first build is kept", ``, `{"number":2,"result":"FAILURE"}`, trigger.Store},
		{"null is nothing", `null`, `{"number":2,"result":"SUCCESS"}`, trigger.Store},
		{"a first build that runs is not kept", ``, `{"number":2,"result":null}`, trigger.Nothing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			template := &file.ResourceTemplates[0]
			watch, err := trigger.Job(file, template, &template.Targets[0], decoded(t, tc.build))
			require.NoError(t, err)
			require.Equal(t, "shop/api/east/shop-stage/stage/ci/build", watch.Key)
			got, err := watch.Decide([]byte(tc.stored))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	template := &file.ResourceTemplates[0]
	watch, err := trigger.Job(file, template, &template.Targets[0], decoded(t, `{"number":3,"commit_sha":"`+sha+`"}`))
	require.NoError(t, err)
	require.Equal(t, "https://github.com/acme/shop/commit/"+sha+" via https://ci/job/build/3", watch.Reason)
	require.Equal(t, `{"number": 3, "commit_sha": "`+sha+`"}`, watch.Text()) //nolint:testifylint // every character counts.
	watch, err = trigger.Job(file, template, &template.Targets[0], decoded(t, `{"number":3}`))
	require.NoError(t, err)
	require.Equal(t, "https://ci/job/build/3", watch.Reason)
	_, err = trigger.Job(file, template, &template.Targets[0], decoded(t, `{"result":"SUCCESS"}`))
	require.ErrorContains(t, err, "the last build of job build on ci has no number")
}

func TestCommitsAndImages(t *testing.T) {
	one := target("master")
	file := shop(one)
	template := &file.ResourceTemplates[0]
	for _, image := range []string{"worker", "api"} {
		pulled := saasfile.Image{Name: image}
		pulled.Org.Name, pulled.Org.Instance.Url = "acme", "quay.io"
		template.Targets[0].Images = append(template.Targets[0].Images, pulled)
	}
	commit := trigger.Commit(file, template, &template.Targets[0], sha)
	require.Equal(t, "shop/api/east/shop-stage/stage/master", commit.Key)
	require.Equal(t, `"`+sha+`"`, commit.Text())
	require.Equal(t, "https://github.com/acme/shop/commit/"+sha, commit.Reason)

	images := trigger.Images(file, template, &template.Targets[0], sha, 7)
	require.Equal(t, "shop/api/east/shop-stage/stage/quay.io/acme/api/quay.io/acme/worker", images.Key, "the order of the images does not matter")
	require.Equal(t, sha[:7], images.Value)
	require.Equal(t, "https://github.com/acme/shop/commit/"+sha+" build quay.io/acme/api:3f0a1b2, quay.io/acme/worker:3f0a1b2", images.Reason)
	longer := 40
	template.HashLength = &longer
	require.Equal(t, sha, trigger.Images(file, template, &template.Targets[0], sha, 7).Value)

	for stored, want := range map[string]trigger.Decision{
		`"3f0a1b2"`: trigger.Nothing, `"9e11223"`: trigger.Fire, `""`: trigger.Fire, ``: trigger.Store, `null`: trigger.Store,
	} {
		got, err := images.Decide([]byte(stored))
		require.NoError(t, err)
		require.Equal(t, want, got, stored)
	}
	_, err := images.Decide([]byte("nope"))
	require.ErrorContains(t, err, images.Key)
	require.True(t, apierr.Is(err, apierr.Invalid))

	yes := true
	disabled, built, pulling := target("master"), target("master"), template.Targets[0]
	disabled.Disable, built.Upstream = &yes, &saasfile.Upstream{}
	byCommit := target(sha)
	require.True(t, trigger.Moves(&one))
	for _, still := range []saasfile.Target{disabled, built, pulling, byCommit} {
		require.False(t, trigger.Moves(&still))
	}
}

func TestConfigs(t *testing.T) {
	yes, east, west := true, "east", "west"
	off, first, second, named := target("off"), target("first"), target("second"), target("named")
	off.Disable, off.Name, named.Name, first.Name, second.Name = &yes, &west, &east, nil, nil
	named.Promotion = &saasfile.Promotion{Auto: &yes}
	file := shop(named)
	file.ResourceTemplates[0].Targets = append(file.ResourceTemplates[0].Targets, off, first, second)
	watches, err := trigger.Configs(file, "https://app-interface/commit/1")
	require.NoError(t, err)
	require.Len(t, watches, 2)
	require.Equal(t, "shop/api/east/shop-stage/stage", watches[0].Key)
	require.Equal(t, "second", watches[0].Target.Ref, "of two targets with one key the last one counts")
	require.Equal(t, "https://app-interface/commit/1", watches[0].Reason)
	require.Equal(t, "shop/api/east/shop-stage/stage/east", watches[1].Key)
	require.Equal(t, "https://app-interface/commit/1 [auto-promotion]", watches[1].Reason)

	got, err := watches[0].Decide(nil)
	require.NoError(t, err)
	require.Equal(t, trigger.Fire, got, "configurations deploy at first sight")
	got, err = watches[0].Decide([]byte(watches[0].Text()))
	require.NoError(t, err)
	require.Equal(t, trigger.Nothing, got)

	listed := shop(target("master"))
	require.NoError(t, listed.Parameters.UnmarshalJSON([]byte(`["a"]`)))
	_, err = trigger.Configs(listed, "")
	require.ErrorContains(t, err, "parameters are no map")
}

func TestStarts(t *testing.T) {
	file := shop(target("master"))
	template := &file.ResourceTemplates[0]
	production := target("master")
	named := *production.Namespace
	named.Environment.Name = "production"
	production.Namespace = &named
	stage := trigger.Commit(file, template, &template.Targets[0], sha)
	again := stage
	again.Key, again.Reason = "other", "another reason"
	starts := trigger.Starts([]trigger.Watch{stage, trigger.Commit(file, template, &production, sha), again})
	require.Len(t, starts, 2)
	require.Equal(t, []trigger.Watch{stage, again}, starts[0].Watches, "targets of one environment are deployed together")
	run, err := starts[0].Run("moving", true)
	require.NoError(t, err)
	body, err := run.Object()
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": map[string]any{"generateName": "shop-stage-"},
		"spec": map[string]any{
			"pipelineRef": map[string]any{"name": "o-deploy-shop"}, "timeouts": map[string]any{"pipeline": "0", "tasks": "2h"},
			"params": []any{
				map[string]any{"name": "saas_file_name", "value": "shop"}, map[string]any{"name": "env_name", "value": "stage"},
				map[string]any{"name": "tkn_cluster_console_url", "value": "https://console"}, map[string]any{"name": "tkn_namespace_name", "value": "pipelines"},
				map[string]any{"name": "trigger_integration", "value": "moving"}, map[string]any{"name": "trigger_reason", "value": stage.Reason},
			},
		},
	}, body)
	run, err = starts[1].Run("moving", false)
	require.NoError(t, err)
	require.Equal(t, "production", run.Environment)
	require.Nil(t, run.Trace)

	file.Name = "a-name-that-is-so-long-that-no-pipeline-can-be-named-after-it"
	_, err = starts[0].Run("moving", false)
	require.True(t, apierr.Is(err, apierr.Invalid))
	file.PipelinesProvider = nil
	_, err = starts[0].Run("moving", false)
	require.ErrorContains(t, err, "not tekton")
}

func TestIDs(t *testing.T) {
	file := shop(target("master"))
	template := &file.ResourceTemplates[0]
	watch := trigger.Commit(file, template, &template.Targets[0], sha)
	other := trigger.Commit(file, template, &template.Targets[0], "9e11223344556677889900aabbccddeeff001122")
	first := watch.ID("")
	require.Len(t, first, 20)
	require.Equal(t, first, watch.ID(""), "it is the same for the same change")
	require.NotEqual(t, first, other.ID(""), "and another one for another value")
	require.NotEqual(t, first, watch.ID(other.ID(first)), "and for a value that comes back")
	elsewhere := watch
	elsewhere.Key = "elsewhere"
	require.NotEqual(t, first, elsewhere.ID(""))

	one := watch
	one.Value = decoded(t, `{"a":1,"b":2}`)
	two := watch
	two.Value = decoded(t, `{"b":2,"a":1}`)
	require.Equal(t, one.ID(""), two.ID(""), "the order of fields does not count")
}
