package temporalapi

import (
	"encoding/json"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflow/v1"
	"google.golang.org/protobuf/types/known/durationpb"
)

// The fields of a schedule's memo.
const (
	MemoManagedBy   = "managedBy"
	MemoIntegration = "integration"
	MemoShard       = "shard"
	// MemoDigest is that of the schedule as it was made. Servers before 1.30 keep the memo when the schedule changes.
	MemoDigest = "digest"
)

// ManagedBy is what the memo of our schedules says.
const ManagedBy = "qontract-temporal"

// Schedule is one of ours.
type Schedule struct {
	ID          string
	Integration string
	Shard       string
	Digest      string
	// Every and Offset are an interval; Calendars are times instead of one.
	Every, Offset time.Duration
	Calendars     []*schedule.StructuredCalendarSpec
	Jitter        time.Duration
	CatchUp       time.Duration
	// Workflow is what is started.
	Workflow Workflow
	Paused   bool
	// Note is why.
	Note string
}

// Workflow is what a schedule starts.
type Workflow struct {
	// ID is what the ID begins with; Temporal appends the time.
	ID    string
	Type  string
	Queue string
	// Input is its one argument.
	Input json.RawMessage
}

// Live is a schedule that was read, with what became of it.
type Live struct {
	Schedule
	// Drift names the parts that somebody has set otherwise than we do.
	Drift []string
	// Next are the times of the next starts, of which there are none while it is paused.
	Next []time.Time
	// Last is the time of the latest start, and Started the workflow.
	Last    time.Time
	Started string
	// Running are the IDs of the workflows that have not ended.
	Running []string
	// Starts, Skipped and Missed count: starts, those skipped because a run was under way, and those too late to catch up.
	Starts, Skipped, Missed int64

	message *schedule.Schedule
}

// message is the schedule in Temporal's form. Runs do not overlap: a start while one is under way is skipped.
func (c *Client) message(s Schedule) (*schedule.Schedule, error) {
	input, err := c.Converter.ToPayloads(s.Workflow.Input)
	if err != nil {
		return nil, err
	}
	spec := &schedule.ScheduleSpec{StructuredCalendar: s.Calendars, Jitter: durationpb.New(s.Jitter)}
	if len(s.Calendars) == 0 {
		spec.Interval = []*schedule.IntervalSpec{{Interval: durationpb.New(s.Every), Phase: durationpb.New(s.Offset)}}
	}
	return &schedule.Schedule{
		Spec: spec,
		Action: &schedule.ScheduleAction{Action: &schedule.ScheduleAction_StartWorkflow{StartWorkflow: &workflow.NewWorkflowExecutionInfo{
			WorkflowId:   s.Workflow.ID,
			WorkflowType: &common.WorkflowType{Name: s.Workflow.Type},
			TaskQueue:    &taskqueue.TaskQueue{Name: s.Workflow.Queue, Kind: enums.TASK_QUEUE_KIND_NORMAL},
			Input:        input,
		}}},
		Policies: &schedule.SchedulePolicies{OverlapPolicy: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: durationpb.New(s.CatchUp)},
		State:    &schedule.ScheduleState{Paused: s.Paused, Notes: s.Note},
	}, nil
}

// read takes a schedule from Temporal's form.
func (c *Client) read(id string, memo *common.Memo, is *schedule.Schedule, info *schedule.ScheduleInfo) (*Live, error) {
	live := &Live{
		Schedule: Schedule{
			ID: id, Calendars: is.GetSpec().GetStructuredCalendar(), Jitter: is.GetSpec().GetJitter().AsDuration(),
			CatchUp: is.GetPolicies().GetCatchupWindow().AsDuration(), Paused: is.GetState().GetPaused(), Note: is.GetState().GetNotes(),
		},
		message: is, Starts: info.GetActionCount(), Skipped: info.GetOverlapSkipped(), Missed: info.GetMissedCatchupWindow(),
	}
	if err := c.readMemo(memo, &live.Schedule); err != nil {
		return nil, err
	}
	if intervals := is.GetSpec().GetInterval(); len(intervals) > 0 {
		live.Every, live.Offset = intervals[0].GetInterval().AsDuration(), intervals[0].GetPhase().AsDuration()
	}
	started := is.GetAction().GetStartWorkflow()
	live.Workflow = Workflow{ID: started.GetWorkflowId(), Type: started.GetWorkflowType().GetName(), Queue: started.GetTaskQueue().GetName()}
	if started.GetInput() != nil && c.Converter.FromPayloads(started.GetInput(), &live.Workflow.Input) != nil {
		live.Workflow.Input = nil
	}
	for _, next := range info.GetFutureActionTimes() {
		live.Next = append(live.Next, next.AsTime())
	}
	if recent := info.GetRecentActions(); len(recent) > 0 {
		last := recent[len(recent)-1]
		live.Last, live.Started = last.GetActualTime().AsTime(), last.GetStartWorkflowResult().GetWorkflowId()
	}
	for _, running := range info.GetRunningWorkflows() {
		live.Running = append(live.Running, running.GetWorkflowId())
	}
	var err error
	live.Drift, err = c.drift(live.Schedule, is)
	return live, err
}
