package kubeapi

import (
	"context"
	"regexp"

	"k8s.io/apimachinery/pkg/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var volumeClaimKind = Kind{Name: "PersistentVolumeClaim", Version: "v1", Resource: "persistentvolumeclaims", Namespaced: true}

// replaceStatefulSet replaces a StatefulSet without its pods, which the new one takes over. Where the storage of
// its volume claim templates changes, the claims made from them are resized first.
//
// Differs from the reference: there the claims are resized last, so a crash after the deletion loses the resize
// for good, and a size that the storage class refuses comes to light when the StatefulSet is already gone. And it
// resizes every claim that the pods mount, ours only those made from the template that changes.
func (a *applier) replaceStatefulSet(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	live, err := a.get(ctx, ref)
	if apierr.Is(err, apierr.Missing) {
		return a.apply(ctx, ref, body)
	}
	if err != nil {
		return nil, err
	}
	if err := a.resizeClaims(ctx, ref, live, body); err != nil {
		return nil, err
	}
	return a.recreate(ctx, ref, body, orphan)
}

func (a *applier) resizeClaims(ctx context.Context, ref reference, live, desired map[string]any) error {
	before := templateStorage(live)
	for template, size := range templateStorage(desired) {
		if old, exists := before[template]; !exists || old == size {
			continue
		}
		claims, err := a.list(ctx, volumeClaimKind, ref.namespace, "")
		if err != nil {
			return err
		}
		made := regexp.MustCompile(`\A` + regexp.QuoteMeta(template+"-"+ref.name) + `-[0-9]+\z`)
		for _, claim := range claims {
			if !made.MatchString(nameOf(claim)) {
				continue
			}
			resize := map[string]any{"spec": map[string]any{"resources": map[string]any{"requests": map[string]any{"storage": size}}}}
			target := reference{Kind: volumeClaimKind, namespace: ref.namespace, name: nameOf(claim)}
			if _, err := a.patch(ctx, target, types.MergePatchType, resize); err != nil {
				return err
			}
		}
	}
	return nil
}

// templateStorage are the requested sizes by the name of the volume claim template.
func templateStorage(body map[string]any) map[string]string {
	list, _ := child(body, "spec")["volumeClaimTemplates"].([]any)
	sizes := make(map[string]string, len(list))
	for _, item := range list {
		template, _ := item.(map[string]any)
		if size := str(child(template, "spec", "resources", "requests"), "storage"); size != "" {
			sizes[nameOf(template)] = size
		}
	}
	return sizes
}
