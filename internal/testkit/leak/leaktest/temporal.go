package leaktest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/tracing"
)

const (
	// atOnce is how many histories are read side by side.
	atOnce = 8
	// patience bounds the look at the end of a test.
	patience = 2 * time.Minute
)

// Connect opens a test's connection to a server of its own, under watch. At the end of the test everything in the
// connection's namespace and store is looked at, and the connection is closed. Logger, metrics and traces that are not
// given are the watch's.
func (w *Watch) Connect(tb testing.TB, o connect.Options) *connect.Connection {
	tb.Helper()
	if o.Logger == nil {
		o.Logger = w.Logger(tb)
	}
	if o.Metrics == nil {
		o.Metrics = w.Metrics()
	}
	if o.Interceptors == nil {
		traces, err := tracing.To(tb.Context(), "test", trace.WithSyncer(w.Spans()))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(traces.Stop)
		o.Interceptors = traces.Interceptors
	}
	o.Calls = append(o.Calls, w.Calls(tb, o.Payloads))
	c, err := connect.Local(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		defer c.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(w.Namespace(ctx, c), w.Store(c.Payloads)); err != nil {
			tb.Errorf("look for planted secrets: %v", err)
		}
	})
	return c
}

// Calls looks at every call to Temporal, with its payloads in clear. The options are those of the connection.
func (w *Watch) Calls(tb testing.TB, o payload.Options) grpc.UnaryClientInterceptor {
	tb.Helper()
	pipeline, err := payload.Open(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := pipeline.Close(); err != nil {
			tb.Error(err)
		}
	})
	return func(ctx context.Context, method string, request, answer any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		name := path.Base(method)
		w.message(ctx, "the call "+name, pipeline, request)
		err := invoke(ctx, method, request, answer, connection, options...)
		if err != nil {
			w.Text("the error of "+name, err.Error())
			return err
		}
		w.message(ctx, "the answer of "+name, pipeline, answer)
		return nil
	}
}

// message looks at a message as it is sent, and at each of its payloads decoded.
func (w *Watch) message(ctx context.Context, where string, pipeline *payload.Pipeline, message any) {
	sent, ok := message.(proto.Message)
	if !ok {
		return
	}
	text, err := proto.Marshal(sent)
	if err != nil {
		w.report(fmt.Sprintf("%s cannot be looked at: %v", where, err))
		return
	}
	w.look(where, text)
	err = proxy.VisitPayloads(ctx, proto.Clone(sent), proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*common.Payload) ([]*common.Payload, error) {
			return payloads, w.payloads("a payload of "+where, pipeline, payloads)
		},
	})
	if err != nil {
		w.report(fmt.Sprintf("%s cannot be looked at: %v", where, err))
	}
}

func (w *Watch) payloads(where string, pipeline *payload.Pipeline, payloads []*common.Payload) error {
	decoded, err := pipeline.Decode(payloads)
	for _, p := range decoded {
		w.look(where, p.GetData())
	}
	return err
}

// Namespace reads everything that the connection's namespace keeps: of each execution the history and its description,
// which has the last heartbeats of running activities. What is read is looked at as any call is.
func (w *Watch) Namespace(ctx context.Context, c *connect.Connection) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for page := []byte(nil); ; {
		list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: c.Namespace, NextPageToken: page})
		if err != nil {
			return errors.Join(fmt.Errorf("list the executions: %w", err), group.Wait())
		}
		for _, info := range list.GetExecutions() {
			group.Go(func() error { return read(within, c, info.GetExecution()) })
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return group.Wait()
		}
	}
}

func read(ctx context.Context, c *connect.Connection, execution *common.WorkflowExecution) error {
	service := c.WorkflowService()
	if _, err := service.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: c.Namespace, Execution: execution}); err != nil {
		return fmt.Errorf("describe %s: %w", execution.GetWorkflowId(), err)
	}
	for page := []byte(nil); ; {
		history, err := service.GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
			Namespace: c.Namespace, Execution: execution, NextPageToken: page,
		})
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", execution.GetWorkflowId(), err)
		}
		if page = history.GetNextPageToken(); len(page) == 0 {
			return nil
		}
	}
}

// Store looks at every object in the store of large payloads, which is a folder.
func (w *Watch) Store(pipeline *payload.Pipeline) error {
	root := strings.TrimPrefix(pipeline.Store(), "file://")
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		w.look("the store of payloads", text)
		stored := &common.Payload{}
		if err := proto.Unmarshal(text, stored); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return w.payloads("the store of payloads", pipeline, []*common.Payload{stored})
	})
}
