package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is well under the steps' heartbeat timeout; the SDK thins out what it sends.
const beatEvery = 5 * time.Second

// pulse sends heartbeats for as long as a step runs, with the progress that the step last noted. Another worker
// resumes from it.
type pulse struct {
	mu       sync.Mutex
	progress []any
}

type pulseKey struct{}

// beat starts the heartbeats of a step. The returned function ends them.
func beat(ctx context.Context) (context.Context, func()) {
	p := &pulse{}
	beating, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		ticker := time.NewTicker(beatEvery)
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

// note records how far the step is and sends it.
func note(ctx context.Context, progress any) {
	p, ok := ctx.Value(pulseKey{}).(*pulse)
	if !ok {
		return
	}
	p.mu.Lock()
	p.progress = []any{progress}
	p.mu.Unlock()
	p.send(ctx)
}

func (p *pulse) send(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	activity.RecordHeartbeat(ctx, p.progress...)
}
