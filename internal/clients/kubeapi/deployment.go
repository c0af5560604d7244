package kubeapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// templateHashLabel is what the Deployment controller tells the ReplicaSets of one Deployment apart by.
	templateHashLabel = "pod-template-hash"
	// adoptionLabel marks a ReplicaSet that lost its Deployment and waits for the new one of the same name. It is
	// set before the old Deployment is deleted, so that no crash in between leaves pods running that nobody owns.
	adoptionLabel = "qontract.adoption"
)

var replicaSetKind = Kind{Name: "ReplicaSet", Group: "apps", Version: "v1", Resource: "replicasets", Namespaced: true}

// replaceDeployment replaces a Deployment whose selector changes. With the strategy Recreate it is deleted with
// its pods. With RollingUpdate the ReplicaSet that serves stays, and becomes the new Deployment's, which then
// replaces its pods step by step. Any other strategy is left to people.
func (a *applier) replaceDeployment(ctx context.Context, ref reference, body map[string]any, cause error) (map[string]any, error) {
	live, err := a.get(ctx, ref)
	if apierr.Is(err, apierr.Missing) {
		return a.apply(ctx, ref, body)
	}
	if err != nil {
		return nil, err
	}
	switch strategy := str(child(live, "spec", "strategy"), "type"); strategy {
	case "Recreate":
		return a.recreate(ctx, ref, body, background)
	case "RollingUpdate":
		if err := a.markReplicaSet(ctx, ref, live); err != nil {
			return nil, err
		}
		return a.recreate(ctx, ref, body, orphan)
	default:
		return nil, apierr.Errorf(apierr.Invalid, "%s in cluster %s cannot be replaced without interruption, because its strategy is %q and not RollingUpdate; delete it by hand: %w",
			ref, a.cluster, strategy, cause)
	}
}

// markReplicaSet marks the ReplicaSet that runs the Deployment's current pods, if there is one.
func (a *applier) markReplicaSet(ctx context.Context, ref reference, deployment map[string]any) error {
	replicaSets, err := a.list(ctx, replicaSetKind, ref.namespace, "")
	if err != nil {
		return err
	}
	template, err := templateText(deployment)
	if err != nil {
		return err
	}
	var serving map[string]any
	for _, candidate := range replicaSets {
		theirs, err := templateText(candidate)
		if err != nil {
			return err
		}
		newer := serving == nil || str(metadata(candidate), "creationTimestamp") > str(metadata(serving), "creationTimestamp")
		if controlledBy(candidate, uidOf(deployment)) && theirs == template && newer {
			serving = candidate
		}
	}
	if serving == nil {
		return nil
	}
	mark := map[string]any{"metadata": map[string]any{"labels": map[string]any{adoptionLabel: adoptionValue(ref.name)}}}
	_, err = a.patch(ctx, reference{Kind: replicaSetKind, namespace: ref.namespace, name: nameOf(serving)}, types.MergePatchType, mark)
	return err
}

// adoptReplicaSets makes the Deployment the owner of the ReplicaSets that were marked for it, with labels that
// its selector matches.
func (a *applier) adoptReplicaSets(ctx context.Context, ref reference, deployment map[string]any) error {
	marked, err := a.list(ctx, replicaSetKind, ref.namespace, adoptionLabel+"="+adoptionValue(ref.name))
	if apierr.Is(err, apierr.Denied) {
		// Who may not list ReplicaSets could not mark one either.
		return nil
	}
	if err != nil {
		return err
	}
	for _, replicaSet := range marked {
		labels := map[string]any{}
		for label := range child(metadata(replicaSet), "labels") {
			labels[label] = nil
		}
		for label, value := range child(deployment, "spec", "selector", "matchLabels") {
			labels[label] = value
		}
		labels[templateHashLabel] = child(metadata(replicaSet), "labels")[templateHashLabel]
		adoption := map[string]any{"metadata": map[string]any{
			"resourceVersion": metadata(replicaSet)["resourceVersion"],
			"labels":          labels,
			"ownerReferences": []any{map[string]any{
				"apiVersion": ref.APIVersion(), "kind": ref.Kind.Name, "name": ref.name,
				"uid": uidOf(deployment), "controller": true,
			}},
		}}
		target := reference{Kind: replicaSetKind, namespace: ref.namespace, name: nameOf(replicaSet)}
		if _, err := a.patch(ctx, target, types.MergePatchType, adoption); err != nil {
			return err
		}
	}
	return nil
}

// adoptionValue stands for a Deployment's name, which may be too long for a label.
func adoptionValue(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// templateText is the pod template without the label that differs between a Deployment and its ReplicaSets.
func templateText(body map[string]any) (string, error) {
	template, err := plainBody(child(body, "spec", "template"))
	if err != nil {
		return "", err
	}
	delete(child(template, "metadata", "labels"), templateHashLabel)
	return text(template), nil
}

func controlledBy(body map[string]any, uid string) bool {
	return slices.ContainsFunc(ownerReferences(body), func(owner map[string]any) bool {
		return str(owner, "uid") == uid && strings.TrimSpace(uid) != ""
	})
}

// ownerReferences are the object's owners.
func ownerReferences(body map[string]any) []map[string]any {
	list, _ := metadata(body)["ownerReferences"].([]any)
	owners := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if owner, ok := item.(map[string]any); ok {
			owners = append(owners, owner)
		}
	}
	return owners
}
