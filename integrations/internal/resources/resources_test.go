package resources

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// store is a reader of secrets by path; "down" does not answer.
type store map[string]map[string]secret.Value

func (s store) Read(context.Context, secret.Ref) (secret.Value, error) { return secret.Value{}, nil }

func (s store) ReadAll(_ context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	if ref.Path == "down" {
		return nil, apierr.Errorf(apierr.Unavailable, "the store does not answer")
	}
	fields, ok := s[ref.Path]
	if !ok {
		return nil, apierr.Errorf(apierr.Missing, "there is no secret %s", ref.Path)
	}
	return fields, nil
}

func read(t *testing.T, text string) func(context.Context, reconcile.Scope) (Estate, error) {
	t.Helper()
	var namespaces []Namespace
	require.NoError(t, json.Unmarshal([]byte(text), &namespaces))
	return func(context.Context, reconcile.Scope) (Estate, error) { return Estate{Namespaces: namespaces}, nil }
}

func TestTheResourcesOfANamespaceAreItsOwnAndTheSharedOnes(t *testing.T) {
	source := &Source{Providers: []string{ProviderVaultSecret}, Kinds: []string{"Secret"}, Secrets: store{"app/own": nil, "app/shared": nil}, Read: read(t, `[
		{"name": "both", "clusterAdmin": true, "cluster": {"name": "prod-1"}, "managedResourceTypes": ["Template"],
		 "managedResourceTypeOverrides": [{"resource": "Template", "override": "Template.template.openshift.io"}],
		 "openshiftResources": [{"provider": "vault-secret", "path": "app/own"}, {"provider": "route"}],
		 "sharedResources": [{"openshiftResources": [{"provider": "vault-secret", "path": "app/shared", "name": "renamed"}]}, {"openshiftResources": null}]},
		{"name": "others", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "route"}]},
		{"name": "none", "cluster": {"name": "prod-1"}, "openshiftResources": null, "sharedResources": null},
		{"name": "deleted", "delete": true, "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret", "path": "app/own"}]}
	]`)}
	namespaces, err := source.Namespaces(t.Context(), reconcile.Scope{})
	require.NoError(t, err)
	require.Len(t, namespaces, 1)
	require.Equal(t, "both", namespaces[0].Name)
	require.True(t, namespaces[0].ClusterAdmin)
	require.Equal(t, []kubeapi.Managed{{Kind: "Secret"}}, namespaces[0].Managed)

	bodies, err := namespaces[0].Bodies(t.Context(), reconcile.Scope{}, everything)
	require.NoError(t, err)
	require.Equal(t, []string{"own", "renamed"}, names(bodies))

	bodies, err = namespaces[0].Bodies(t.Context(), reconcile.Scope{}, func(kind, name string) bool { return kind == "Secret" && name == "renamed" })
	require.NoError(t, err)
	require.Equal(t, []string{"renamed"}, names(bodies), "what is not wanted is not read")
}

func names(bodies []namespaced.Body) []string {
	var all []string
	for _, body := range bodies {
		all = append(all, body.Object["metadata"].(map[string]any)["name"].(string))
	}
	return all
}

func TestFlagsLimitTheNamespaces(t *testing.T) {
	source := &Source{Providers: []string{ProviderVaultSecret}, Read: read(t, `[
		{"name": "a", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret"}]},
		{"name": "b", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret"}]},
		{"name": "a", "cluster": {"name": "edge-1"}, "openshiftResources": [{"provider": "vault-secret"}]}
	]`)}
	for _, tc := range []struct {
		name string
		args plan.Args
		want []string
	}{
		{"all", nil, []string{"prod-1/a", "prod-1/b", "edge-1/a"}},
		{"one namespace", plan.Args{"namespace-name": {"a"}}, []string{"prod-1/a", "edge-1/a"}},
		{"without a cluster", plan.Args{"exclude-cluster": {"prod-1", "other"}}, []string{"edge-1/a"}},
		{"a shard by the hash of cluster and namespace", plan.Args{"shards": {"2"}, "shard-id": {"0"}}, []string{"prod-1/a", "edge-1/a"}},
		{"the other shard", plan.Args{"shards": {"2"}, "shard-id": {"1"}}, []string{"prod-1/b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			namespaces, err := source.Namespaces(t.Context(), reconcile.Scope{Args: tc.args})
			require.NoError(t, err)
			var got []string
			for _, n := range namespaces {
				got = append(got, n.Cluster.Name+"/"+n.Name)
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func TestAStoreThatDoesNotAnswerFailsTheNamespaceAndAMissingSecretItself(t *testing.T) {
	source := &Source{Providers: []string{ProviderVaultSecret}, Secrets: store{"app/own": nil}, Read: read(t, `[
		{"name": "a", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret", "path": "app/gone"}, {"provider": "vault-secret", "path": "app/own"}]},
		{"name": "b", "cluster": {"name": "prod-1"}, "openshiftResources": [{"provider": "vault-secret", "path": "down"}, {"provider": "vault-secret", "path": "app/own"}]}
	]`)}
	namespaces, err := source.Namespaces(t.Context(), reconcile.Scope{})
	require.NoError(t, err)
	bodies, err := namespaces[0].Bodies(t.Context(), reconcile.Scope{}, everything)
	require.Equal(t, []string{"own"}, names(bodies))
	require.EqualError(t, err, "[prod-1/a] app/gone: there is no secret app/gone")
	var problems reconcile.Problems
	require.ErrorAs(t, err, &problems)

	_, err = namespaces[1].Bodies(t.Context(), reconcile.Scope{}, everything)
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.NotErrorAs(t, err, &problems)
}

func TestTheConfigurationOfAnAlertmanagerIsChecked(t *testing.T) {
	good, bad := "route: {receiver: pager}\nreceivers: [{name: pager}]\n", "route: {receiver: hunter2}\n"
	for _, tc := range []struct{ name, object, key, fault string }{
		{"a config map", `{kind: ConfigMap, data: {alertmanager.yaml: "` + `route: {receiver: pager}\nreceivers: [{name: pager}]` + `"}}`, "alertmanager.yaml", ""},
		{"the data of a Secret", `{kind: Secret, data: {a: cm91dGU6IHtyZWNlaXZlcjogcGFnZXJ9CnJlY2VpdmVyczogW3tuYW1lOiBwYWdlcn1dCg==}}`, "a", ""},
		{"the text of a Secret", `{kind: Secret, stringData: {a: "` + `route: {receiver: pager}\nreceivers: [{name: pager}]` + `"}}`, "a", ""},
		{"no such key", `{kind: ConfigMap, data: {b: ""}}`, "a", "there is no key a"},
		{"a Secret without data", `{kind: Secret}`, "a", "there is no key a"},
		{"data that is not base64", `{kind: Secret, data: {a: "!"}}`, "a", "data.a is not base64"},
		{"an unknown receiver", `{kind: ConfigMap, data: {a: "route: {receiver: hunter2}"}}`, "a", `undefined receiver "hunter2" used in route`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			object, err := parse(tc.object)
			require.NoError(t, err)
			err = validateAlertmanager(object, tc.key, false)
			if tc.fault == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.fault)
		})
	}
	require.NoError(t, checkAlertmanager(good, true))
	err := checkAlertmanager(bad, true)
	require.ErrorContains(t, err, "Alertmanager would not take this configuration")
	require.NotContains(t, err.Error(), "hunter2")
	err = checkAlertmanager("global:\n  hunter2_url: hunter2\n  resolve_timeout: [hunter3]\n", true)
	require.ErrorContains(t, err, "line 3")
	require.NotContains(t, err.Error(), "hunter3")
}

func TestAlertsLinkToTheirFile(t *testing.T) {
	object, err := parse(`
spec:
  groups:
  - rules: [{alert: A, annotations: {message: m}}, {alert: B, annotations: {}}, {alert: C}, {alert: D, annotations: text}, text]
  - {}
  - text
`)
	require.NoError(t, err)
	linkAlerts(object, "https://example.com/a.yml")
	rules := object["spec"].(map[string]any)["groups"].([]any)[0].(map[string]any)["rules"].([]any)
	require.Equal(t, []any{
		map[string]any{"alert": "A", "annotations": map[string]any{"message": "m", "html_url": "https://example.com/a.yml"}},
		map[string]any{"alert": "B", "annotations": map[string]any{}}, map[string]any{"alert": "C"},
		map[string]any{"alert": "D", "annotations": "text"}, "text",
	}, rules)
	linkAlerts(map[string]any{"spec": "text"}, "")

	object, err = file(Item{File: File{Path: "/rules/a.yml", Content: `{kind: PrometheusRule, spec: {groups: [{rules: [{annotations: {a: b}}]}]}}`}}, place{})
	require.NoError(t, err)
	written, err := json.Marshal(object)
	require.NoError(t, err)
	require.Contains(t, string(written), `"html_url":"https://gitlab.cee.redhat.com/service/app-interface/blob/master/resources/rules/a.yml"`, "without settings")
}

func TestAnEntryWhoseFileIsNotThereIsReported(t *testing.T) {
	_, err := file(Item{Provider: ProviderFile}, place{})
	require.ErrorContains(t, err, "app-interface has no resource of the entry's path")
}

type journal struct{ lines []any }

func (j *journal) Debug(string, ...any) {}
func (j *journal) Info(string, ...any)  {}
func (j *journal) Warn(_ string, fields ...any) {
	j.lines = append(j.lines, fields[3].(string)+"/"+fields[5].(string))
}
func (j *journal) Error(string, ...any) {}

func TestKindsWithoutResourcesAreWarnedOf(t *testing.T) {
	j := &journal{}
	namespaces := []namespaced.Namespace{
		{Name: "a", Managed: []kubeapi.Managed{{Kind: "ConfigMap"}, {Kind: "Secret"}}},
		{Name: "b", Managed: []kubeapi.Managed{{Kind: "Job"}}},
	}
	namespaces[0].Cluster.Name, namespaces[1].Cluster.Name = "prod-1", "edge-1"
	WarnOfUnused(logging.Into(t.Context(), j), reconcile.Scope{Name: "prod-1"}, namespaces, []kubeapi.Object{{Namespace: "a", Kind: "ConfigMap", Name: "x"}})
	require.Equal(t, []any{"a/Secret"}, j.lines)
}
