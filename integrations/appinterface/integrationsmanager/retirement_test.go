package integrationsmanager

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// bodyOf is a Deployment of one group.
func bodyOf(group, build, integrations string, available int) map[string]any {
	body := map[string]any{
		"metadata": map[string]any{
			"name": "qontract-temporal-" + group + "-" + build, "namespace": "prod",
			"labels": map[string]any{labelBuild: build, labelWorkerDeployment: "qontract-temporal"},
		},
		"spec":   map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"args": []any{"--drain=1m", integrationsFlag + integrations}}}}}},
		"status": map[string]any{"availableReplicas": float64(available)},
	}
	return body
}

func objectOf(body map[string]any) kubeapi.Object {
	return kubeapi.Object{Cluster: "prod-1", Namespace: "prod", Kind: deploymentKind, Name: field(body, "metadata", "name").(string), Body: body}
}

// listed are the live Deployments, and the versions that Temporal still needs.
type listed struct {
	bodies []map[string]any
	needed []string
	down   bool
}

func (l listed) List(_ context.Context, _, namespace, selector string) ([]map[string]any, error) {
	if namespace != "prod" || selector != "app.kubernetes.io/instance=integrations-manager" {
		return nil, fmt.Errorf("listed %s %s", namespace, selector)
	}
	return l.bodies, nil
}

func (l listed) Retired(_ context.Context, deployment, build string) (bool, error) {
	if l.down {
		return false, apierr.Errorf(apierr.Unavailable, "Temporal is down")
	}
	for _, needed := range l.needed {
		if deployment+"/"+build == needed {
			return false, nil
		}
	}
	return true, nil
}

func TestOldWorkersStayWhileTheyAreNeeded(t *testing.T) {
	quayOld, quayNew := bodyOf("quay", "a", "quay-membership", 1), bodyOf("quay", "b", "quay-membership", 1)
	managerOld := bodyOf("appinterface", "a", "integrations-manager,service-dependencies", 1)
	managerNew, managerDown := bodyOf("appinterface", "b", "integrations-manager,service-dependencies", 1), bodyOf("appinterface", "b", "integrations-manager,service-dependencies", 0)
	moved := bodyOf("other", "b", "quay-membership", 1)
	type outcome string
	const (
		kept, goes, refused outcome = "kept", "goes", "refused"
	)
	for name, tc := range map[string]struct {
		old    map[string]any
		wanted []map[string]any
		live   []map[string]any
		needed []string
		want   outcome
	}{
		"a version that has runs stays":                                   {quayOld, []map[string]any{quayNew}, nil, []string{"qontract-temporal/a"}, kept},
		"a version without runs goes":                                     {quayOld, []map[string]any{quayNew}, nil, nil, goes},
		"a group that is no more goes where others are of its version":    {moved, []map[string]any{quayNew}, nil, []string{"qontract-temporal/b"}, goes},
		"a group that is no more stays where it has runs of its own":      {quayOld, nil, nil, []string{"qontract-temporal/a"}, kept},
		"its own old version goes once the new one is available":          {managerOld, []map[string]any{managerNew}, []map[string]any{managerNew}, nil, goes},
		"its own old version stays while the new one is not available":    {managerOld, []map[string]any{managerNew}, []map[string]any{managerDown}, nil, kept},
		"its own old version stays while the new one is not there":        {managerOld, []map[string]any{managerNew}, nil, nil, kept},
		"its own old version stays while it has runs":                     {managerOld, []map[string]any{managerNew}, []map[string]any{managerNew}, []string{"qontract-temporal/a"}, kept},
		"workers that run it are not deleted where no others are to":      {managerOld, []map[string]any{quayNew}, nil, nil, refused},
		"workers that run it are not deleted where their version goes on": {managerNew, []map[string]any{quayNew}, nil, nil, refused},
	} {
		t.Run(name, func(t *testing.T) {
			r := &retirement{client: listed{bodies: append(tc.live, tc.old)}, versions: listed{needed: tc.needed}}
			var live []kubeapi.Object
			for _, body := range tc.wanted {
				r.wanted = append(r.wanted, objectOf(body))
			}
			for _, body := range append(tc.live, tc.old) {
				object := objectOf(body)
				object.Body = nil
				live = append(live, object)
			}
			items, err := r.items(t.Context(), live)
			require.NoError(t, err)
			got := kept
			for _, item := range items {
				if item.Object.Name == field(tc.old, "metadata", "name") {
					got = goes
					if err := (&reconciler{}).Vet(t.Context(), reconcile.Scope{}, plan.Change[Item]{Head: plan.Head{Action: plan.Delete}, Current: &item}); err != nil {
						require.True(t, apierr.Is(err, apierr.Guard))
						got = refused
					}
				}
			}
			require.Equal(t, tc.want, got)
			require.Len(t, items, len(tc.live)+map[outcome]int{kept: 0, goes: 1, refused: 1}[got])
		})
	}
}

func TestWithoutTemporalNoWorkersGo(t *testing.T) {
	old := bodyOf("quay", "a", "quay-membership", 1)
	r := &retirement{client: listed{bodies: []map[string]any{old}}, versions: listed{down: true}}
	_, err := r.items(t.Context(), []kubeapi.Object{objectOf(old)})
	require.True(t, apierr.Is(err, apierr.Unavailable))
}
