package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/fleetwatch"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// watch exports what Temporal knows of the fleet, until stop is called.
func (o *operations) watch(ctx context.Context, c *connect.Connection, registry *reconcile.Registry, searchable bool, logger *zap.Logger, every time.Duration) (w *fleetwatch.Watch, stop func()) {
	w = fleetwatch.New(fleetwatch.Options{
		Client: c.Client, Namespace: c.Namespace, Converter: c.Payloads.Converter, Integrations: registry.All(), Measures: o.measures,
		Searchable: searchable, Logger: logging.Temporal(logger), Every: every,
	})
	o.registry.MustRegister(w)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	return w, func() {
		cancel()
		<-ended
	}
}

// counter labels what is counted by the shard of the run.
type counter struct {
	*metrics.Runs
	fleet *fleetwatch.Watch
}

// Started implements activities.Runs.
func (c counter) Started(integration, workflowID string) {
	c.Runs.Started(integration, c.fleet.Shard(integration, workflowID))
}
