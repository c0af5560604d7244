package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// front stands before the Temporal server. The report of a worker that an attempt at a step of a long-running scope is over
// is a call for its tripwire, as "advance <scope> <step>", of the scope's name the last part. So a crash before it comes
// after all that the attempt did, and an unanswered one between the step and what follows it. All that workers say to
// Temporal and hear from it is watched.
type front struct {
	wire     *tripwire
	payloads *payload.Pipeline

	mu sync.Mutex
	// names of the attempts that are under way, by their task's token.
	names map[string]string
}

// newFront returns the address of a front of the server.
func newFront(t *testing.T, temporal string, watch *leaktest.Watch, w *tripwire) string {
	t.Helper()
	f := &front{wire: w, names: map[string]string{}}
	var err error
	f.payloads, err = payload.Open(t.Context(), payload.Options{})
	require.NoError(t, err)
	upstream, err := grpc.NewClient(temporal, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithUnaryInterceptor(watch.Calls(t, payload.Options{})))
	require.NoError(t, err)
	service, err := proxy.NewWorkflowServiceProxyServer(proxy.WorkflowServiceProxyOptions{Client: workflowservice.NewWorkflowServiceClient(upstream)})
	require.NoError(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.UnaryInterceptor(f.pass), grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}))
	workflowservice.RegisterWorkflowServiceServer(server, service)
	operatorservice.RegisterOperatorServiceServer(server, operators{upstream: operatorservice.NewOperatorServiceClient(upstream)})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-ended)
		require.NoError(t, upstream.Close())
		require.NoError(t, f.payloads.Close())
	})
	return listener.Addr().String()
}

// operators passes on what a worker asks of the operators' service.
type operators struct {
	operatorservice.UnimplementedOperatorServiceServer
	upstream operatorservice.OperatorServiceClient
}

func (o operators) ListSearchAttributes(ctx context.Context, request *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	return o.upstream.ListSearchAttributes(ctx, request)
}

// pass is a grpc.UnaryServerInterceptor.
func (f *front) pass(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	report, is := request.(*workflowservice.RespondActivityTaskCompletedRequest)
	if !is {
		answer, err := handle(ctx, request)
		if task, polled := answer.(*workflowservice.PollActivityTaskQueueResponse); polled && err == nil {
			err = f.begun(task)
		}
		return answer, err
	}
	f.mu.Lock()
	name := f.names[string(report.GetTaskToken())]
	f.mu.Unlock()
	c := f.wire.pass(name)
	if !c.trips {
		return handle(ctx, request)
	}
	var down func() error
	if c.at == unanswered {
		// With the worker gone first it takes no workflow task into its grave, which others would wait for.
		down = func() error {
			_, err := handle(context.WithoutCancel(ctx), request)
			return err
		}
	}
	f.wire.fire(down)
	return nil, status.Error(codes.Unavailable, "the worker is gone")
}

// begun notes the name of an attempt that a worker has taken on.
func (f *front) begun(task *workflowservice.PollActivityTaskQueueResponse) error {
	integration, activity, _ := strings.Cut(task.GetActivityType().GetName(), "/")
	if activity != workflows.StepAdvance {
		return nil
	}
	inputs, err := f.payloads.Decode(task.GetInput().GetPayloads())
	if err != nil {
		return err
	}
	var scope plan.Scope
	var change plan.Raw
	if len(inputs) < 2 {
		return fmt.Errorf("%s has attempted a step with %d inputs", integration, len(inputs))
	}
	if err := errors.Join(json.Unmarshal(inputs[0].GetData(), &scope), json.Unmarshal(inputs[1].GetData(), &change)); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names[string(task.GetTaskToken())] = fmt.Sprintf("%s %s %s", activity, path.Base(scope.Name), change.Key)
	return nil
}
