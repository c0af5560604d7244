package openshiftsaasdeploy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestWhoAsksForApprovals(t *testing.T) {
	for _, tc := range []struct {
		name, file, target string
		want               bool
	}{
		{"nobody", `{}`, `{"A": "b"}`, false},
		{"the target", `{}`, `{"QONTRACT_APPROVAL": true}`, true},
		{"the saas file, by a text", `{"QONTRACT_APPROVAL": "true"}`, `null`, true},
		{"the saas file, and not the target", `{"QONTRACT_APPROVAL": "true"}`, `{"QONTRACT_APPROVAL": false}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file, err := saastest.File(t, []byte(`{"name": "cart", "app": {"name": "shop"}, "parameters": `+tc.file+`, "resourceTemplates": [{"name": "api", "targets": [
				{"ref": "main", "namespace": {"name": "shop", "cluster": {"name": "prod-1"}, "environment": {"name": "prod"}, "app": {"name": "shop"}}, "parameters": `+tc.target+`}]}]}`))
			require.NoError(t, err)
			template := &file.ResourceTemplates[0]
			why, err := (&stage{file: &file}).careful(&target{Target: &template.Targets[0], template: template, name: "api/prod-1/shop"})
			require.NoError(t, err)
			require.Equal(t, tc.want, why != "", why)
		})
	}
}

func TestObjectsOfARolloutThatWaitsForApprovalAreLeftAsTheyAre(t *testing.T) {
	object := func(namespace, name, drift string) Item {
		return Item{Object: &kubeapi.Object{Cluster: "prod-1", Namespace: namespace, Kind: "ConfigMap", Name: name, Drift: drift}}
	}
	rollout := func(namespace, careful, pending string) Item {
		return Item{Rollout: &Rollout{Target: namespace, Cluster: appinterface.Cluster{Name: "prod-1"}, Namespace: namespace, Careful: careful, Pending: pending}}
	}
	part := func(item, of Item) Item {
		item.Of = &membership{Rollout: of.Key()}
		return item
	}
	asked, free := rollout("asked", "why", ""), rollout("free", "", "")
	desired := []Item{
		part(object("asked", "changed", ""), asked), part(object("asked", "missing", ""), asked), asked,
		part(object("free", "changed", ""), free), free,
	}
	current := []Item{
		object("asked", "changed", "it differs"), object("asked", "unwanted", ""), rollout("asked", "why", "2 differ"),
		object("free", "changed", "it differs"), object("free", "unwanted", ""), rollout("free", "", "1 differs"),
	}
	require.Equal(t, []Item{
		rollout("asked", "why", "2 differ"), object("free", "changed", "it differs"), object("free", "unwanted", ""), rollout("free", "", "1 differs"),
		object("asked", "changed", ""), object("asked", "missing", ""),
	}, leave(desired, current))

	current[2].Rollout.Pending = ""
	require.Equal(t, current, leave(desired, current), "one that is done needs none")
}
