package openshiftsaasdeploy

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// approvalParameter is the parameter by which a target asks for a person's approval of each rollout. It may stand wherever
// parameters do.
const approvalParameter = "QONTRACT_APPROVAL"

// careful says why a person has to approve the rollouts of a target; empty where nobody has to.
func (st *stage) careful(t *target) (string, error) {
	var asked any
	for _, field := range []appinterface.JSON{t.Namespace.Environment.Parameters, st.file.Parameters, t.template.Parameters, t.Parameters} {
		parameters, err := saasfile.Parameters(field)
		if err != nil {
			return "", err
		}
		if value, given := parameters.Get(approvalParameter); given {
			asked = value
		}
	}
	if asked == true || asked == "true" {
		return fmt.Sprintf("the parameter %s asks for an approval of each rollout to %s", approvalParameter, t.name), nil
	}
	return "", nil
}

// Approval implements reconcile.Approver.
func (r *reconciler) Approval(c plan.Change[Item]) string {
	if c.Desired == nil || c.Desired.Rollout == nil {
		return ""
	}
	return c.Desired.Rollout.Careful
}

// leave takes the objects of rollouts that need approval out of the plan: the rollouts apply them. In their namespaces
// nothing is deleted until they are done.
func leave(desired, current []Item) []Item {
	wanted, pending, namespaces := map[string]Item{}, map[string]bool{}, map[string]bool{}
	done := map[string]bool{}
	for _, item := range current {
		done[item.Key()] = item.Rollout != nil && item.Rollout.Pending == ""
	}
	for _, item := range desired {
		wanted[item.Key()] = item
		if item.Rollout != nil && item.Rollout.Careful != "" && !done[item.Key()] {
			pending[item.Key()], namespaces[item.Rollout.Cluster.Name+"/"+item.Rollout.Namespace] = true, true
		}
	}
	var kept []Item
	for _, item := range current {
		if item.Object != nil {
			want, isWanted := wanted[item.Key()]
			careful := isWanted && want.Of != nil && pending[want.Of.Rollout]
			if careful || !isWanted && namespaces[item.Object.Cluster+"/"+item.Object.Namespace] {
				continue
			}
		}
		kept = append(kept, item)
	}
	for _, item := range desired {
		if item.Object != nil && item.Of != nil && pending[item.Of.Rollout] {
			asWanted := *item.Object
			asWanted.Body, asWanted.Withheld = nil, ""
			kept = append(kept, Item{Object: &asWanted})
		}
	}
	return kept
}

// applyParts applies the objects of a rollout that a person has approved. Those that cannot be applied are faults.
func (r *reconciler) applyParts(ctx context.Context, s reconcile.Scope, rollout *Rollout) ([]string, error) {
	client, err := r.connect(ctx, s, rollout.Cluster, rollout.Privileged)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, part := range rollout.Parts {
		found, err := live(ctx, client, part.Kind, rollout.Namespace, part.Name)
		if err != nil {
			return nil, err
		}
		if kubeapi.Carries(found, rollout.owner(), part.Hash) {
			continue
		}
		item := Item{
			Object: &kubeapi.Object{
				Cluster: rollout.Cluster.Name, Namespace: rollout.Namespace, Kind: part.Kind, Name: part.Name, Privileged: rollout.Privileged,
				Secret: true, Withheld: part.Hash,
			},
			Of: &membership{Target: rollout.Target, Rollout: rollout.key(), Commit: rollout.Commit},
		}
		err = r.applyObject(ctx, s, plan.Change[Item]{Head: plan.Head{Action: plan.Update}, Desired: &item}, item)
		if passing(err) {
			return nil, err
		}
		if err != nil {
			faults = append(faults, part.String()+": "+err.Error())
		}
	}
	return faults, nil
}
