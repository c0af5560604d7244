package kubeapi

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// formerManagers are the field managers of earlier writers of the same objects: client-side apply, create and
// replace of kubectl and oc, which the reference uses, and our own replace.
func formerManagers() sets.Set[string] {
	return sets.New("kubectl-client-side-apply", "kubectl-create", "kubectl-replace", "kubectl", "oc", fieldManager)
}

// applyAndMigrate applies the body. Where earlier writers of the same object own fields, it hands these to our
// field manager and applies once more: a field that is not desired any more would stay for ever as theirs.
func (a *applier) applyAndMigrate(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	live, err := a.apply(ctx, ref, body)
	if err != nil {
		return nil, err
	}
	upgrade, err := handover(live)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "%s in cluster %s: its managedFields cannot be read: %w", ref, a.cluster, err)
	}
	if upgrade == nil {
		return live, nil
	}
	if _, err := a.patch(ctx, ref, types.JSONPatchType, json.RawMessage(upgrade)); err != nil {
		return nil, err
	}
	return a.apply(ctx, ref, body)
}

// handover is the JSON patch that hands the fields of earlier writers to our field manager, nil where they own none.
func handover(live map[string]any) ([]byte, error) {
	return csaupgrade.UpgradeManagedFieldsPatch(&unstructured.Unstructured{Object: live}, formerManagers(), fieldManager)
}
