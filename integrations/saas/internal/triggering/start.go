package triggering

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	pipelineKind = "Pipeline.tekton.dev"
	runKind      = "PipelineRun.tekton.dev"
)

// Vet refuses what cannot be started, and leaves its state as it is.
//
// Differs from the reference: a pipeline that is not there fails the run; there it is a warning.
func (t *Triggers) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Trigger]) error {
	switch {
	case c.Desired == nil:
		return nil
	case c.Current != nil && c.Current.Fault != "":
		return apierr.Errorf(apierr.Invalid, "%s", c.Current.Fault)
	case c.Current == nil && c.Desired.Kind != trigger.Configurations, c.Current != nil && len(c.Current.Fires) == 0:
		return nil
	}
	client, err := t.connect(ctx, s, c.Desired.Cluster)
	if err != nil {
		return err
	}
	if _, err := c.Desired.Run.Object(); err != nil {
		return err
	}
	return ready(ctx, client, c.Desired.Run)
}

// ready says whether the pipeline is there.
func ready(ctx context.Context, client Kubernetes, run tekton.Run) error {
	_, err := client.Get(ctx, pipelineKind, run.Namespace, run.Pipeline)
	if apierr.Is(err, apierr.Missing) {
		return apierr.Errorf(apierr.Missing, "%w: openshift-tekton-resources makes it, and the deployment starts when it is there", err)
	}
	return err
}

// Apply starts the deployment where a value asks for it, and then keeps the values.
func (t *Triggers) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Trigger]) error {
	if c.Desired == nil {
		return nil
	}
	want := *c.Desired
	values, _, err := t.pending(ctx, want)
	if err != nil {
		return err
	}
	var fired []pending
	for _, value := range values {
		if value.fires {
			fired = append(fired, value)
		}
	}
	if len(fired) > 0 {
		if err := t.start(ctx, s, want, fired); err != nil {
			return err
		}
	}
	for _, value := range values {
		if err := t.state.Set(ctx, value.Key, value.Value.Value, nil); err != nil {
			return err
		}
	}
	if err := t.state.Remove(ctx, markKey(want)); err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	return nil
}

// mark is the PipelineRun that is about to be created, and the changes that it is for. It stands in state until their values do.
type mark struct {
	Run     string   `json:"run"`
	Changes []string `json:"changes"`
}

// markKey is beside the reference's keys, and begins as none of them does.
func markKey(of Trigger) string { return ".starting/" + of.Key() }

func (m mark) covers(fired []pending) bool {
	return !slices.ContainsFunc(fired, func(p pending) bool { return !slices.Contains(m.Changes, p.id) })
}

// start creates the PipelineRun, unless an attempt before this one did.
func (t *Triggers) start(ctx context.Context, s reconcile.Scope, want Trigger, fired []pending) error {
	client, err := t.connect(ctx, s, want.Cluster)
	if err != nil {
		return err
	}
	run := want.Run
	if s.Args.Bool(includeTrace) {
		run.Trace = &tekton.Trace{Integration: t.owner.Integration, Reason: fired[0].Reason}
	}
	body, err := run.Object()
	if err != nil {
		return err
	}
	var m mark
	entry, err := t.state.Get(ctx, markKey(want))
	if err == nil {
		err = entry.Decode(&m)
	}
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	if m.covers(fired) {
		_, err := client.Get(ctx, runKind, run.Namespace, m.Run)
		if !apierr.Is(err, apierr.Missing) {
			return err
		}
	}
	if err := ready(ctx, client, run); err != nil {
		return err
	}
	if !m.covers(fired) {
		if m, err = t.free(ctx, client, run, fired); err != nil {
			return err
		}
		if err := t.state.Set(ctx, markKey(want), m, nil); err != nil {
			return err
		}
	}
	body["metadata"] = map[string]any{"name": m.Run, "namespace": run.Namespace}
	return client.Create(ctx, t.owner, kubeapi.Object{Cluster: want.Cluster.Name, Namespace: run.Namespace, Kind: runKind, Name: m.Run, Body: body})
}

// mostNames bounds the names that are tried: each time that the same change comes again, while the PipelineRuns of the times
// before are still there, takes one more.
const mostNames = 1000

// free returns a mark with a name that no PipelineRun has. It follows from the changes.
func (t *Triggers) free(ctx context.Context, client Kubernetes, run tekton.Run, fired []pending) (mark, error) {
	var m mark
	var seeds []string
	for _, value := range fired {
		seeds = append(seeds, value.seed)
		m.Changes = append(m.Changes, value.id)
	}
	slices.Sort(m.Changes)
	short, _ := tekton.RunName(run.SaasFile, run.Environment)
	for n := range mostNames {
		sum := sha256.Sum256([]byte(strings.Join(append([]string{t.owner.Integration, strconv.Itoa(n)}, seeds...), "\n")))
		// Six characters leave room for those that a run has which is run again.
		m.Run = strings.ToLower(short + "-" + base32.StdEncoding.EncodeToString(sum[:])[:6])
		_, err := client.Get(ctx, runKind, run.Namespace, m.Run)
		if apierr.Is(err, apierr.Missing) {
			return m, nil
		}
		if err != nil {
			return mark{}, err
		}
	}
	return mark{}, apierr.Errorf(apierr.Invalid, "saas file %s in %s has too many PipelineRuns in namespace %s: delete old ones", run.SaasFile, run.Environment, run.Namespace)
}
