package namespaces

import (
	"context"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// reserved is the prefix of the namespaces that belong to OpenShift itself; it refuses requests for them.
const reserved = "openshift-"

// Vet refuses to create a namespace with a reserved name.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Namespace]) error {
	if c.Action == plan.Create && strings.HasPrefix(c.Desired.Name, reserved) {
		return apierr.Errorf(apierr.Invalid, "a name that begins with %q belongs to OpenShift and cannot be requested", reserved)
	}
	return nil
}

// Apply creates or deletes a namespace.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Namespace]) error {
	client, err := r.client(ctx, s)
	if err != nil {
		return err
	}
	if c.Action == plan.Delete {
		return client.DeleteNamespace(ctx, c.Current.Name)
	}
	return client.CreateNamespace(ctx, c.Desired.Name)
}
