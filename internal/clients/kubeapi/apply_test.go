package kubeapi

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var (
	deploymentKind  = Kind{Name: "Deployment", Group: "apps", Version: "v1", Resource: "deployments", Namespaced: true}
	statefulSetKind = Kind{Name: "StatefulSet", Group: "apps", Version: "v1", Resource: "statefulsets", Namespaced: true}
)

func refuse(verb string, times int, found problem) func(string, reference) error {
	return func(called string, _ reference) error {
		if called != verb || times == 0 {
			return nil
		}
		times--
		return apierr.New(apierr.Invalid, &serverError{message: "refused", problem: found})
	}
}

func applierOn(cluster *memory) *applier {
	return &applier{
		objects: cluster, cluster: "east",
		now:    func() time.Time { return time.Date(2031, 3, 14, 15, 9, 26, 0, time.UTC) },
		settle: settleWithin{limit: 20 * time.Millisecond, pause: time.Millisecond},
	}
}

func object(t *testing.T, written string) map[string]any {
	t.Helper()
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(written), &body))
	return body
}

// rolling is a Deployment that serves with one ReplicaSet, and is to get another selector.
func rolling(t *testing.T, cluster *memory) (ref, replicaSet reference, desired map[string]any) {
	ref = reference{Kind: deploymentKind, namespace: "shop", name: "web"}
	live := cluster.put(ref, object(t, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{
		"strategy":{"type":"RollingUpdate"},"selector":{"matchLabels":{"app":"web"}},
		"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}}}}`))
	owned := func(name, image, created string) reference {
		ref := reference{Kind: replicaSetKind, namespace: "shop", name: name}
		cluster.put(ref, object(t, `{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"`+name+`","creationTimestamp":"`+created+`",
			"labels":{"app":"web","pod-template-hash":"`+name+`"},"ownerReferences":[{"kind":"Deployment","name":"web","uid":"`+uidOf(live)+`","controller":true}]},
			"spec":{"template":{"metadata":{"labels":{"app":"web","pod-template-hash":"`+name+`"}},"spec":{"containers":[`+image+`]}}}}`))
		return ref
	}
	owned("older", `{"name":"other"}`, "2031-01-02T00:00:00Z")
	replicaSet = owned("serving", "", "2031-01-01T00:00:00Z")
	desired = object(t, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"role":"web"}}}}`)
	return ref, replicaSet, desired
}

func requireAdopted(t *testing.T, cluster *memory, ref, replicaSet reference) {
	t.Helper()
	adopted := cluster.stored[replicaSet]
	require.Equal(t, map[string]any{"role": "web", "pod-template-hash": "serving"}, child(metadata(adopted), "labels"))
	require.Len(t, ownerReferences(adopted), 1)
	require.Equal(t, uidOf(cluster.stored[ref]), ownerReferences(adopted)[0]["uid"])
	require.NotContains(t, child(metadata(cluster.stored[reference{Kind: replicaSetKind, namespace: "shop", name: "older"}]), "labels"), "role")
}

func TestADeploymentWithAnotherSelectorKeepsItsReplicaSet(t *testing.T) {
	cluster := newMemory()
	ref, replicaSet, desired := rolling(t, cluster)
	before := uidOf(cluster.stored[ref])
	cluster.refuse = refuse("apply", 1, problemImmutable)
	require.NoError(t, applierOn(cluster).run(t.Context(), ref, desired))
	require.NotEqual(t, before, uidOf(cluster.stored[ref]))
	require.Equal(t, []string{"apply", "delete-orphan", "apply"}, cluster.writes[ref.String()])
	requireAdopted(t, cluster, ref, replicaSet)
}

func TestAReplacementThatCrashesAnywhereIsFinishedByTheNextAttempt(t *testing.T) {
	crash := errors.New("crash")
	for step := 1; step <= 10; step++ {
		cluster := newMemory()
		ref, replicaSet, desired := rolling(t, cluster)
		selector := uidOf(cluster.stored[ref])
		calls := 0
		cluster.refuse = func(verb string, at reference) error {
			if calls++; calls == step {
				return crash
			}
			// The server refuses for as long as the old Deployment is there.
			if live := cluster.stored[ref]; verb == "apply" && at == ref && live != nil && uidOf(live) == selector {
				return apierr.New(apierr.Invalid, &serverError{message: "immutable", problem: problemImmutable})
			}
			return nil
		}
		work := applierOn(cluster)
		require.ErrorIs(t, work.run(t.Context(), ref, desired), crash, "step %d", step)
		require.NoError(t, work.run(t.Context(), ref, desired), "step %d", step)
		requireAdopted(t, cluster, ref, replicaSet)
	}
}

func TestRemedies(t *testing.T) {
	ref := reference{Kind: secretKind, namespace: "shop", name: "creds"}
	body := object(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"creds"},"data":{"k":"bmV3"}}`)
	before := object(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"creds","resourceVersion":"7"},"data":{"k":"b2xk"}}`)

	t.Run("after a crash between delete and apply the next attempt applies", func(t *testing.T) {
		cluster := newMemory()
		require.NoError(t, applierOn(cluster).run(t.Context(), ref, body))
		require.Equal(t, []string{"apply"}, cluster.writes[ref.String()])
	})
	t.Run("an object that lingers in deletion is not applied to but waited for", func(t *testing.T) {
		cluster := newMemory()
		cluster.put(ref, before)
		cluster.lingering = true
		cluster.refuse = refuse("apply", 1, problemImmutable)
		err := applierOn(cluster).run(t.Context(), ref, body)
		require.True(t, apierr.Is(err, apierr.NotYet), "%v", err)
		require.ErrorContains(t, err, "Secret shop/creds in cluster east is still being deleted")
		require.Equal(t, []string{"apply", "delete"}, cluster.writes[ref.String()])
	})
	t.Run("an object that was applied while it is being deleted is not taken for done", func(t *testing.T) {
		cluster := newMemory()
		metadata(cluster.put(ref, before))["deletionTimestamp"] = "2031-01-01T00:00:00Z"
		require.True(t, apierr.Is(applierOn(cluster).run(t.Context(), ref, body), apierr.NotYet))
	})
	t.Run("a replacement carries the version that it replaces", func(t *testing.T) {
		cluster := newMemory()
		cluster.put(ref, before)
		cluster.refuse = refuse("apply", 1, problemNotApplicable)
		require.NoError(t, applierOn(cluster).run(t.Context(), ref, body))
		require.Equal(t, []string{"apply", "replace"}, cluster.writes[ref.String()])
		require.Equal(t, "7", metadata(cluster.stored[ref])["resourceVersion"])
	})
	t.Run("an immutable field of any other kind is left to people", func(t *testing.T) {
		cluster := newMemory()
		cluster.refuse = refuse("apply", 1, problemImmutable)
		other := reference{Kind: volumeClaimKind, namespace: "shop", name: "data"}
		require.EqualError(t, applierOn(cluster).run(t.Context(), other, body), "refused")
		require.Equal(t, []string{"apply"}, cluster.writes[other.String()])
	})
}

func TestAStatefulSetIsResizedBeforeItIsReplaced(t *testing.T) {
	sized := func(size string) map[string]any {
		return object(t, `{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"volumeClaimTemplates":[
			{"metadata":{"name":"data"},"spec":{"resources":{"requests":{"storage":"`+size+`"}}}}]}}`)
	}
	setUp := func(t *testing.T) (*memory, reference) {
		cluster := newMemory()
		ref := reference{Kind: statefulSetKind, namespace: "shop", name: "db"}
		cluster.put(ref, sized("1Gi"))
		for _, name := range []string{"data-db-0", "data-db-11", "data-db-extra", "other-db-0"} {
			cluster.put(reference{Kind: volumeClaimKind, namespace: "shop", name: name}, object(t, `{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}`))
		}
		return cluster, ref
	}
	size := func(cluster *memory, name string) string {
		claim := cluster.stored[reference{Kind: volumeClaimKind, namespace: "shop", name: name}]
		return str(child(claim, "spec", "resources", "requests"), "storage")
	}
	for name, found := range map[string]problem{
		"only the claims made from the template grow": problemStatefulSet,
		"a newer server calls the field immutable":    problemImmutable,
	} {
		t.Run(name, func(t *testing.T) {
			cluster, ref := setUp(t)
			cluster.refuse = refuse("apply", 1, found)
			require.NoError(t, applierOn(cluster).run(t.Context(), ref, sized("2Gi")))
			require.Equal(t, []string{"apply", "delete-orphan", "apply"}, cluster.writes[ref.String()])
			require.Equal(t, "2Gi", size(cluster, "data-db-0"))
			require.Equal(t, "2Gi", size(cluster, "data-db-11"))
			require.Equal(t, "1Gi", size(cluster, "data-db-extra"))
			require.Equal(t, "1Gi", size(cluster, "other-db-0"))
		})
	}
	t.Run("a size that is refused deletes nothing", func(t *testing.T) {
		cluster, ref := setUp(t)
		cluster.refuse = func(verb string, at reference) error {
			switch {
			case verb == "apply" && at == ref:
				return apierr.New(apierr.Invalid, &serverError{problem: problemStatefulSet})
			case verb == "patch":
				return apierr.Errorf(apierr.Denied, "the storage class does not grow")
			}
			return nil
		}
		require.ErrorContains(t, applierOn(cluster).run(t.Context(), ref, sized("2Gi")), "does not grow")
		require.NotNil(t, cluster.stored[ref])
	})
}

func TestPodsThatUseAChangedSecretAreRestarted(t *testing.T) {
	cluster := newMemory()
	kinds := func(kind string) Kind {
		resolved, err := cluster.resolve(t.Context(), "apps/v1", kind)
		require.NoError(t, err)
		return resolved
	}
	template := `{"spec":{"template":{"metadata":{"annotations":{"kept":"1"}}}}}`
	web := reference{Kind: kinds("Deployment"), namespace: "shop", name: "web"}
	idle := reference{Kind: kinds("Deployment"), namespace: "shop", name: "idle"}
	db := reference{Kind: kinds("StatefulSet"), namespace: "shop", name: "db"}
	for _, ref := range []reference{web, idle, db} {
		cluster.put(ref, object(t, template))
	}
	cluster.put(reference{Kind: kinds("ReplicaSet"), namespace: "shop", name: "web-1"}, object(t, `{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","controller":true}]}}`))
	pod := func(name, owner, spec string) {
		cluster.put(reference{Kind: podKind, namespace: "shop", name: name}, object(t, `{"metadata":{"ownerReferences":[`+owner+`]},"spec":`+spec+`}`))
	}
	pod("a", `{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1","controller":true}`, `{"containers":[{"envFrom":[{"secretRef":{"name":"creds"}}]}]}`)
	pod("b", `{"apiVersion":"apps/v1","kind":"StatefulSet","name":"db","controller":true}`, `{"containers":[],"initContainers":[{"env":[{"valueFrom":{"secretKeyRef":{"name":"creds","key":"k"}}}]}]}`)
	pod("c", `{"apiVersion":"apps/v1","kind":"Deployment","name":"idle","controller":true}`, `{"containers":[],"volumes":[{"configMap":{"name":"creds"}}]}`)
	pod("d", ``, `{"containers":[],"volumes":[{"secret":{"secretName":"creds"}}]}`)

	ref := reference{Kind: secretKind, namespace: "shop", name: "creds"}
	quiet := object(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"creds"}}`)
	require.NoError(t, applierOn(cluster).run(t.Context(), ref, quiet))
	require.Empty(t, cluster.writes[web.String()], "not asked for")

	asking := object(t, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"creds","annotations":{"qontract.recycle":"true"}}}`)
	require.NoError(t, applierOn(cluster).run(t.Context(), ref, asking))
	stamped := map[string]any{"kept": "1", "recycle.time": "14/03/2031 15:09:26"}
	require.Equal(t, stamped, child(cluster.stored[web], "spec", "template", "metadata", "annotations"))
	require.Equal(t, stamped, child(cluster.stored[db], "spec", "template", "metadata", "annotations"))
	require.Equal(t, map[string]any{"kept": "1"}, child(cluster.stored[idle], "spec", "template", "metadata", "annotations"))
}

func TestNullsAreNotWanted(t *testing.T) {
	body := object(t, `{"spec":{"limits":[{"default":{"cpu":null,"memory":"512Mi"},"max":null},null],"empty":{},"zero":0,"no":false,"blank":""}}`)
	dropNulls(body)
	require.Equal(t, object(t, `{"spec":{"limits":[{"default":{"memory":"512Mi"}},null],"empty":{},"zero":0,"no":false,"blank":""}}`), body)
}
