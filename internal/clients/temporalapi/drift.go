package temporalapi

import (
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

// drift names the parts of a schedule that say more than was read: what we never set.
func (c *Client) drift(s Schedule, is *schedule.Schedule) ([]string, error) {
	ours, err := c.message(s)
	if err != nil {
		return nil, err
	}
	var drift []string
	for _, part := range []struct {
		name      string
		is, wants proto.Message
	}{
		{"times", is.GetSpec(), ours.GetSpec()},
		{"workflow", bare(is.GetAction()), bare(ours.GetAction())},
		{"policies", is.GetPolicies(), ours.GetPolicies()},
		{"state", is.GetState(), ours.GetState()},
	} {
		if !proto.Equal(part.is, part.wants) {
			drift = append(drift, part.name+" set by hand -> ours")
		}
	}
	return drift, nil
}

// bare is an action without its input, which is encrypted anew each time and compared as it was read, and without what
// is there and empty, as some clients send it.
func bare(action *schedule.ScheduleAction) *workflow.NewWorkflowExecutionInfo {
	started, ok := proto.Clone(action.GetStartWorkflow()).(*workflow.NewWorkflowExecutionInfo)
	if !ok || started == nil {
		return nil
	}
	started.Input = nil
	for _, timeout := range []**durationpb.Duration{&started.WorkflowExecutionTimeout, &started.WorkflowRunTimeout, &started.WorkflowTaskTimeout} {
		if (*timeout).AsDuration() == 0 {
			*timeout = nil
		}
	}
	if len(started.GetMemo().GetFields()) == 0 {
		started.Memo = nil
	}
	if len(started.GetSearchAttributes().GetIndexedFields()) == 0 {
		started.SearchAttributes = nil
	}
	if len(started.GetHeader().GetFields()) == 0 {
		started.Header = nil
	}
	if proto.Size(started.GetUserMetadata()) == 0 {
		started.UserMetadata = nil
	}
	if proto.Size(started.GetPriority()) == 0 {
		started.Priority = nil
	}
	if started.GetTaskQueue() != nil {
		started.TaskQueue.Kind = enums.TASK_QUEUE_KIND_NORMAL
	}
	return started
}
