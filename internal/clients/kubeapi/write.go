package kubeapi

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// objects are the calls that applying an object is made of.
type objects interface {
	resolve(ctx context.Context, apiVersion, kind string) (Kind, error)
	get(ctx context.Context, ref reference) (map[string]any, error)
	list(ctx context.Context, kind Kind, namespace, selector string) ([]map[string]any, error)
	apply(ctx context.Context, ref reference, body map[string]any) (map[string]any, error)
	create(ctx context.Context, ref reference, body map[string]any) (map[string]any, error)
	replace(ctx context.Context, ref reference, body map[string]any) (map[string]any, error)
	patch(ctx context.Context, ref reference, form types.PatchType, patch any) (map[string]any, error)
	remove(ctx context.Context, ref reference, uid string, cascade cascade) error
}

// cascade says what becomes of the objects that a deleted one owns.
type cascade string

const (
	background cascade = "Background"
	orphan     cascade = "Orphan"
)

// apply has the server merge the body into the live object, or create it. Fields that earlier bodies had and this
// one lacks go; fields that others set stay, and of fields that both set ours win.
func (c *Client) apply(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	return c.serverSideApply(ctx, ref, body, false)
}

func (c *Client) serverSideApply(ctx context.Context, ref reference, body map[string]any, dryRun bool) (map[string]any, error) {
	return c.sendBody(ctx, ref, "apply", body, func() *rest.Request {
		req := c.request(http.MethodPatch, ref).
			SetHeader("Content-Type", string(types.ApplyYAMLPatchType)).
			Param("fieldManager", fieldManager).
			Param("force", "true")
		if dryRun {
			req.Param("dryRun", "All")
		}
		return req
	})
}

// create makes an object. One that is there already is apierr.Conflict. The name in the reference is for messages
// where the server takes it from the body.
func (c *Client) create(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	named := ref
	named.name = nameOf(body)
	ref.name = ""
	return c.sendBody(ctx, named, "create", body, func() *rest.Request {
		return c.request(http.MethodPost, ref).Param("fieldManager", fieldManager)
	})
}

// replace stores the body in place of the live object. The body carries the resourceVersion that it replaces; if
// the object has changed since, that is apierr.Conflict.
func (c *Client) replace(ctx context.Context, ref reference, body map[string]any) (map[string]any, error) {
	return c.update(ctx, ref, body, false)
}

func (c *Client) update(ctx context.Context, ref reference, body map[string]any, dryRun bool) (map[string]any, error) {
	return c.sendBody(ctx, ref, "replace", body, func() *rest.Request {
		req := c.request(http.MethodPut, ref).Param("fieldManager", fieldManager)
		if dryRun {
			req.Param("dryRun", "All")
		}
		return req
	})
}

// replacement is the body as it replaces the live object that was read.
func replacement(body, live map[string]any) map[string]any {
	meta := maps.Clone(metadata(body))
	meta["resourceVersion"] = metadata(live)["resourceVersion"]
	replacing := maps.Clone(body)
	replacing["metadata"] = meta
	return replacing
}

// patch changes some fields, under a field manager of its own, so that applying the object does not undo it.
func (c *Client) patch(ctx context.Context, ref reference, form types.PatchType, patch any) (map[string]any, error) {
	return c.sendBody(ctx, ref, "patch", patch, func() *rest.Request {
		return c.request(http.MethodPatch, ref).
			SetHeader("Content-Type", string(form)).
			Param("fieldManager", fieldManager+"-patch")
	})
}

// remove deletes an object if it still is the one with the UID. One that is gone is success, another one of the
// same name apierr.Conflict.
func (c *Client) remove(ctx context.Context, ref reference, uid string, cascade cascade) error {
	options := map[string]any{
		"apiVersion": "v1", "kind": "DeleteOptions",
		"propagationPolicy": string(cascade),
		"preconditions":     map[string]any{"uid": uid},
	}
	_, err := c.sendBody(ctx, ref, "delete", options, func() *rest.Request { return c.request(http.MethodDelete, ref) })
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

func (c *Client) sendBody(ctx context.Context, ref reference, verb string, body any, build func() *rest.Request) (map[string]any, error) {
	what := ref.call(verb)
	data, err := json.Marshal(body)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "%s in cluster %s: the body is not JSON: %w", what, c.cluster, err)
	}
	return c.object(ctx, what, func() *rest.Request { return build().Body(data) })
}

func (c *Client) resolve(ctx context.Context, apiVersion, kind string) (Kind, error) {
	return c.kinds.find(ctx, kind+" ("+apiVersion+")", kind, func(k Kind) bool { return k.APIVersion() == apiVersion })
}
