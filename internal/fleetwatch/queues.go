package fleetwatch

import (
	"context"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"
)

// queue is how a task queue stands.
type queue struct {
	name, kind string
	backlog    int64
	age        time.Duration
	pollers    int
}

// queues asks for every queue of the registry, also those that no worker takes.
func (w *Watch) queues(ctx context.Context) (func(*seen), error) {
	kinds := map[string]enums.TaskQueueType{}
	var names []string
	for _, d := range w.options.Integrations {
		for name, kind := range map[string]enums.TaskQueueType{d.Name: enums.TASK_QUEUE_TYPE_WORKFLOW, d.System().Queue(): enums.TASK_QUEUE_TYPE_ACTIVITY} {
			if _, known := kinds[name]; !known {
				kinds[name] = kind
				names = append(names, name)
			}
		}
	}
	found := make([]queue, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, name := range names {
		group.Go(func() error {
			answer, err := w.options.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: w.options.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: name}, TaskQueueType: kinds[name], ReportStats: true,
			})
			if err != nil {
				return err
			}
			found[i] = queue{
				name: name, kind: map[enums.TaskQueueType]string{enums.TASK_QUEUE_TYPE_WORKFLOW: "workflow", enums.TASK_QUEUE_TYPE_ACTIVITY: "activity"}[kinds[name]],
				backlog: answer.GetStats().GetApproximateBacklogCount(), age: answer.GetStats().GetApproximateBacklogAge().AsDuration(),
				pollers: len(answer.GetPollers()),
			}
			return nil
		})
	}
	return func(s *seen) { s.queues = found }, group.Wait()
}
