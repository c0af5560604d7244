package kubeapi_test

import (
	"crypto/rand"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// The test server has the garbage collector and no controller of workloads: what those would make is made here.

func deployment(w *world, name string, env []any) kubeapi.Object {
	labels := map[string]any{"app": name}
	return w.object("apps/v1", "Deployment", name, map[string]any{"spec": map[string]any{
		"selector": map[string]any{"matchLabels": labels},
		"template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec": map[string]any{"containers": []any{map[string]any{
				"name": "main", "image": "quay.example/x:1", "env": env,
				"resources": map[string]any{"limits": map[string]any{"cpu": "0.5", "memory": "1024Mi"}},
			}}},
		},
	}})
}

// labelled gives a workload other labels to select its pods by.
func labelled(o kubeapi.Object, labels map[string]any) kubeapi.Object {
	spec := o.Body["spec"].(map[string]any)
	spec["selector"] = map[string]any{"matchLabels": labels}
	spec["template"].(map[string]any)["metadata"] = map[string]any{"labels": labels}
	return o
}

// replicaSet makes the ReplicaSet that runs a Deployment's pods, as its controller would.
func (w *world) replicaSet(deployment kubeapi.Object, hash, image string) kubeapi.Object {
	w.t.Helper()
	owner := w.live(deployment)
	labels := map[string]any{"pod-template-hash": hash}
	for label, value := range inside(owner, "spec", "selector", "matchLabels").(map[string]any) {
		labels[label] = value
	}
	template := w.live(deployment)["spec"].(map[string]any)["template"].(map[string]any)
	template["metadata"] = map[string]any{"labels": labels}
	template["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)["image"] = image
	o := w.object("apps/v1", "ReplicaSet", deployment.Name+"-"+hash, map[string]any{"spec": map[string]any{
		"selector": map[string]any{"matchLabels": labels}, "template": template,
	}})
	o.Body["metadata"] = map[string]any{"name": o.Name, "labels": labels, "ownerReferences": controlled(owner)}
	w.raw("POST", o, o.Body)
	return o
}

// pod makes a pod that another object controls, or none where owner is nil.
func (w *world) pod(name string, owner map[string]any, spec map[string]any) kubeapi.Object {
	w.t.Helper()
	if spec == nil {
		spec = map[string]any{}
	}
	if spec["containers"] == nil {
		spec["containers"] = []any{map[string]any{"name": "main", "image": "quay.example/x:1"}}
	}
	o := w.object("v1", "Pod", name, map[string]any{"spec": spec})
	if owner != nil {
		o.Body["metadata"].(map[string]any)["ownerReferences"] = controlled(owner)
	}
	w.raw("POST", o, o.Body)
	return o
}

// controlled are the ownerReferences of what a live object controls.
func controlled(owner map[string]any) []any {
	return []any{map[string]any{
		"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": inside(owner, "metadata", "name"),
		"uid": uid(owner), "controller": true,
	}}
}

// awaitCollector waits until the garbage collector knows an object. It takes the objects of one kind in their order,
// so it does once it has collected a later one, whose owner never existed.
func (w *world) awaitCollector(o kubeapi.Object) {
	w.t.Helper()
	later := w.object(o.Body["apiVersion"].(string), o.Kind, "later-"+strings.ToLower(rand.Text()[:10]), map[string]any{"spec": o.Body["spec"]})
	metadata := map[string]any{"name": later.Name, "ownerReferences": controlled(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "never", "uid": rand.Text()},
	})}
	later.Body["metadata"] = metadata
	w.raw("POST", later, later.Body)
	require.Eventually(w.t, func() bool { return w.live(later) == nil }, controllerTime, controllerTick)
}
