package cluster_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

func start(t *testing.T, options cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(serverstest.Kube(t), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// client is the usual client of a cluster: JSON, or protobuf asked for first, as typed clients may.
func client(t *testing.T, c *cluster.Cluster, token string) kubernetes.Interface {
	t.Helper()
	config := &rest.Config{Host: c.URL(), BearerToken: token, QPS: -1}
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	config.ContentType = "application/json"
	k, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	return k
}

func load(t *testing.T, c *cluster.Cluster, documents string) {
	t.Helper()
	require.NoError(t, c.Load(t.Context(), []byte(documents)))
}

func dump(t *testing.T, c *cluster.Cluster, selection cluster.Selection) string {
	t.Helper()
	text, err := c.Dump(t.Context(), selection)
	require.NoError(t, err)
	require.NotContains(t, string(text), c.World()+"-", "a client never sees the prefix")
	return string(text)
}

func configMap(namespace, name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string]string{"k": "v"}}
}

const team = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team-a, annotations: {qontract.update: "2026-01-01", owner: team}}
data: {greeting: hello}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {kind: ServiceAccount, name: bot, namespace: team-b}
- {kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccounts:team-b"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: team-a}
spec: {ports: [{port: 80}], selector: {app: web}}
`

const teamDumped = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: reader
rules:
- apiGroups:
  - ""
  resources:
  - pods
  verbs:
  - get
---
apiVersion: v1
kind: Namespace
metadata:
  name: team-a
---
apiVersion: v1
data:
  greeting: hello
kind: ConfigMap
metadata:
  annotations:
    owner: team
  name: settings
  namespace: team-a
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: readers
  namespace: team-a
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: reader
subjects:
- kind: ServiceAccount
  name: bot
  namespace: team-b
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: system:serviceaccounts:team-b
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: team-a
spec:
  internalTrafficPolicy: Cluster
  ipFamilies:
  - IPv4
  ipFamilyPolicy: SingleStack
  ports:
  - port: 80
    protocol: TCP
    targetPort: 80
  selector:
    app: web
  sessionAffinity: None
  type: ClusterIP
`

func TestAnEstateComesBackAsLoaded(t *testing.T) {
	c := start(t, cluster.Options{})
	load(t, c, team)
	require.Equal(t, teamDumped, dump(t, c, cluster.Selection{}))
	require.Empty(t, c.Faults.Calls(), "loading and dumping are no calls of a client")
}

func TestObjectsOfAnEstateMayBeOld(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	load(t, c, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: old, namespace: team-a, creationTimestamp: "2024-04-03T09:00:00Z"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: older, namespace: team-a, creationTimestamp: "2024-04-02T09:00:00Z", annotations: {kept: "yes"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: new, namespace: team-a}}
`)
	maps := client(t, c, serverstest.Kube(t).Automation).CoreV1().ConfigMaps("team-a")
	listed, err := maps.List(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	created := map[string]time.Time{}
	for _, item := range listed.Items {
		created[item.Name] = item.CreationTimestamp.UTC()
	}
	require.Equal(t, time.Date(2024, 4, 3, 9, 0, 0, 0, time.UTC), created["old"])
	require.Equal(t, time.Date(2024, 4, 2, 9, 0, 0, 0, time.UTC), created["older"])
	old, err := maps.Get(ctx, "old", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, created["old"], old.CreationTimestamp.UTC())
	require.Empty(t, old.Annotations)
	require.Less(t, time.Since(created["new"]), time.Hour)
	require.NotContains(t, dump(t, c, cluster.Selection{}), "2024")
	require.Contains(t, dump(t, c, cluster.Selection{}), "kept:")
}

func TestADumpIsNarrowed(t *testing.T) {
	c := start(t, cluster.Options{})
	load(t, c, team)
	load(t, c, `{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: team-b}}`)
	text := dump(t, c, cluster.Selection{Kinds: []string{"ConfigMap"}, Namespaces: []string{"team-a"}})
	require.Contains(t, text, "name: settings")
	require.NotContains(t, text, "kind: Service")
	require.NotContains(t, text, "team-b")
	_, err := c.Dump(t.Context(), cluster.Selection{Kinds: []string{"ConfigMap", "Teapot.example.com"}})
	require.ErrorContains(t, err, "does not serve the kind Teapot.example.com")
}

func TestWorldsDoNotSeeEachOther(t *testing.T) {
	ctx := t.Context()
	one, two := start(t, cluster.Options{}), start(t, cluster.Options{})
	load(t, one, team)
	load(t, two, strings.ReplaceAll(team, "hello", "goodbye"))
	admin := serverstest.Kube(t).Token
	for world, greeting := range map[*cluster.Cluster]string{one: "hello", two: "goodbye"} {
		k := client(t, world, admin)
		maps, err := k.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{})
		require.NoError(t, err)
		require.Len(t, maps.Items, 1)
		require.Equal(t, greeting, maps.Items[0].Data["greeting"])
		require.Equal(t, "team-a", maps.Items[0].Namespace)
		namespaces, err := k.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		require.NoError(t, err)
		require.Len(t, namespaces.Items, 1)
		require.Equal(t, "team-a", namespaces.Items[0].Labels["kubernetes.io/metadata.name"])
		roles, err := k.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
		require.NoError(t, err)
		require.Len(t, roles.Items, 1)
	}
	require.NoError(t, client(t, one, admin).RbacV1().ClusterRoles().Delete(ctx, "reader", metav1.DeleteOptions{}))
	_, err := client(t, two, admin).RbacV1().ClusterRoles().Get(ctx, "reader", metav1.GetOptions{})
	require.NoError(t, err, "a deletion stays in its world")
}

func TestObjectsAreWrittenUnderTheirOwnNames(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	k := client(t, c, serverstest.Kube(t).Automation)

	created, err := k.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team-a"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, "team-a", created.Name)
	_, err = k.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team-a"}}, metav1.CreateOptions{})
	require.True(t, apierrors.IsAlreadyExists(err), "%v", err)
	require.EqualError(t, err, `namespaces "team-a" already exists`)
	generated, err := k.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "tmp-"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Regexp(t, `^tmp-\w+$`, generated.Name)

	_, err = k.CoreV1().ConfigMaps("team-a").Create(ctx, configMap("team-a", "settings"), metav1.CreateOptions{})
	require.NoError(t, err)
	applied, err := k.CoreV1().ConfigMaps("team-a").Patch(ctx, "settings", types.ApplyPatchType,
		[]byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: team-a}\ndata: {k: w}\n"),
		metav1.PatchOptions{FieldManager: "test", Force: new(true)})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"k": "w"}, applied.Data)
	applied.Data["k"] = "x"
	_, err = k.CoreV1().ConfigMaps("team-a").Update(ctx, applied, metav1.UpdateOptions{})
	require.NoError(t, err, "an object goes back as it came")

	_, err = k.CoreV1().ConfigMaps("nowhere").Create(ctx, configMap("nowhere", "settings"), metav1.CreateOptions{})
	require.EqualError(t, err, `namespaces "nowhere" not found`)
	require.NoError(t, k.CoreV1().Namespaces().Delete(ctx, "team-a", metav1.DeleteOptions{}))
	require.NotContains(t, dump(t, c, cluster.Selection{}), "team-a", "a namespace that is being deleted counts as gone")
}

func TestSelectorsNameTheWorldsObjects(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	k := client(t, c, serverstest.Kube(t).Automation)
	for _, namespace := range []string{"team-a", "team-b"} {
		for _, name := range []string{"one", "two"} {
			load(t, c, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+", namespace: "+namespace+"}}")
		}
	}
	for _, tc := range []struct {
		name   string
		fields string
		want   []string
	}{
		{"by the name of a namespaced object", "metadata.name=one", []string{"team-a/one", "team-b/one"}},
		{"by namespace", "metadata.namespace==team-b", []string{"team-b/one", "team-b/two"}},
		{"by both", "metadata.namespace=team-a,metadata.name!=one", []string{"team-a/two"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, err := k.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{FieldSelector: tc.fields})
			require.NoError(t, err)
			var names []string
			for _, item := range found.Items {
				names = append(names, item.Namespace+"/"+item.Name)
			}
			require.Equal(t, tc.want, names)
		})
	}
	namespaces, err := k.CoreV1().Namespaces().List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=team-b"})
	require.NoError(t, err)
	require.Len(t, namespaces.Items, 1)
	namespaces, err = k.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/metadata.name=team-a"})
	require.NoError(t, err)
	require.Len(t, namespaces.Items, 1)

	var names []string
	options := metav1.ListOptions{Limit: 1}
	for {
		page, err := k.CoreV1().ConfigMaps("").List(ctx, options)
		require.NoError(t, err)
		require.Nil(t, page.RemainingItemCount)
		for _, item := range page.Items {
			names = append(names, item.Namespace+"/"+item.Name)
		}
		if options.Continue = page.Continue; options.Continue == "" {
			break
		}
	}
	require.Equal(t, []string{"team-a/one", "team-a/two", "team-b/one", "team-b/two"}, names, "pages add up to the whole")
}

func TestWhatWouldHarmOtherWorldsIsRefused(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	k := client(t, c, serverstest.Kube(t).Token)

	view, err := k.RbacV1().ClusterRoles().Get(ctx, "view", metav1.GetOptions{})
	require.NoError(t, err, "the built-in roles can be read")
	require.NotEmpty(t, view.Rules)
	view.Rules = nil
	_, err = k.RbacV1().ClusterRoles().Update(ctx, view, metav1.UpdateOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	_, err = k.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "admin"}}, metav1.CreateOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	err = k.RbacV1().ClusterRoles().DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	require.True(t, apierrors.IsMethodNotSupported(err), "%v", err)
	_, err = k.CoreV1().ConfigMaps("").Watch(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsMethodNotSupported(err), "%v", err)
	err = c.Load(ctx, []byte(`{apiVersion: v1, kind: Namespace, metadata: {name: `+strings.Repeat("a", 63)+`}}`))
	require.ErrorContains(t, err, "load Namespace "+strings.Repeat("a", 63))
}

func TestKindsOfOtherClustersAreHidden(t *testing.T) {
	ctx := t.Context()
	hidden := start(t, cluster.Options{Hide: []string{"batch", "Secret", "Deployment.apps"}})
	load(t, hidden, team)
	k := client(t, hidden, serverstest.Kube(t).Token)
	_, err := k.BatchV1().Jobs("team-a").List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
	_, err = k.CoreV1().Secrets("team-a").List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
	_, err = k.CoreV1().ConfigMaps("team-a").List(ctx, metav1.ListOptions{})
	require.NoError(t, err)

	_, lists, err := k.Discovery().ServerGroupsAndResources()
	require.NoError(t, err)
	served := map[string]bool{}
	for _, list := range lists {
		for _, resource := range list.APIResources {
			served[list.GroupVersion+" "+resource.Kind] = true
		}
	}
	require.True(t, served["v1 ConfigMap"])
	require.True(t, served["apps/v1 StatefulSet"])
	for _, kind := range []string{"batch/v1 Job", "v1 Secret", "apps/v1 Deployment"} {
		require.False(t, served[kind], kind)
	}
}

func TestABadObjectStopsNoOther(t *testing.T) {
	c := start(t, cluster.Options{})
	err := c.Load(t.Context(), []byte(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: lost}}
---
{apiVersion: nowhere/v1, kind: Thing, metadata: {name: strange, namespace: team-a}}
---
{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: team-a}}]}
`))
	require.ErrorContains(t, err, "load ConfigMap lost: a ConfigMap lives in a namespace")
	require.ErrorContains(t, err, "load Thing team-a/strange")
	require.Contains(t, dump(t, c, cluster.Selection{Kinds: []string{"ConfigMap"}}), "name: kept")
}

func TestCallsAreRecordedAndFailOnDemand(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	load(t, c, team)
	k := client(t, c, serverstest.Kube(t).Automation)
	c.Faults.FailNth(1, fault.Failure{Status: http.StatusServiceUnavailable})
	c.Faults.FailNth(3, fault.Failure{AfterEffect: true})

	_, err := k.CoreV1().ConfigMaps("team-a").Get(ctx, "settings", metav1.GetOptions{})
	require.True(t, apierrors.IsServiceUnavailable(err), "%v", err)
	_, err = k.CoreV1().ConfigMaps("team-a").Create(ctx, configMap("team-a", "dry"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	require.NoError(t, err)
	_, err = k.CoreV1().ConfigMaps("team-a").Create(ctx, configMap("team-a", "made"), metav1.CreateOptions{})
	require.ErrorContains(t, err, "EOF")
	_, err = k.CoreV1().ConfigMaps("team-a").Get(ctx, "made", metav1.GetOptions{})
	require.NoError(t, err, "the call whose answer was lost had its effect")
	allowed(ctx, t, k, "team-a")

	require.Len(t, c.Faults.Calls(), 5)
	writes := c.Faults.Writes()
	require.Len(t, writes, 1)
	require.True(t, writes[0].Same(fault.Call{Method: "POST", Path: "/api/v1/namespaces/team-a/configmaps"}))
}

func TestAWorldIsAToken(t *testing.T) {
	for name, world := range map[string]string{
		"a dash would make one world's prefix another's": "a-b", "capitals are no names": "World",
		"two letters are too few to be unique": "ab", "too long leaves no room for names": "abcdefghijk",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cluster.New(serverstest.Kube(t), cluster.Options{World: world})
			require.ErrorContains(t, err, "3 to 10 lower-case letters and digits")
		})
	}
	first := start(t, cluster.Options{})
	load(t, first, team)
	again := start(t, cluster.Options{World: first.World()})
	require.Equal(t, teamDumped, dump(t, again, cluster.Selection{}))
}

func TestAnEstateIsWrittenOnBehalfOfItsManager(t *testing.T) {
	ctx := t.Context()
	for _, tc := range []struct {
		name      string
		manager   cluster.Manager
		operation metav1.ManagedFieldsOperationType
	}{
		{"somebody else's by default", cluster.Estate(), metav1.ManagedFieldsOperationApply},
		{"kubectl's of old", cluster.Manager{Name: "kubectl-client-side-apply", ClientSide: true}, metav1.ManagedFieldsOperationUpdate},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := start(t, cluster.Options{})
			for _, greeting := range []string{"hello", "goodbye"} {
				documents := strings.ReplaceAll("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: team-a}, data: {greeting: X}}", "X", greeting)
				require.NoError(t, c.LoadAs(ctx, tc.manager, []byte(documents)))
			}
			found, err := client(t, c, serverstest.Kube(t).Token).CoreV1().ConfigMaps("team-a").Get(ctx, "settings", metav1.GetOptions{})
			require.NoError(t, err)
			require.Equal(t, "goodbye", found.Data["greeting"])
			require.Len(t, found.ManagedFields, 1)
			require.Equal(t, tc.manager.Name, found.ManagedFields[0].Manager)
			require.Equal(t, tc.operation, found.ManagedFields[0].Operation)
		})
	}
}

func TestPatchesNameTheWorldsObjects(t *testing.T) {
	ctx := t.Context()
	for _, tc := range []struct {
		name  string
		kind  types.PatchType
		patch string
	}{
		{"a JSON patch that adds a subject", types.JSONPatchType,
			`[{"op":"add","path":"/subjects/-","value":{"kind":"ServiceAccount","name":"new","namespace":"team-c"}}]`},
		{"a JSON patch that replaces all", types.JSONPatchType,
			`[{"op":"replace","path":"/subjects","value":[{"kind":"ServiceAccount","name":"new","namespace":"team-c"}]}]`},
		{"a JSON patch that moves one", types.JSONPatchType,
			`[{"op":"replace","path":"/subjects/0/namespace","value":"team-c"},{"op":"replace","path":"/subjects/0/name","value":"new"}]`},
		{"a merge patch", types.MergePatchType, `{"subjects":[{"kind":"ServiceAccount","name":"new","namespace":"team-c"}]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := start(t, cluster.Options{})
			load(t, c, team)
			k := client(t, c, serverstest.Kube(t).Automation)
			patched, err := k.RbacV1().RoleBindings("team-a").Patch(ctx, "readers", tc.kind, []byte(tc.patch), metav1.PatchOptions{})
			require.NoError(t, err)
			require.Contains(t, patched.Subjects, rbacv1.Subject{Kind: "ServiceAccount", Name: "new", Namespace: "team-c"})

			direct, err := kubernetes.NewForConfig(&rest.Config{Host: serverstest.Kube(t).URL, BearerToken: serverstest.Kube(t).Token,
				TLSClientConfig: rest.TLSClientConfig{CAData: serverstest.Kube(t).CA}})
			require.NoError(t, err)
			stored, err := direct.RbacV1().RoleBindings(c.World()+"-team-a").Get(ctx, "readers", metav1.GetOptions{})
			require.NoError(t, err)
			require.Contains(t, stored.Subjects, rbacv1.Subject{Kind: "ServiceAccount", Name: "new", Namespace: c.World() + "-team-c"})
			require.Equal(t, c.World()+"-reader", stored.RoleRef.Name)
		})
	}
}
