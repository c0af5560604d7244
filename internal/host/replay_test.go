package host_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

// record makes the test of replays write the histories that it replays.
var record = flag.Bool("record", false, "record the histories in testdata/replay anew")

const recordings = "testdata/replay"

// scenario is a run whose histories are recorded.
type scenario struct {
	widgets *widgets
	// before is what is there.
	before map[string][]widget
	dry    bool
	// decide is what a person does about held changes, or nobody in time.
	decide func(t *testing.T, i installation)
	// workflows are the IDs whose histories are kept, by the name that the file gets besides the scenario's.
	workflows map[string]string
}

func scenarios() map[string]scenario {
	whole := map[string]string{"run": name}
	approval := workflows.ApprovalID(name, "", "")
	asked := map[string]string{"run": name, "approval": approval}
	send := func(message string) func(*testing.T, installation) {
		return func(t *testing.T, i installation) {
			t.Helper()
			handle, err := i.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
				WorkflowID: approval, UpdateName: message, Args: []any{workflows.Decision{By: "ann", Comment: "agreed"}},
				WaitForStage: client.WorkflowUpdateStageCompleted,
			})
			require.NoError(t, err)
			require.NoError(t, handle.Get(t.Context(), nil))
		}
	}
	many := func() (there []widget) {
		for n := range 12 {
			there = append(there, widget{Name: fmt.Sprintf("unwanted-%02d", n)})
		}
		return there
	}
	return map[string]scenario{
		"clean":   {widgets: &widgets{refuses: -1}, workflows: whole},
		"dry-run": {widgets: &widgets{count: 3, refuses: -1}, dry: true, workflows: whole},
		"batch":   {widgets: &widgets{count: 60, refuses: 7}, workflows: whole},
		"applied-scopes": {
			widgets: &widgets{count: 2, refuses: -1, scopes: []string{"prod-1", "prod-2", "prod-3"}},
			before:  map[string][]widget{"prod-2": {{Name: "unwanted"}}},
			workflows: map[string]string{
				"run": name, "created": workflows.RunID(name, "prod-1"), "deleted": workflows.RunID(name, "prod-2"),
			},
		},
		"failed-scope": {
			widgets: &widgets{
				count: 1, refuses: -1, scopes: []string{"prod-1", "prod-2"},
				breaks: map[string]error{"prod-2": apierr.Errorf(apierr.Denied, "no access")},
			},
			workflows: map[string]string{"run": name, "scope": workflows.RunID(name, "prod-2")},
		},
		"approved": {
			widgets: &widgets{refuses: -1}, before: map[string][]widget{"": many()}, decide: send(workflows.ApproveMessage),
			workflows: map[string]string{"run": name, "approval": approval, "approved-run": approval + "/run"},
		},
		"rejected": {widgets: &widgets{refuses: -1}, before: map[string][]widget{"": many()}, decide: send(workflows.RejectMessage), workflows: asked},
		"expired":  {widgets: &widgets{refuses: -1}, before: map[string][]widget{"": many()}, decide: func(*testing.T, installation) {}, workflows: asked},
	}
}

// play runs a scenario on a server and returns its histories by the name of their file.
func (s scenario) play(t *testing.T, scenario string) map[string]*history.History {
	t.Helper()
	i := install(t, s.widgets, "", func(o *host.Options) {
		if scenario == "expired" {
			o.ApprovalDeadline = time.Second
		}
	})
	maps.Copy(s.widgets.made, s.before)
	started, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name}, name, workflows.Input{DryRun: s.dry})
	require.NoError(t, err)
	_ = started.Get(t.Context(), nil)
	if s.decide != nil {
		s.decide(t, i)
		require.NoError(t, i.GetWorkflow(t.Context(), workflows.ApprovalID(name, "", ""), "").Get(t.Context(), nil))
	}
	played := map[string]*history.History{}
	for file, id := range s.workflows {
		h := &history.History{Events: i.history(t, id)}
		anonymise(h)
		played[scenario+"-"+file+".json.gz"] = h
	}
	require.Zero(t, i.objects(t), "a replay has no store of payloads")
	return played
}

// anonymise takes the names of machines and processes out of a history.
func anonymise(h *history.History) {
	for _, event := range h.GetEvents() {
		if task := event.GetWorkflowTaskScheduledEventAttributes(); task.GetTaskQueue().GetKind() == enums.TASK_QUEUE_KIND_STICKY {
			task.GetTaskQueue().Name = "sticky"
		}
	}
}

func TestHistoriesReplay(t *testing.T) {
	if *record {
		stale, err := filepath.Glob(filepath.Join(recordings, "*.json.gz"))
		require.NoError(t, err)
		for _, file := range stale {
			require.NoError(t, os.Remove(file))
		}
		require.NoError(t, os.MkdirAll(recordings, 0o755))
		for name, s := range scenarios() {
			t.Run("record "+name, func(t *testing.T) {
				for file, h := range s.play(t, name) {
					write(t, filepath.Join(recordings, file), h)
				}
			})
		}
		recordEpisodes(t)
	}
	files, err := filepath.Glob(filepath.Join(recordings, "*.json.gz"))
	require.NoError(t, err)
	var expected []string
	for name, s := range scenarios() {
		for file := range s.workflows {
			expected = append(expected, filepath.Join(recordings, name+"-"+file+".json.gz"))
		}
	}
	long := map[string]episode{}
	for name, e := range episodes() {
		for _, run := range e.runs {
			file := filepath.Join(recordings, name+"-"+run+".json.gz")
			expected, long[file] = append(expected, file), e
		}
	}
	require.ElementsMatch(t, expected, files, "record them with make histories")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			h := read(t, file)
			err := replay(t, h, &widgets{}, host.Options{})
			if e, is := long[file]; is {
				err = replay(t, h, newOrders(), e.options())
			}
			require.NoError(t, err, "a change of a workflow that may be running needs workflow.GetVersion")
		})
	}
}

func TestAReplayFindsAnotherWorkflow(t *testing.T) {
	h := read(t, filepath.Join(recordings, "applied-scopes-created.json.gz"))
	h.Events = slices.DeleteFunc(h.Events, func(event *history.HistoryEvent) bool {
		scheduled := event.GetActivityTaskScheduledEventAttributes()
		if strings.HasSuffix(scheduled.GetActivityType().GetName(), "/current") {
			scheduled.ActivityType.Name = name + "/check"
		}
		return false
	})
	require.ErrorContains(t, replay(t, h, &widgets{}, host.Options{}), "nondetermin")
}

func TestRecordingsAreSmallAndSayNothingOfTheirMachine(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings, "*.json.gz"))
	require.NoError(t, err)
	scopes, err := filepath.Glob(filepath.Join(scopeRecordings("*"), "*.json.gz"))
	require.NoError(t, err)
	files = append(files, scopes...)
	host, err := os.Hostname()
	require.NoError(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(16<<10), file)
		text, err := protojson.Marshal(read(t, file))
		require.NoError(t, err)
		for _, private := range []string{os.TempDir(), "@" + host, host + ":", "/home/", "/root/"} {
			require.NotContains(t, string(text), private, file)
		}
	}
}

// replay runs the workflows of today on a history. The options are those that it was recorded with.
func replay(t *testing.T, h *history.History, r integration, o host.Options) error {
	t.Helper()
	payloads := pipeline(t)
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: payloads.Converter,
		FailureConverter: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: payloads.Converter,
		}),
	})
	require.NoError(t, err)
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "test", Integrations: []reconcile.Definition{r.definition()}})
	require.NoError(t, err)
	for _, d := range registry.All() {
		o.Register(replayer, d)
	}
	original := h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return replayer.ReplayWorkflowHistoryWithOptions(nil, h, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: original.GetWorkflowId(), RunID: original.GetOriginalExecutionRunId()},
	})
}

// pipeline reads payloads as they are in the recordings: compressed, and none of them in a store.
func pipeline(t *testing.T) *payload.Pipeline {
	t.Helper()
	payloads, err := payload.Open(t.Context(), payload.Options{Store: payload.Folder(t.TempDir())})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, payloads.Close()) })
	return payloads
}

func write(t *testing.T, file string, h *history.History) {
	t.Helper()
	text, err := protojson.Marshal(h)
	require.NoError(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(file, packed.Bytes(), 0o644))
}

func read(t *testing.T, file string) *history.History {
	t.Helper()
	packed, err := os.ReadFile(file)
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	h, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	require.NoError(t, err)
	return h
}
