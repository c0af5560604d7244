package kubeapi

import (
	"context"
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Apply makes the live object as the desired one is, stamped with the owner. Applying it again changes nothing,
// and an attempt that ended anywhere is finished by the next one. Where the object cannot be changed in place it
// is replaced in the ways that remedy lists. Pods that use a changed Secret or ConfigMap are restarted where its
// annotation qontract.recycle asks for that.
//
// A namespace that does not exist, and an object that is still being deleted, are apierr.NotYet: the caller
// decides whether to wait.
func (c *Client) Apply(ctx context.Context, owner Owner, o Object) error {
	if o.Body == nil {
		return apierr.Errorf(apierr.Invalid, "%s has no body to apply", o.Title())
	}
	ref, body, err := c.prepare(ctx, owner, o)
	if err != nil {
		return err
	}
	work := &applier{objects: c, cluster: c.cluster, now: c.now, settle: settleWithin{limit: 20 * time.Second, pause: 50 * time.Millisecond}}
	err = work.run(ctx, ref, body)
	if err == nil {
		return nil
	}
	return c.explainNamespace(ctx, ref, err)
}

// Stamp gives a live object that is as desired the owner's stamps. Unlike Apply it never replaces the object and never
// restarts pods: where all hashes are made in another way from one version on, nothing but annotations changes.
//
// Differs from the reference: an object of which only the hash differs gets new stamps. There it is applied as any
// other, and the pods that use it are restarted.
func (c *Client) Stamp(ctx context.Context, owner Owner, o Object) error {
	ref, body, err := c.prepare(ctx, owner, o)
	if err != nil {
		return err
	}
	_, err = c.apply(ctx, ref, body)
	return err
}

// prepare resolves the object's kind and makes the body that is sent.
func (c *Client) prepare(ctx context.Context, owner Owner, o Object) (reference, map[string]any, error) {
	kind, err := c.resolve(ctx, apiVersionOf(o.Body), kindOf(o.Body))
	if err != nil {
		return reference{}, nil, fmt.Errorf("%s: %w", o.Title(), err)
	}
	ref := referenceTo(kind, o)
	body, err := Annotated(o.Body, owner, c.now())
	if err != nil {
		return reference{}, nil, apierr.Errorf(apierr.Invalid, "%s: %w", o.Title(), err)
	}
	dropNulls(body)
	meta := metadata(body)
	for _, field := range serverFields {
		delete(meta, field)
	}
	if ref.namespace != "" {
		meta["namespace"] = ref.namespace
	}
	if kind.Name == "Secret" && kind.Group == "" {
		// The server does not know who owns a key of stringData, so keys would stay after they are removed.
		if err := foldStringData(body); err != nil {
			return reference{}, nil, apierr.Errorf(apierr.Invalid, "%s: %w", o.Title(), err)
		}
	}
	return ref, body, nil
}

// explainNamespace turns an error into NotYet where the reason is a namespace that does not exist: the server says
// so to those who may see that, and to others only that they are not allowed.
func (c *Client) explainNamespace(ctx context.Context, ref reference, err error) error {
	missing := problemOf(err) == problemNoNamespace
	if apierr.Is(err, apierr.Denied) && ref.namespace != "" {
		exists, lookup := c.NamespaceExists(ctx, ref.namespace)
		missing = lookup == nil && !exists
	}
	if missing {
		return apierr.Errorf(apierr.NotYet, "%s: namespace %s does not exist yet in cluster %s", ref, ref.namespace, c.cluster)
	}
	return err
}

// applier applies one object over the calls of a cluster.
type applier struct {
	objects
	cluster string
	now     func() time.Time
	settle  settleWithin
}

func (a *applier) run(ctx context.Context, ref reference, body map[string]any) error {
	live, err := a.applyAndMigrate(ctx, ref, body)
	if err != nil {
		live, err = a.remedy(ctx, ref, body, err)
	}
	if err != nil {
		return err
	}
	if terminating(live) {
		return apierr.Errorf(apierr.NotYet, "%s in cluster %s is being deleted; it is made anew when it is gone", ref, a.cluster)
	}
	if ref.Kind.Name == "Deployment" && ref.Group == "apps" {
		if err := a.adoptReplicaSets(ctx, ref, live); err != nil {
			return err
		}
	}
	return a.recycle(ctx, ref, body)
}

// dropNulls removes the fields that are null: they are not wanted, and a null quantity would be read as zero.
func dropNulls(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			if field == nil {
				delete(value, key)
				continue
			}
			dropNulls(field)
		}
	case []any:
		for _, item := range value {
			dropNulls(item)
		}
	}
}
