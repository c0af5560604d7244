package cluster_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

func TestDefinitionsOfKindsServeEveryWorld(t *testing.T) {
	c := start(t, cluster.Options{})
	load(t, c, `
{apiVersion: example.test/v1, kind: Widget, metadata: {name: gear, namespace: team-a}, spec: {teeth: 12}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.test}
spec:
  group: example.test
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`)
	require.Contains(t, dump(t, c, cluster.Selection{Kinds: []string{"Widget.example.test"}}), "teeth: 12")
	require.Empty(t, dump(t, start(t, cluster.Options{}), cluster.Selection{Kinds: []string{"Widget"}}))
}

func TestIdentitiesHaveAColonInTheirNames(t *testing.T) {
	c := start(t, cluster.Options{})
	load(t, c, `
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: identities.user.openshift.io}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: users.user.openshift.io}}
---
{apiVersion: user.openshift.io/v1, kind: User, metadata: {name: ann}, identities: ["github:ann"]}
---
apiVersion: user.openshift.io/v1
kind: Identity
metadata: {name: "github:ann"}
providerName: github
providerUserName: ann
user: {name: ann}
`)
	require.Equal(t, `apiVersion: user.openshift.io/v1
kind: Identity
metadata:
  name: github:ann
providerName: github
providerUserName: ann
user:
  name: ann
---
apiVersion: user.openshift.io/v1
identities:
- github:ann
kind: User
metadata:
  name: ann
`, dump(t, c, cluster.Selection{Kinds: []string{"User.user.openshift.io", "Identity.user.openshift.io"}}))
	direct, err := dynamic.NewForConfig(&rest.Config{Host: c.URL(), BearerToken: serverstest.Kube(t).Token})
	require.NoError(t, err)
	identities := direct.Resource(schema.GroupVersionResource{Group: "user.openshift.io", Version: "v1", Resource: "identities"})
	require.NoError(t, identities.Delete(t.Context(), "github:ann", metav1.DeleteOptions{}))
	_, err = identities.Get(t.Context(), "github:ann", metav1.GetOptions{})
	require.ErrorContains(t, err, `"github:ann" not found`)
}

func TestADefinitionNamedAloneIsTheKnownOne(t *testing.T) {
	c := start(t, cluster.Options{})
	load(t, c, `
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: routes.route.openshift.io}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: prometheusrules.monitoring.coreos.com}}
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: web, namespace: team-a}, spec: {to: {kind: Service, name: web}}}
---
{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: up, namespace: team-a}, spec: {groups: [{name: up, rules: [{alert: Down, expr: up == 0}]}]}}
`)
	require.Contains(t, dump(t, c, cluster.Selection{Kinds: []string{"Route"}}), "wildcardPolicy: None", "a default of the definition")
	require.Contains(t, dump(t, c, cluster.Selection{Kinds: []string{"PrometheusRule"}}), "alert: Down")

	err := c.Load(t.Context(), []byte(`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: unknown.example.test}}`))
	require.ErrorContains(t, err, "load CustomResourceDefinition unknown.example.test: no definition of this name is known")
}
