package kubeapi_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// strategy gives a Deployment a strategy.
func strategy(o kubeapi.Object, name string) kubeapi.Object {
	o.Body["spec"].(map[string]any)["strategy"] = map[string]any{"type": name}
	return o
}

// rollingOut is a Deployment that serves with a ReplicaSet and is to get another selector. The function it returns
// checks that it did, and that what serves has served on.
func rollingOut(w *world) (desired kubeapi.Object, done func()) {
	before := deployment(w, "web", nil)
	require.NoError(w.t, w.Apply(w.write, widgets, before))
	older := w.replicaSet(before, "older", "quay.example/x:0")
	serving := w.replicaSet(before, "serving", "quay.example/x:1")
	running := w.pod("web-running", w.live(serving), nil)
	w.awaitCollector(serving)
	first, replicaSet, pod := uid(w.live(before)), uid(w.live(serving)), uid(w.live(running))
	desired = labelled(deployment(w, "web", nil), map[string]any{"role": "web"})
	return desired, func() {
		now := w.live(desired)
		require.NotEqual(w.t, first, uid(now))
		require.Equal(w.t, map[string]any{"role": "web"}, inside(now, "spec", "selector", "matchLabels"))
		adopted := w.live(serving)
		require.Equal(w.t, replicaSet, uid(adopted))
		require.Equal(w.t, map[string]any{"role": "web", "pod-template-hash": "serving"}, inside(adopted, "metadata", "labels"))
		require.Equal(w.t, controlled(now), inside(adopted, "metadata", "ownerReferences"))
		require.Equal(w.t, pod, uid(w.live(running)))
		require.Nil(w.t, inside(w.live(older), "metadata", "ownerReferences"), "an old ReplicaSet is left behind without an owner")
		require.Empty(w.t, w.drift(desired))
	}
}

func TestServerADeploymentWithAnotherSelectorKeepsWhatServes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desired, done := rollingOut(w)
	require.NoError(t, w.Apply(w.write, widgets, desired))
	done()
	require.NoError(t, w.Apply(w.write, widgets, desired), "applying again")
	done()
}

// recreating is a Deployment that is to get another selector, and goes with its pods.
func recreating(w *world) (desired kubeapi.Object, done func()) {
	before := strategy(deployment(w, "web", nil), "Recreate")
	require.NoError(w.t, w.Apply(w.write, widgets, before))
	replicaSet := w.replicaSet(before, "serving", "quay.example/x:1")
	pod := w.pod("web-running", w.live(replicaSet), nil)
	w.awaitCollector(replicaSet)
	first := uid(w.live(before))
	desired = labelled(strategy(deployment(w, "web", nil), "Recreate"), map[string]any{"role": "web"})
	return desired, func() {
		require.NotEqual(w.t, first, uid(w.live(desired)))
		require.Equal(w.t, map[string]any{"role": "web"}, inside(w.live(desired), "spec", "selector", "matchLabels"))
		require.Eventually(w.t, func() bool { return w.live(replicaSet) == nil && w.live(pod) == nil }, controllerTime, controllerTick)
		require.Empty(w.t, w.drift(desired))
	}
}

func TestServerADeploymentThatRecreatesGoesWithItsPods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desired, done := recreating(w)
	require.NoError(t, w.Apply(w.write, widgets, desired))
	done()
}

// statefulSet has one template of volume claims.
func statefulSet(w *world, service, class, size string) kubeapi.Object {
	labels := map[string]any{"app": "db"}
	return w.object("apps/v1", "StatefulSet", "db", map[string]any{"spec": map[string]any{
		"serviceName": service,
		"selector":    map[string]any{"matchLabels": labels},
		"template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "main", "image": "quay.example/x:1"}}},
		},
		"volumeClaimTemplates": []any{map[string]any{"metadata": map[string]any{"name": "data"}, "spec": claimSpec(class, size)}},
	}})
}

func claimSpec(class, size string) map[string]any {
	return map[string]any{
		"storageClassName": class, "accessModes": []any{"ReadWriteOnce"},
		"resources": map[string]any{"requests": map[string]any{"storage": size}},
	}
}

// claim makes a volume claim that is bound, as only a bound one may grow.
func (w *world) claim(name, class, size string) kubeapi.Object {
	w.t.Helper()
	o := w.object("v1", "PersistentVolumeClaim", name, map[string]any{"spec": claimSpec(class, size)})
	w.raw("POST", o, o.Body)
	w.raw("PATCH/status", o, map[string]any{"status": map[string]any{"phase": "Bound", "capacity": map[string]any{"storage": size}}})
	return o
}

func (w *world) size(claim kubeapi.Object) any {
	w.t.Helper()
	return inside(w.live(claim), "spec", "resources", "requests", "storage")
}

// storageClass makes a class whose volumes may grow or may not. It is made on the server itself, because a virtual
// cluster knows no classes by the names that claims give them.
func storageClass(tb testing.TB, grows bool) string {
	tb.Helper()
	w := onServer(tb)
	o := w.object("storage.k8s.io/v1", "StorageClass", strings.ToLower(rand.Text()), map[string]any{
		"provisioner": "example.com/none", "allowVolumeExpansion": grows,
	})
	require.NoError(tb, w.Apply(w.write, widgets, o))
	tb.Cleanup(func() { _ = w.Delete(w.cleanup(), widgets, kubeapi.Policy{}, o) })
	return o.Name
}

// growing is a StatefulSet with two claims that is to get more storage.
func growing(w *world) (desired kubeapi.Object, done func()) {
	class := storageClass(w.t, true)
	before := statefulSet(w, "db", class, "1Gi")
	require.NoError(w.t, w.Apply(w.write, widgets, before))
	first := uid(w.live(before))
	claims := []kubeapi.Object{w.claim("data-db-0", class, "1Gi"), w.claim("data-db-1", class, "1Gi")}
	foreign := w.claim("data-db-copy", class, "1Gi")
	running := w.pod("db-0", w.live(before), nil)
	w.awaitCollector(running)
	pod := uid(w.live(running))
	desired = statefulSet(w, "db", class, "2Gi")
	return desired, func() {
		require.NotEqual(w.t, first, uid(w.live(desired)))
		for _, claim := range claims {
			require.Equal(w.t, "2Gi", w.size(claim))
		}
		require.Equal(w.t, "1Gi", w.size(foreign))
		require.Equal(w.t, pod, uid(w.live(running)))
		require.Nil(w.t, inside(w.live(running), "metadata", "ownerReferences"), "free for the new StatefulSet to adopt")
		require.Empty(w.t, w.drift(desired))
	}
}

func TestServerAStatefulSetThatGrowsKeepsItsPodsAndClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desired, done := growing(w)
	require.NoError(t, w.Apply(w.write, widgets, desired))
	done()
	require.NoError(t, w.Apply(w.write, widgets, desired), "applying again")
	done()
}

func TestServerAStatefulSetWithAnotherServiceKeepsItsClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	class := storageClass(t, false)
	before := statefulSet(w, "db", class, "1Gi")
	require.NoError(t, w.Apply(w.write, widgets, before))
	first, claim := uid(w.live(before)), w.claim("data-db-0", class, "1Gi")
	desired := statefulSet(w, "other", class, "1Gi")
	require.NoError(t, w.Apply(w.write, widgets, desired))
	require.NotEqual(t, first, uid(w.live(desired)))
	require.Equal(t, "1Gi", w.size(claim))
	require.Empty(t, w.drift(desired))
}

func TestServerAStatefulSetWhoseStorageCannotGrowStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	class := storageClass(t, false)
	before := statefulSet(w, "db", class, "1Gi")
	require.NoError(t, w.Apply(w.write, widgets, before))
	first, claim := uid(w.live(before)), w.claim("data-db-0", class, "1Gi")
	err := w.Apply(w.write, widgets, statefulSet(w, "db", class, "2Gi"))
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "patch PersistentVolumeClaim "+w.namespace+"/data-db-0 in cluster east")
	require.Equal(t, first, uid(w.live(before)))
	require.Equal(t, "1Gi", w.size(claim))
}

func job(w *world, image string) kubeapi.Object {
	return w.object("batch/v1", "Job", "migrate", map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
		"restartPolicy": "Never",
		"containers":    []any{map[string]any{"name": "main", "image": image}},
	}}}})
}

// runningAnew is a Job that is to get another image.
func runningAnew(w *world) (desired kubeapi.Object, done func()) {
	require.NoError(w.t, w.Apply(w.write, widgets, job(w, "quay.example/x:1")))
	first := w.live(job(w, ""))
	pod := w.pod("migrate-running", first, nil)
	w.awaitCollector(pod)
	desired = job(w, "quay.example/x:2")
	return desired, func() {
		require.NotEqual(w.t, uid(first), uid(w.live(desired)))
		require.Empty(w.t, w.drift(desired))
		require.Eventually(w.t, func() bool { return w.live(pod) == nil }, controllerTime, controllerTick)
	}
}

func TestServerAJobWithAnotherTemplateRunsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.Apply(w.write, widgets, job(w, "quay.example/x:1")))
	first := w.live(job(w, ""))
	require.NoError(t, w.Apply(w.write, widgets, job(w, "quay.example/x:1")))
	require.Equal(t, uid(first), uid(w.live(job(w, ""))), "the same Job does not run again")
	require.Empty(t, w.drift(job(w, "quay.example/x:1")))

	desired, done := runningAnew(w)
	require.NoError(t, w.Apply(w.write, widgets, desired))
	done()
}

func TestServerWhatIsMarkedImmutableIsLeftToPeople(t *testing.T) {
	for _, kind := range []string{"ConfigMap", "Secret"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			fixed := func(value string) kubeapi.Object {
				return w.object("v1", kind, "fixed", map[string]any{"immutable": true, "data": map[string]any{"k": value}})
			}
			require.NoError(t, w.Apply(w.write, widgets, fixed("aHVudGVyMg==")))
			before := w.live(fixed(""))
			require.Empty(t, w.drift(fixed("aHVudGVyMg==")))
			err := w.Apply(w.write, widgets, fixed("aHVudGVyMw=="))
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, kind+" "+w.namespace+"/fixed in cluster east")
			require.Equal(t, before, w.live(fixed("")))
		})
	}
}

// service has a port, and an address where one is given.
func service(w *world, address string) kubeapi.Object {
	spec := map[string]any{"ports": []any{map[string]any{"port": 80}}}
	if address != "" {
		spec["clusterIP"] = address
	}
	return w.object("v1", "Service", "web", map[string]any{"spec": spec})
}

// address is one that the server does not give out by itself.
func (w *world) address() string {
	w.t.Helper()
	random := make([]byte, 2)
	_, err := rand.Read(random)
	require.NoError(w.t, err)
	return fmt.Sprintf("10.96.%d.%d", 128+random[0]/2, 1+random[1]/2)
}

// moving is a Service with the server's choice of an address that is to get this one.
func moving(w *world, address string) (desired kubeapi.Object, done func()) {
	require.NoError(w.t, w.Apply(w.write, widgets, service(w, "")))
	first := uid(w.live(service(w, "")))
	desired = service(w, address)
	return desired, func() {
		live := w.live(desired)
		require.Equal(w.t, address, inside(live, "spec", "clusterIP"))
		require.NotEqual(w.t, first, uid(live))
		require.Empty(w.t, w.drift(desired))
	}
}

func headless(w *world) (desired kubeapi.Object, done func())    { return moving(w, "None") }
func readdressed(w *world) (desired kubeapi.Object, done func()) { return moving(w, w.address()) }

func TestServerAServiceGetsTheAddressThatIsWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desired, done := readdressed(w)
	require.NoError(t, w.Apply(w.write, widgets, desired), "the server's choice gives way")
	done()
	require.NoError(t, w.Apply(w.write, widgets, service(w, "None")), "it becomes headless")
	require.Equal(t, "None", inside(w.live(desired), "spec", "clusterIP"))
	require.Empty(t, w.drift(service(w, "None")))
	require.NoError(t, w.Apply(w.write, widgets, service(w, "")), "who wants no address takes the one that is there")
	require.Equal(t, "None", inside(w.live(desired), "spec", "clusterIP"))
	require.Empty(t, w.drift(service(w, "")))
}
