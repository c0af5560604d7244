package leaktest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// careless is a program that lets a secret out in one way.
type careless struct {
	name string
	// workflow and activity take part in each run; they may be nil.
	workflow func(ctx workflow.Context) error
	activity func(ctx context.Context) error
	// start changes how the workflow is started, and after is called while it runs.
	start func(*client.StartWorkflowOptions)
	after func(t *testing.T, c client.Client, run client.WorkflowRun)
	// found is how the place is named.
	found string
}

// run runs the program to its end, whatever that is.
func (p careless) run(t *testing.T, c *connect.Connection) {
	t.Helper()
	w := worker.New(c.Client, p.name, worker.Options{})
	w.RegisterActivityWithOptions(func(ctx context.Context) error {
		if p.activity == nil {
			return nil
		}
		return p.activity(ctx)
	}, activity.RegisterOptions{Name: "act"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		if p.workflow != nil {
			if err := p.workflow(ctx); err != nil {
				return err
			}
		}
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: 10 * time.Second, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
		})
		return workflow.ExecuteActivity(ctx, "act").Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "flow"})
	require.NoError(t, w.Start())
	defer w.Stop()
	options := client.StartWorkflowOptions{ID: p.name, TaskQueue: p.name}
	if p.start != nil {
		p.start(&options)
	}
	started, err := c.ExecuteWorkflow(t.Context(), options, "flow")
	require.NoError(t, err)
	if p.after != nil {
		p.after(t, c.Client, started)
	}
	_ = started.Get(t.Context(), nil)
}

func programs(planted string) []careless {
	wait := func(ctx workflow.Context) error {
		workflow.GetSignalChannel(ctx, "go").Receive(ctx, nil)
		return nil
	}
	release := func(t *testing.T, c client.Client, run client.WorkflowRun) {
		t.Helper()
		require.NoError(t, c.SignalWorkflow(t.Context(), run.GetID(), "", "go", nil))
	}
	return []careless{
		{
			name: "the failure of a step", found: "RespondActivityTaskFailed, in clear",
			activity: func(context.Context) error { return errors.New("cannot log in with " + planted) },
		},
		{
			name: "the details of a failure", found: "RespondActivityTaskFailed, in clear",
			activity: func(context.Context) error {
				return temporal.NewApplicationErrorWithOptions("failed", "", temporal.ApplicationErrorOptions{Details: []any{map[string]string{"stack": planted}}})
			},
		},
		{
			name: "a heartbeat", found: "RecordActivityTaskHeartbeat, in clear",
			activity: func(ctx context.Context) error {
				activity.RecordHeartbeat(ctx, map[string]string{"token": planted})
				return nil
			},
		},
		{
			name: "bytes in a heartbeat", found: "RecordActivityTaskHeartbeat, in base64",
			activity: func(ctx context.Context) error {
				activity.RecordHeartbeat(ctx, map[string][]byte{"token": []byte(planted)})
				return nil
			},
		},
		{
			name: "an event of the workflow", found: "RespondWorkflowTaskCompleted, in clear",
			workflow: func(ctx workflow.Context) error {
				return workflow.SideEffect(ctx, func(workflow.Context) any { return planted }).Get(new(string))
			},
		},
		{
			name: "a payload that is compressed", found: "a payload of the call RespondWorkflowTaskCompleted, in clear",
			workflow: func(ctx workflow.Context) error {
				return workflow.SideEffect(ctx, func(workflow.Context) any { return planted + strings.Repeat("a", 4<<10) }).Get(new(string))
			},
		},
		{
			name: "the memo", found: "StartWorkflowExecution, in clear",
			start: func(o *client.StartWorkflowOptions) { o.Memo = map[string]any{"token": planted} },
		},
		{
			name: "a memo that is added", found: "RespondWorkflowTaskCompleted, in clear",
			workflow: func(ctx workflow.Context) error {
				return workflow.UpsertMemo(ctx, map[string]any{"token": planted})
			},
		},
		{
			name: "a search attribute", found: "RespondWorkflowTaskCompleted, in clear",
			workflow: func(ctx workflow.Context) error {
				return workflow.UpsertTypedSearchAttributes(ctx, temporal.NewSearchAttributeKeyKeyword("Scope").ValueSet(planted))
			},
		},
		{
			name: "the summary", found: "StartWorkflowExecution, in clear",
			start: func(o *client.StartWorkflowOptions) { o.StaticSummary = "with " + planted },
		},
		{
			name: "the current details", found: "the answer of QueryWorkflow, in clear",
			workflow: func(ctx workflow.Context) error {
				workflow.SetCurrentDetails(ctx, "with "+planted)
				return wait(ctx)
			},
			after: func(t *testing.T, c client.Client, run client.WorkflowRun) {
				t.Helper()
				_, err := c.QueryWorkflow(t.Context(), run.GetID(), "", "__temporal_workflow_metadata")
				require.NoError(t, err)
				release(t, c, run)
			},
		},
		{
			name: "the answer of a query", found: "the answer of QueryWorkflow, in clear",
			workflow: func(ctx workflow.Context) error {
				if err := workflow.SetQueryHandler(ctx, "q", func() (string, error) { return planted, nil }); err != nil {
					return err
				}
				return wait(ctx)
			},
			after: func(t *testing.T, c client.Client, run client.WorkflowRun) {
				t.Helper()
				_, err := c.QueryWorkflow(t.Context(), run.GetID(), "", "q")
				require.NoError(t, err)
				release(t, c, run)
			},
		},
		{
			name: "an update", found: "UpdateWorkflowExecution, in clear",
			workflow: func(ctx workflow.Context) error {
				if err := workflow.SetUpdateHandler(ctx, "u", func(workflow.Context, string) error { return nil }); err != nil {
					return err
				}
				return wait(ctx)
			},
			after: func(t *testing.T, c client.Client, run client.WorkflowRun) {
				t.Helper()
				handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
					WorkflowID: run.GetID(), UpdateName: "u", Args: []any{planted}, WaitForStage: client.WorkflowUpdateStageCompleted,
				})
				require.NoError(t, err)
				require.NoError(t, handle.Get(t.Context(), nil))
				release(t, c, run)
			},
		},
		{
			name: "the log of a step", found: "a log, in the line",
			activity: func(ctx context.Context) error {
				activity.GetLogger(ctx).Debug("logging in", "header", base64.StdEncoding.EncodeToString([]byte("bot:"+planted)))
				return nil
			},
		},
		{
			name: "an attribute of a span", found: "the attribute token of the span RunActivity:act, in clear",
			activity: func(ctx context.Context) error {
				trace.SpanFromContext(ctx).SetAttributes(attribute.String("token", planted))
				return nil
			},
		},
		{
			name: "the error of a span", found: "the status of the span RunActivity:act, in clear",
			activity: func(context.Context) error { return errors.New("cannot log in with " + planted) },
		},
		{
			name: "a metric's label", found: "the metric's label user, in clear",
			activity: func(ctx context.Context) error {
				activity.GetMetricsHandler(ctx).WithTags(map[string]string{"user": planted}).Counter("logins").Inc(1)
				return nil
			},
		},
	}
}

func TestEveryWayOutIsWatched(t *testing.T) {
	server := serverstest.OwnTemporal(t)
	planted := leak.Plant("token")
	for form, keys := range map[string]string{"in clear": "", "encrypted": "env:KEYS_OF_TEST"} {
		for _, p := range programs(planted) {
			t.Run(p.name+" "+form, func(t *testing.T) {
				t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
				w := &leaktest.Watch{}
				c := w.Connect(t, connect.Options{
					Address: server.HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir()), Keys: keys},
				})
				p.name += form
				p.run(t, c)
				require.Contains(t, strings.Join(w.Found(), "\n"), p.found)
				for _, found := range w.Found() {
					require.NotContains(t, found, planted)
				}
			})
		}
	}
}

func TestHistoriesAndTheStoreAreLookedThrough(t *testing.T) {
	server := serverstest.OwnTemporal(t)
	folder := payload.Folder(t.TempDir())
	planted := leak.Plant("token")
	leaky := careless{name: "careless", workflow: func(ctx workflow.Context) error {
		large := make([]string, 0, 2000)
		for range cap(large) {
			large = append(large, leak.Plant("token"))
		}
		if err := workflow.SideEffect(ctx, func(workflow.Context) any { return large }).Get(new([]string)); err != nil {
			return err
		}
		return fmt.Errorf("cannot log in with %s", planted)
	}}
	options := connect.Options{Address: server.HostPort, Payloads: payload.Options{Store: folder}}
	unwatched, err := connect.Local(t.Context(), options)
	require.NoError(t, err)
	leaky.run(t, unwatched)
	unwatched.Close()

	w := &leaktest.Watch{}
	c := w.Connect(t, options)
	require.Empty(t, w.Found())
	require.NoError(t, w.Namespace(t.Context(), c))
	require.Contains(t, w.Found(), "the answer of GetWorkflowExecutionHistory, in clear")
	require.NotContains(t, w.Found(), "the store of payloads, in clear")
	require.NoError(t, w.Store(c.Payloads))
	require.Contains(t, w.Found(), "the store of payloads, in clear")
}

func TestWhatCannotBeReadIsReported(t *testing.T) {
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	server := serverstest.OwnTemporal(t)
	folder := payload.Folder(t.TempDir())
	sealed, err := connect.Local(t.Context(), connect.Options{
		Address: server.HostPort, Payloads: payload.Options{Store: folder, Keys: "env:KEYS_OF_TEST"},
	})
	require.NoError(t, err)
	defer sealed.Close()
	careless{name: "sealed", start: func(o *client.StartWorkflowOptions) { o.Memo = map[string]any{"token": "text"} }}.run(t, sealed)

	w := &leaktest.Watch{}
	c := w.Connect(t, connect.Options{Address: server.HostPort, Payloads: payload.Options{Store: folder}})
	require.NoError(t, w.Namespace(t.Context(), c))
	require.Contains(t, strings.Join(w.Found(), "\n"), "the answer of GetWorkflowExecutionHistory cannot be looked at")
}

func TestACleanProgramPasses(t *testing.T) {
	w := leaktest.New(t)
	c := w.Connect(t, connect.Options{Address: serverstest.OwnTemporal(t).HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir())}})
	careless{name: "clean", activity: func(ctx context.Context) error {
		activity.RecordHeartbeat(ctx, "half")
		return nil
	}}.run(t, c)
	require.NoError(t, w.Namespace(t.Context(), c))
	w.Text("the output", "applied")
	require.Empty(t, w.Found())
}
