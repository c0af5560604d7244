package trigger_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

type input struct {
	Kind       string                                  `json:"kind"`
	Trigger    string                                  `json:"trigger"`
	SaasFile   json.RawMessage                         `json:"saas_file"`
	Stored     map[string]json.RawMessage              `json:"stored_state"`
	Commits    map[string]string                       `json:"commits"`
	Jobs       map[string]map[string][]json.RawMessage `json:"jenkins_jobs"`
	Images     []string                                `json:"existing_images"`
	HashLength int                                     `json:"default_hash_length"`
	WithTrace  bool                                    `json:"include_trigger_trace"`
	DryRun     bool                                    `json:"dry_run"`
}

func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	vectors.Each(t, "saas-target", map[string]string{
		"st-trg-upstream-jobs-instance-unknown": "a job on a Jenkins that is not known has no builds; the reference ends with a crash",
		"st-trg-container-images-ref-unknown":   "a ref that does not resolve is an error, as it is for moving commits; the reference only logs it",
	}, func(t require.TestingT, v vectors.Vector) {
		var given input
		var kind struct{ Kind string }
		require.NoError(t, json.Unmarshal(v.Input, &kind))
		if kind.Kind != "trigger" {
			return
		}
		require.NoError(t, json.Unmarshal(v.Input, &given))
		seen[given.Trigger] = true
		file, err := saastest.File(t, given.SaasFile)
		require.NoError(t, err)
		got := answer(t, given, &file)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(v.Output), string(text))
	})
	require.Len(t, seen, 4)
}

// answer is what a pass of the trigger does, as the vectors write it.
func answer(t require.TestingT, given input, file *saasfile.File) any {
	triggers, writes := []any{}, []any{}
	watches, failed := watched(t, given, file)
	for _, watch := range watches {
		decision, err := watch.Decide(given.Stored[watch.Key])
		require.NoError(t, err)
		switch decision {
		case trigger.Fire:
			var reason any
			if given.WithTrace {
				reason = watch.Reason
			}
			triggers = append(triggers, map[string]any{
				"state_key": watch.Key, "state_content": json.RawMessage(watch.Text()), "env": watch.Target.Namespace.Environment.Name, "reason": reason,
			})
		case trigger.Store:
			if !given.DryRun {
				writes = append(writes, []any{watch.Key, json.RawMessage(watch.Text())})
			}
		}
	}
	return map[string]any{"triggers": triggers, "state_writes": writes, "error_registered": failed}
}

func watched(t require.TestingT, given input, file *saasfile.File) (watches []trigger.Watch, failed bool) {
	if given.Trigger == "configs" {
		watches, err := trigger.Configs(file, "https://gitlab.example.com/app-interface/commit/1")
		require.NoError(t, err)
		return watches, false
	}
	for template, target := range file.Targets() {
		commit, known := given.Commits[template.Url+"@"+target.Ref]
		if saasfile.IsCommit(target.Ref) {
			commit, known = target.Ref, true
		}
		switch {
		case given.Trigger == "upstream-jobs" && target.Upstream != nil:
			history := given.Jobs[target.Upstream.Instance.Name][target.Upstream.Name]
			if len(history) == 0 {
				continue
			}
			build, err := pyjson.Decode(history[0])
			require.NoError(t, err)
			watch, err := trigger.Job(file, template, target, build.(pyjson.Object))
			require.NoError(t, err)
			watches = append(watches, watch)
		case given.Trigger == "moving-commits" && trigger.Moves(target) && known:
			watches = append(watches, trigger.Commit(file, template, target, commit))
		case given.Trigger == "container-images" && len(target.Images) > 0 && known:
			watch := trigger.Images(file, template, target, commit, given.HashLength)
			if there(given.Images, file.ImagePatterns, trigger.Pull(target, watch.Value.(string))) {
				watches = append(watches, watch)
			}
		case given.Trigger == "moving-commits" && trigger.Moves(target), given.Trigger == "container-images" && len(target.Images) > 0:
			failed = true
		}
	}
	return watches, failed
}

func there(existing, patterns, images []string) bool {
	for _, image := range images {
		found := false
		for _, one := range existing {
			found = found || one == image
		}
		if !found || !deployment.Allowed(image, patterns) {
			return false
		}
	}
	return true
}
