package namespaces

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// reserved is the prefix of the namespaces that belong to OpenShift itself; it refuses requests for them.
const reserved = "openshift-"

// Vet refuses what is disputed, and to create a namespace whose name is reserved or malformed.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Namespace]) error {
	if c.Action == plan.Delete {
		return nil
	}
	name := c.Desired.Name
	switch {
	case c.Desired.Disputed:
		return apierr.Errorf(apierr.Invalid, "it is defined more than once, with and without delete; make the definitions agree")
	case strings.HasPrefix(name, reserved):
		return apierr.Errorf(apierr.Invalid, "a name that begins with %q belongs to OpenShift and cannot be requested", reserved)
	case len(validation.IsDNS1123Label(name)) > 0:
		return apierr.Errorf(apierr.Invalid, "the name must be a DNS-1123 label: at most %d lower-case letters, digits and inner dashes", validation.DNS1123LabelMaxLength)
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
