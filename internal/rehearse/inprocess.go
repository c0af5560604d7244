package rehearse

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	// hungAfter is how long a run in this process may go without a step that begins or ends.
	hungAfter = 2 * time.Minute
	// frame is the workflow that a run in this process is a child of, so that others can signal the run.
	frame = "rehearsal"
)

// runHere runs the integration's workflow and steps in this process, on the environment that the SDK has for tests: it
// retries as the server does, and lets the pauses before that pass at once. Such a run takes a tenth of the time that one on
// a server takes, which pays where a case is run once for each of its calls.
func (s *Stage) runHere(ctx context.Context, c *Case, in workflows.Input) (result *workflows.Result, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the run in this process panicked: %v", cause)
		}
	}()
	in.Args = c.Args
	env, err := s.environment(ctx, c.Definition)
	if err != nil {
		return nil, err
	}
	env.ExecuteWorkflow(frame, in)
	if !env.IsWorkflowCompleted() {
		return nil, errors.New("the run in this process did not end")
	}
	result = &workflows.Result{}
	err = env.GetWorkflowResult(result)
	if failed := workflows.ResultOf(err); failed != nil {
		return failed, nil
	}
	return result, err
}

// environment knows the workflows and the steps of the integration.
func (s *Stage) environment(ctx context.Context, d reconcile.Definition) (*testsuite.TestWorkflowEnvironment, error) {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(s.options.Logger)
	suite.SetDisableRegistrationAliasing(true)
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: s.hosting.Interceptors(nil), BackgroundActivityContext: ctx})
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: frame, TaskQueue: d.Name})
	env.SetTestTimeout(hungAfter)
	// The scope of a change that waits would go on for a month of days that pass at once.
	env.SetDetachedChildWait(false)
	env.SetDataConverter(watchedData{converter.GetDefaultDataConverter(), s.options.Look})
	env.SetFailureConverter(watchedFailures{temporal.GetDefaultFailureConverter(), s.options.Look})
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.Input) (*workflows.Result, error) {
		ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: d.Name, TaskQueue: d.Name})
		result := &workflows.Result{}
		return result, workflow.ExecuteChildWorkflow(ctx, d.Name, in).Get(ctx, result)
	}, workflow.RegisterOptions{Name: frame})
	s.hosting.Register(env, d)
	return env, s.hosting.RegisterSteps(env, d)
}

// watchedData shows what is written.
type watchedData struct {
	converter.DataConverter
	look func(where string, text []byte)
}

func (w watchedData) ToPayload(value any) (*commonpb.Payload, error) {
	payload, err := w.DataConverter.ToPayload(value)
	w.look("a payload of a run in this process", payload.GetData())
	return payload, err
}

func (w watchedData) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	payloads, err := w.DataConverter.ToPayloads(values...)
	for _, payload := range payloads.GetPayloads() {
		w.look("a payload of a run in this process", payload.GetData())
	}
	return payloads, err
}

// watchedFailures shows what is written.
type watchedFailures struct {
	converter.FailureConverter
	look func(where string, text []byte)
}

func (w watchedFailures) ErrorToFailure(err error) *failurepb.Failure {
	failure := w.FailureConverter.ErrorToFailure(err)
	if text, err := protojson.Marshal(failure); err == nil {
		w.look("a failure of a run in this process", text)
	}
	return failure
}
