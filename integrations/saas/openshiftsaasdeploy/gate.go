package openshiftsaasdeploy

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// passes opens or closes the gates of the targets that subscribe to channels. Where one is closed nothing of the stage is
// deployed.
func (r *reconciler) passes(ctx context.Context, st *stage, targets []*rendered) error {
	var closed []error
	for _, t := range targets {
		candidate, err := promotion.NewCandidate(st.file, t.template, t.Target, t.commit, st.channels)
		if err != nil {
			return err
		}
		if candidate == nil {
			continue
		}
		verdict, err := promotion.Check(*candidate, r.now(), func(channel, publisher string) (*promotion.Data, error) {
			return r.published(ctx, promotion.Key(channel, publisher, t.commit))
		})
		if err != nil {
			return err
		}
		if !verdict.Open() {
			closed = append(closed, apierr.Errorf(apierr.Guard, "target %s: %s", t.name, verdict.Message))
		}
	}
	if len(closed) == 0 {
		return nil
	}
	return apierr.New(apierr.Guard, errors.Join(append([]error{errors.New("invalid promotions; nothing is deployed")}, closed...)...))
}

// published returns the promotion data under a key; nil for none.
func (r *reconciler) published(ctx context.Context, key string) (*promotion.Data, error) {
	entry, err := r.memory.Get(ctx, key)
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return nil, err
	}
	return promotion.Decode(entry.Value)
}

// validatePlanned looks whether the Secrets and ConfigMaps that workloads use will be there. Where one will not, the target is
// deployed all the same, and does not succeed.
func (r *reconciler) validatePlanned(ctx context.Context, s reconcile.Scope, st *stage, targets []*rendered) (reconcile.Problems, error) {
	if st.file.ValidatePlannedData != nil && !*st.file.ValidatePlannedData {
		return nil, nil
	}
	var problems reconcile.Problems
	for _, t := range targets {
		client, err := r.connect(ctx, s, t.Namespace.Cluster, namespaced.IsTrue(st.file.ClusterAdmin))
		if err != nil {
			return nil, err
		}
		err = resources.ValidatePlanned(beside(t, targets), func(kind, name string) (map[string]any, error) {
			return live(ctx, client, kind, t.Namespace.Name, name)
		})
		var faults reconcile.Problems
		if err != nil && !errors.As(err, &faults) {
			return nil, err
		}
		for _, fault := range faults {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "target %s: %w", t.name, fault))
			t.faults = append(t.faults, fault.Error())
		}
	}
	return problems, nil
}

// beside are the objects of a target, and those of the others in its namespace that are no workloads.
func beside(t *rendered, targets []*rendered) []map[string]any {
	var objects []map[string]any
	for _, body := range t.bodies {
		objects = append(objects, body.Object)
	}
	for _, other := range targets {
		if other == t || other.Namespace.Name != t.Namespace.Name {
			continue
		}
		for _, body := range other.bodies {
			if kind, _ := identity(body.Object); kind != "Deployment" && kind != "DeploymentConfig" {
				objects = append(objects, body.Object)
			}
		}
	}
	return objects
}

// live reads an object; nil for one that is not there.
func live(ctx context.Context, client *kubeapi.Client, kind, namespace, name string) (map[string]any, error) {
	found, err := client.Get(ctx, kind, namespace, name)
	if apierr.Is(err, apierr.Missing) {
		return nil, nil
	}
	return found, err
}
