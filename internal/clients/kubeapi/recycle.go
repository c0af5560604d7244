package kubeapi

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// annotationRecycled is set on a pod template to have its pods replaced by the strategy of their owner.
const annotationRecycled = "recycle.time"

var podKind = Kind{Name: "Pod", Version: "v1", Resource: "pods", Namespaced: true}

// recycle restarts the Deployments, DeploymentConfigs, StatefulSets and DaemonSets with pods that use the Secret
// or ConfigMap, where it asks for that.
func (a *applier) recycle(ctx context.Context, ref reference, body map[string]any) error {
	if (ref.Kind.Name != "Secret" && ref.Kind.Name != "ConfigMap") || ref.Group != "" || str(annotations(body), annotationRecycle) != "true" {
		return nil
	}
	pods, err := a.list(ctx, podKind, ref.namespace, "")
	if err != nil {
		return err
	}
	owners, seen := map[reference]bool{}, map[reference]map[string]any{}
	for _, pod := range pods {
		if !uses(child(pod, "spec"), ref.Kind.Name, ref.name) {
			continue
		}
		root, err := a.rootOwner(ctx, reference{Kind: podKind, namespace: ref.namespace, name: nameOf(pod)}, pod, seen)
		if err != nil {
			return err
		}
		switch root.Kind.Name {
		case "Deployment", "DeploymentConfig", "StatefulSet", "DaemonSet":
			owners[root] = true
		}
	}
	stamp := map[string]any{"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{annotationRecycled: a.now().Format("02/01/2006 15:04:05")},
	}}}}
	for owner := range owners {
		// One that has been deleted since needs no restart.
		if _, err := a.patch(ctx, owner, types.MergePatchType, stamp); err != nil && !apierr.Is(err, apierr.Missing) {
			return err
		}
	}
	return nil
}

// rootOwner follows the controlling owners upwards as far as they exist. What it reads it keeps in seen.
func (a *applier) rootOwner(ctx context.Context, ref reference, body map[string]any, seen map[reference]map[string]any) (reference, error) {
	for _, owner := range ownerReferences(body) {
		if owner["controller"] != true {
			continue
		}
		kind, err := a.resolve(ctx, str(owner, "apiVersion"), str(owner, "kind"))
		if apierr.Is(err, apierr.Missing) {
			continue
		}
		if err != nil {
			return reference{}, err
		}
		above := reference{Kind: kind, name: str(owner, "name")}
		if kind.Namespaced {
			above.namespace = ref.namespace
		}
		live, known := seen[above]
		if !known {
			live, err = a.get(ctx, above)
			if apierr.Is(err, apierr.Missing) {
				continue
			}
			if err != nil {
				return reference{}, err
			}
			seen[above] = live
		}
		return a.rootOwner(ctx, above, live, seen)
	}
	return ref, nil
}

// uses says whether a pod's spec refers to the Secret or ConfigMap, by a volume or in the environment.
func uses(spec map[string]any, kind, name string) bool {
	volume, field, from, variable := "secret", "secretName", "secretRef", "secretKeyRef"
	if kind == "ConfigMap" {
		volume, field, from, variable = "configMap", "name", "configMapRef", "configMapKeyRef"
	}
	for _, item := range entries(spec, "volumes") {
		if str(child(item, volume), field) == name {
			return true
		}
	}
	for _, container := range append(entries(spec, "containers"), entries(spec, "initContainers")...) {
		for _, item := range entries(container, "envFrom") {
			if str(child(item, from), "name") == name {
				return true
			}
		}
		for _, item := range entries(container, "env") {
			if str(child(item, "valueFrom", variable), "name") == name {
				return true
			}
		}
	}
	return false
}

// entries are the maps of the list under a key.
func entries(parent map[string]any, key string) []map[string]any {
	list, _ := parent[key].([]any)
	found := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			found = append(found, entry)
		}
	}
	return found
}
