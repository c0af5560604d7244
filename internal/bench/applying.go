package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/workflows"
)

// applying makes 500 quotas that are missing: by a run, by a bare loop of the same concurrency, and by kubectl.
func applying(ctx context.Context, b *bench) (err error) {
	i, err := b.install(ctx, resourcequotas.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.stop()) }()
	e := estate{namespaces: 50, quotas: 10}
	if err := e.createNamespaces(ctx, i.kube); err != nil {
		return err
	}
	if err := i.load(e.datafiles(i.kube.URL)); err != nil {
		return err
	}
	k, err := b.newKubectl(i.kube, e.manifests())
	if err != nil {
		return err
	}
	sides := []side{
		func(ctx context.Context) (time.Duration, error) {
			return i.runOnce(ctx, workflows.Success, e.objects())
		},
		timed(func(ctx context.Context) error { return bareApply(ctx, i.kube, e.manifests()) }),
		func(ctx context.Context) (time.Duration, error) { return k.run(ctx, "apply", "--server-side") },
	}
	var took [][]time.Duration
	err = b.profiled("apply-500", func() (err error) {
		took, err = inTurns(ctx, 5, sides, func(ctx context.Context) error { return e.deleteQuotas(ctx, i.kube) })
		return err
	})
	if err != nil {
		return err
	}
	const what = "run that applies 500 objects"
	b.table.times(what, took[0], "bare client-go, ten at a time", took[1], atMost(1.3),
		"the workflows and the steps before the first write take some 0.2 s, which the bare loop does not have; the rest is work on each answer and in Temporal, on processors that the API server has filled already")
	b.table.times(what, took[0], "kubectl apply --server-side", took[2], atMost(0.15), fmt.Sprintf(
		"the aim is for a kubectl that limits its own requests, which this release does not; the bare loop itself is %.2fx", float64(median(took[1]))/float64(median(took[2]))))
	return nil
}
