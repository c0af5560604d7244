package views

import (
	"context"
	"slices"

	"go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"
)

// Queue is a task queue and who takes its tasks.
type Queue struct {
	Name string `json:"name"`
	// Workers are those that have asked for tasks in the last minutes.
	Workers int `json:"workers"`
	// Unknown says that Temporal did not say.
	Unknown bool `json:"unknown,omitempty"`
}

// queues looks at task queues, some at a time. There is no list of them.
func (s Source) queues(ctx context.Context, workflowQueues, activityQueues []string) []Queue {
	all := make([]Queue, len(workflowQueues)+len(activityQueues))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, name := range slices.Concat(workflowQueues, activityQueues) {
		kind := enums.TASK_QUEUE_TYPE_WORKFLOW
		if i >= len(workflowQueues) {
			kind = enums.TASK_QUEUE_TYPE_ACTIVITY
		}
		group.Go(func() error {
			description, err := s.DescribeTaskQueue(ctx, name, kind)
			all[i] = Queue{Name: name, Workers: len(description.GetPollers()), Unknown: err != nil}
			return nil
		})
	}
	_ = group.Wait()
	return all
}
