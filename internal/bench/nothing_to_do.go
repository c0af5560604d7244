package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/workflows"
)

var listType = metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuotaList"}

// nothingToDo runs on estates that are as they should be: how long that takes, what it leaves in Temporal, and how much
// memory a worker needs for it.
func nothingToDo(ctx context.Context, b *bench) (err error) {
	i, err := b.install(ctx, resourcequotas.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.stop()) }()
	done := 0
	for _, e := range []estate{{namespaces: 100, quotas: 1}, {namespaces: 1000, quotas: 1}, {namespaces: 1000, quotas: 10}} {
		if err := e.createNamespaces(ctx, i.kube); err != nil {
			return err
		}
		if err := i.load(e.datafiles(i.kube.URL)); err != nil {
			return err
		}
		if _, err := i.runOnce(ctx, workflows.Success, e.objects()-done); err != nil {
			return err
		}
		done = e.objects()
		if e.quotas == 1 {
			if err := b.compareRuns(ctx, i, e); err != nil {
				return err
			}
		} else if _, err := i.runOnce(ctx, workflows.Clean, 0); err != nil {
			return err
		}
		if err := b.addHistory(ctx, i, e); err != nil {
			return err
		}
		if e.namespaces == 1000 {
			if err := b.workerMemory(ctx, i, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareRuns runs us and the bare program in turns, on a bundle that the worker has read before and on one that it has
// not.
func (b *bench) compareRuns(ctx context.Context, i *installation, e estate) error {
	const rounds = 9
	run := func(ctx context.Context) (time.Duration, error) { return i.runOnce(ctx, workflows.Clean, 0) }
	read := timed(func(ctx context.Context) error { return bareRead(ctx, i.kube, e.objects()) })
	queryAndRead := timed(func(ctx context.Context) error {
		if err := bareQuery(ctx, i.appURL, resourcequotas.QuotaNamespaces_Operation); err != nil {
			return err
		}
		return bareRead(ctx, i.kube, e.objects())
	})
	var known, fresh [][]time.Duration
	err := b.profiled(fmt.Sprintf("nothing-to-do-%d", e.namespaces), func() (err error) {
		if known, err = inTurns(ctx, rounds, []side{run, read}, func(context.Context) error { return nil }); err != nil {
			return err
		}
		fresh, err = inTurns(ctx, rounds, []side{run, queryAndRead}, func(context.Context) error {
			e.revision++
			return i.load(e.datafiles(i.kube.URL))
		})
		return err
	})
	if err != nil {
		return err
	}
	k, err := b.newKubectl(i.kube, e.manifests())
	if err != nil {
		return err
	}
	diff, err := k.run(ctx, "diff", "--server-side", "--force-conflicts")
	if err != nil {
		return err
	}
	var bare, tool aim
	if e.namespaces == 1000 {
		bare, tool = atMost(1.5), atMost(0.02)
	}
	what := fmt.Sprintf("run with nothing to do, %d namespaces", e.namespaces)
	const constant = "what the two workflows and their four steps cost in Temporal does not depend on the size of the estate; the run with 100 namespaces is hardly more than that"
	b.table.times(what, known[0], "bare client-go, the same reads", known[1], bare, constant)
	b.table.times(what+", new bundle", fresh[0], "bare client-go, the same reads", fresh[1], bare, constant)
	b.table.times(what, known[0], "kubectl diff", []time.Duration{diff}, tool, fmt.Sprintf(
		"the aim is for a kubectl that limits its own requests, which this release does not; the bare reads alone are %.3fx", float64(median(known[1]))/float64(diff)))
	return nil
}

// addHistory adds what the last run has left in Temporal.
func (b *bench) addHistory(ctx context.Context, i *installation, e estate) error {
	events, size, err := i.history(ctx)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("history of a run with nothing to do, %d objects", e.objects())
	b.table.add(figure{what: what, ours: fmt.Sprintf("%d events", events), value: float64(events), aim: aim{limit: 60, text: "under 60"}})
	b.table.add(figure{what: what, ours: fmt.Sprintf("%.1f KiB", float64(size)/1024), value: float64(size), aim: aim{limit: 60 << 10, text: "under 60 KiB"}})
	return nil
}
