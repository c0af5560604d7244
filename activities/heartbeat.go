package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
)

const (
	// beatsPerTimeout is how many heartbeats fit into a step's heartbeat timeout; the SDK thins out what it sends.
	beatsPerTimeout = 4
	// beatEvery is for steps without a heartbeat timeout.
	beatEvery = 5 * time.Second
	// saveTimeout bounds how long a step that is over waits for its last heartbeat to be taken.
	saveTimeout = 2 * time.Second
)

// Recorder is the client that records heartbeats.
type Recorder interface {
	RecordActivityHeartbeatWithOptions(ctx context.Context, o client.RecordActivityHeartbeatOptions) error
}

// heartbeat is what the heartbeats of a step carry.
type heartbeat[P any] struct {
	// Progress is what the step last noted; another worker resumes from it.
	Progress P `json:"progress,omitempty"`
	// Failures is how many tries have failed.
	Failures int32 `json:"failures,omitempty"`
}

// pulse sends heartbeats for as long as a step runs.
type pulse struct {
	recorder Recorder
	// earlier is the progress that an earlier attempt noted, as JSON.
	earlier json.RawMessage

	mu  sync.Mutex
	now heartbeat[any]
}

type pulseKey struct{}

// beat starts the heartbeats of a step. The returned function ends them.
func beat(ctx context.Context, recorder Recorder) (context.Context, func()) {
	p := &pulse{recorder: recorder}
	if activity.HasHeartbeatDetails(ctx) {
		// Progress that cannot be read is none: the step starts over, which every step can.
		var last heartbeat[json.RawMessage]
		if err := activity.GetHeartbeatDetails(ctx, &last); err == nil && len(last.Progress) > 0 {
			p.earlier, p.now.Progress = last.Progress, last.Progress
		}
		p.now.Failures = last.Failures
	}
	beating, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(cmp.Or(activity.GetInfo(ctx).HeartbeatTimeout/beatsPerTimeout, beatEvery))
		defer ticker.Stop()
		for {
			select {
			case <-beating.Done():
				return
			case <-ticker.C:
				p.send(ctx)
			}
		}
	})
	return context.WithValue(ctx, pulseKey{}, p), func() {
		stop()
		done.Wait()
	}
}

// pulseOf returns the pulse of the step, which the interceptor has started.
func pulseOf(ctx context.Context) *pulse {
	if p, ok := ctx.Value(pulseKey{}).(*pulse); ok {
		return p
	}
	return &pulse{}
}

// resume reads the progress that an earlier attempt noted; without one it leaves progress as it is.
func (p *pulse) resume(progress any) error {
	if p.earlier == nil {
		return nil
	}
	return json.Unmarshal(p.earlier, progress)
}

// note records how far the step is and sends it.
func (p *pulse) note(ctx context.Context, progress any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Progress = progress
	activity.RecordHeartbeat(ctx, p.now)
}

// end saves what the next try has to know of one that is over: what it noted, and whether it failed. The SDK may lose
// the last heartbeat of a step that returns, above all while its worker stops; so this one is sent past it as well.
func (p *pulse) end(ctx context.Context, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if failed {
		p.now.Failures++
	}
	if p.now.Progress == nil && p.now.Failures == 0 {
		return
	}
	// The SDK first: it ends the sending of an older heartbeat before it takes another one.
	activity.RecordHeartbeat(ctx, p.now)
	if p.recorder == nil {
		return
	}
	info := activity.GetInfo(ctx)
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	err := p.recorder.RecordActivityHeartbeatWithOptions(saving, client.RecordActivityHeartbeatOptions{
		TaskToken: info.TaskToken, Namespace: info.Namespace, WorkflowID: info.WorkflowExecution.ID,
		WorkflowType: info.WorkflowType.Name, ActivityType: info.ActivityType.Name, TaskQueue: info.TaskQueue, Details: []any{p.now},
	})
	if err != nil {
		activity.GetLogger(ctx).Warn("what the step has done is not saved, it may be done again", "error", err)
	}
}

// try is the number of the current try, counted from 1. Unlike Temporal's attempts it leaves out those that ended with
// their worker.
func (p *pulse) try() int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.Failures + 1
}

func (p *pulse) send(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	activity.RecordHeartbeat(ctx, p.now)
}

// cutOff says whether the step has to end before its work is done: its worker stops, its time is over, or nobody waits
// for it any more. That is no failure of the step.
func cutOff(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}
