package tekton

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/vectors"
)

type input struct {
	Kind        string  `json:"kind"`
	SaasFile    string  `json:"saas_file"`
	Environment string  `json:"environment"`
	Template    string  `json:"template"`
	Pipeline    string  `json:"pipeline"`
	Timeout     string  `json:"timeout"`
	ConsoleURL  string  `json:"console_url"`
	Namespace   string  `json:"namespace"`
	Integration string  `json:"integration"`
	WithTrace   bool    `json:"include_trigger_trace"`
	Reason      *string `json:"reason"`
	Of          string  `json:"saas_file_name"`
	In          string  `json:"env_name"`
}

// answer is what a kind of vector asks for, as the vectors write it.
func answer(given input) (any, error) {
	named := func(name string, err error) (any, error) { return map[string]any{"name": name}, err }
	switch given.Kind {
	case "tekton-namespace-object-name":
		return named(ObjectName(given.Template))
	case "tekton-task-name":
		return named(TaskName(given.Template, given.SaasFile))
	case "tekton-pipeline-name":
		return named(PipelineName(given.Template, given.SaasFile))
	case "saas-env-name":
		short, long := RunName(given.SaasFile, given.Environment)
		return map[string]any{"short": short, "long": long}, nil
	case "pipelinerun":
		run := Run{SaasFile: given.Of, Environment: given.In, Pipeline: given.Pipeline, ConsoleURL: given.ConsoleURL, Namespace: given.Namespace, Timeout: given.Timeout}
		if given.WithTrace {
			run.Trace = &Trace{Integration: given.Integration}
			if given.Reason != nil {
				run.Trace.Reason = *given.Reason
			}
		}
		short, long := RunName(given.Of, given.In)
		body, err := run.Object()
		return map[string]any{"body": body, "name": strings.ToLower(short), "dedup_key": strings.ToLower(long)}, err
	}
	return nil, nil
}

func TestVectors(t *testing.T) {
	for set, kinds := range map[string]int{"small-utilities": 4, "saas-target": 1} {
		seen := map[string]bool{}
		vectors.Each(t, set, nil, func(t require.TestingT, v vectors.Vector) {
			var kind struct{ Kind string }
			require.NoError(t, json.Unmarshal(v.Input, &kind))
			if got, err := answer(input{Kind: kind.Kind}); got == nil && err == nil {
				return
			}
			seen[kind.Kind] = true
			var given input
			require.NoError(t, json.Unmarshal(v.Input, &given))
			got, err := answer(given)
			if v.Fails() {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			text, err := json.Marshal(got)
			require.NoError(t, err)
			require.JSONEq(t, string(v.Output), string(text))
		})
		require.Len(t, seen, kinds)
	}
}

func TestARunTellsWhatTriggeredIt(t *testing.T) {
	body, err := Run{SaasFile: "shop", Environment: "Stage", Trace: &Trace{Integration: "images", Reason: "because"}}.Object()
	require.NoError(t, err)
	params := body["spec"].(map[string]any)["params"]
	require.Contains(t, params, param("trigger_integration", "images"))
	require.Contains(t, params, param("trigger_reason", "because"))
	require.Equal(t, map[string]any{"generateName": "shop-stage-"}, body["metadata"])
}
