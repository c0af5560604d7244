// Package fleetwatch exports what Temporal knows of the whole fleet: how the last run of each integration ended, what waits
// for people, what is stuck, and what no worker takes. Every worker exports the same, whichever of them did the work, so that
// no replica goes on saying what was so when it last had a run.
package fleetwatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"

	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Options say what is watched.
type Options struct {
	Client    client.Client
	Namespace string
	// Converter reads the memos of schedules; it is the client's.
	Converter converter.DataConverter
	// Integrations are all that there are, whoever takes them.
	Integrations []reconcile.Definition
	// Measures forgets what another worker has measured since; nil stands for none.
	Measures *metrics.Collector
	// Searchable says that the server knows the search attributes. Without them nobody knows what is stuck.
	Searchable bool
	Logger     log.Logger
	// Every is the pause between two looks; 0 stands for half a minute.
	Every time.Duration
}

const (
	defaultPause = 30 * time.Second
	// patience bounds one look.
	patience = 20 * time.Second
	// atOnce bounds the requests that are made side by side.
	atOnce = 8
	// stale is after so many pauses what was seen is no longer said.
	stale = 10
)

// The parts of a look.
const (
	partSchedules = "schedules"
	partRuns      = "runs"
	partApprovals = "approvals"
	partWaits     = "waits"
	partQueues    = "task queues"
)

// Watch looks at the fleet again and again. It is a prometheus.Collector and safe for concurrent use.
type Watch struct {
	options Options
	// types are the integrations by name.
	types map[string]bool
	// runs is written by looks alone, which never overlap.
	runs table

	mu   sync.Mutex
	seen seen
}

// seen is what a look found. Its parts are replaced, never changed.
type seen struct {
	runs      []run
	schedules map[string]schedule
	approvals []wait
	stuck     []wait
	waiting   map[string]int
	queues    []queue
	// at is when each part was read.
	at map[string]time.Time
}

// New makes a watch that has seen nothing yet.
func New(o Options) *Watch {
	if o.Every == 0 {
		o.Every = defaultPause
	}
	w := &Watch{options: o, types: map[string]bool{}, runs: table{last: map[string]run{}}, seen: seen{at: map[string]time.Time{}}}
	for _, d := range o.Integrations {
		w.types[d.Name] = true
	}
	return w
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	pause := time.NewTicker(w.options.Every)
	defer pause.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.options.Logger.Warn("the metrics of the fleet are not up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// Look looks once. What could not be read stays for a while as it was seen before.
func (w *Watch) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var failures []error
	look := func(part string, read func(context.Context) (func(*seen), error)) {
		began := time.Now()
		found, err := read(ctx)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", part, err))
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		found(&w.seen)
		w.seen.at = maps.Clone(w.seen.at)
		w.seen.at[part] = began
	}
	look(partSchedules, w.schedules)
	look(partRuns, w.ended)
	look(partApprovals, w.approvals)
	look(partWaits, w.waits)
	look(partQueues, w.queues)
	if w.options.Measures != nil {
		w.options.Measures.Forget(w.runs.superseded)
	}
	return errors.Join(failures...)
}

// Shard says which part of the integration the run of that workflow ID covers.
func (w *Watch) Shard(integration, workflowID string) metrics.Shard {
	w.mu.Lock()
	defer w.mu.Unlock()
	return shardOf(integration, workflowID, w.seen.schedules)
}
