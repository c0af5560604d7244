package upgradeschedulerorgupdater

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func classic() ocmapi.Cluster {
	c := ocmapi.Cluster{ID: "c1", Name: "prod", Region: ocmapi.Link{ID: "us-east-1"}, Product: ocmapi.Link{ID: ocmapi.ProductOSD}}
	c.Network = ocmapi.ClusterNetwork{MachineCIDR: "10.112.0.0/16"}
	c.StorageQuota.Value, c.LoadBalancerQuota = 1100*gibibyte, 5
	return c
}

func rosa() ocmapi.Cluster {
	c := classic()
	c.Product.ID = ocmapi.ProductROSA
	c.AWS = &ocmapi.ClusterAWS{SubnetIDs: []string{"s1"}, STS: &ocmapi.ClusterSTS{RoleARN: "installer", InstanceIAMRoles: map[string]string{"worker_role_arn": "worker"}}}
	c.Properties = map[string]string{ocmapi.PropertyCreatorARN: "arn:aws:iam::123456789012:user/rosa"}
	return c
}

// vault has one secret.
type vault struct{}

func (vault) Read(context.Context, secret.Ref) (secret.Value, error) {
	return secret.New("qt-planted-token"), nil
}

func (vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

func renderer(t *testing.T) *reconciler {
	t.Helper()
	app, err := appinterface.New(appinterface.Config{URL: "http://127.0.0.1:1/graphql"})
	require.NoError(t, err)
	return &reconciler{templates: template.New(clients.New(app, vault{}))}
}

func TestAPolicyIsRendered(t *testing.T) {
	labels := map[string]string{"key1": "value1", "key2": "value2"}
	r := renderer(t)
	for _, tc := range []struct {
		name, template, variables string
		cluster                   ocmapi.Cluster
		want                      string
	}{
		{"a text", "hello: world", "", classic(), "hello: world"},
		{"a field of the cluster", "hello: {{ cluster.spec.region }}", "", classic(), "hello: us-east-1"},
		{"what a classic cluster has", "hello: {{ cluster.spec.storage }}/{{ cluster.spec.load_balancers }}/{{ cluster.network.vpc }}/{{ cluster.network.type }}", "", classic(), "hello: 1100/5/10.112.0.0/16/OVNKubernetes"},
		{"what a cluster of ROSA has", "hello: {{ cluster.spec.account.uid }}/{{ cluster.spec.account.rosa.sts.worker_role_arn }}/{{ cluster.spec.subnet_ids[0] }}", "", rosa(), "hello: 123456789012/worker/s1"},
		{"what OCM does not say", "hello: {{ cluster.spec.availability_zones }}/{{ cluster.spec.account.rosa.sts.controlplane_role_arn }}", "", rosa(), "hello: None/None"},
		{"a label", "hello: {{ labels.key1 }}", "", classic(), "hello: value1"},
		{"a label by its key", "hello: {{ labels['key1'] }}", "", classic(), "hello: value1"},
		{"the default of a label", "hello: {{ labels.unknown_key | default('OK') }}", "", classic(), "hello: OK"},
		{"the default of a label by its key", "hello: {{ labels['unknown_key'] | default('OK') }}", "", classic(), "hello: OK"},
		{"a variable", "hello: {{ var1 }}/{{ var2 }}", `{"var1": "value1", "var2": 7}`, classic(), "hello: value1/7"},
		{"the default of a variable", "hello: {{ unknown_var | default('OK') }}", `{"var1": "value1"}`, classic(), "hello: OK"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text, err := r.render(t.Context(), reconcile.Scope{}, templateOf(t, tc.template, tc.variables), clusterVariables(tc.cluster), labels)
			require.NoError(t, err)
			require.Equal(t, tc.want+"\n", text)
		})
	}
}

func TestWhatIsNoPolicy(t *testing.T) {
	r := renderer(t)
	for _, tc := range []struct{ name, template, variables, says string }{
		{"a field that no cluster has", "hello: {{ cluster.unknown_attribute }}", "", "unknown_attribute"},
		{"a field that clusters of ROSA have", "hello: {{ cluster.spec.account }}", "", "account"},
		{"a label that is not there", "hello: {{ labels.unknown_key }}", "", "unknown_key"},
		{"a label that is not there, by its key", "hello: {{ labels['unknown_key'] }}", "", "unknown_key"},
		{"a variable that is not there", "hello: {{ unknown_var }}", `{"var1": "value1"}`, "unknown_var"},
		{"variables that are no object", "hello: world", `["a"]`, "the variables are not an object"},
		{"a list", "- hello", "", "its text is no mapping in YAML"},
		{"nothing", "{# hello #}", "", "its text is empty"},
		{"a secret", "hello: {{ vault('creds', 'token') }}", "", "reads a secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := r.render(t.Context(), reconcile.Scope{}, templateOf(t, tc.template, tc.variables), clusterVariables(classic()), nil)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "qt-planted")
		})
	}
	_, err := r.render(t.Context(), reconcile.Scope{}, policyTemplate{}, nil, nil)
	require.ErrorContains(t, err, "no resource at the path")
}

func templateOf(t *testing.T, text, variables string) policyTemplate {
	t.Helper()
	of := policyTemplate{Path: &policyTemplatePathResourceV1{Path: "/policy.yml", Content: text}}
	if variables != "" {
		require.NoError(t, of.Variables.UnmarshalJSON([]byte(variables)))
	}
	return of
}
