// Package vaultsecrets keeps the Secrets of namespaces that come from Vault.
//
// What it keeps true: each namespace has the Secrets that its openshiftResources of provider vault-secret ask for, with the
// fields of those versions of the secrets.
// Desired: one Secret for each entry, of the namespace or shared, of the namespaces that are not to be deleted.
// Current: the Secret objects in these namespaces.
// Writes: Secret objects. Pods whose owners ask for it are restarted.
// Reference module: reconcile/openshift_vault_secrets.py.
package vaultsecrets

import (
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/internal/resources"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name, and the one in the objects' annotation.
const Name = "openshift-vault-secrets"

const version = "1.9.3"

// Definition describes the integration. Its scopes are clusters.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:      Name,
		Summary:   "Manages OpenShift Secrets from Vault.",
		Params:    resources.Params(),
		Reads:     []reconcile.System{reconcile.AppInterface, reconcile.Vault, reconcile.Kubernetes},
		Writes:    []reconcile.System{reconcile.Kubernetes},
		Every:     10 * time.Minute,
		Sharding:  reconcile.PerOpenShiftCluster,
		Partition: namespaced.ByCluster("cluster-name"),
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			source := &resources.Source{
				Providers: []string{resources.ProviderVaultSecret},
				Kinds:     []string{"Secret"},
				Read:      reader(set.AppInterface()),
				Secrets:   set.Secrets(),
			}
			return reconcile.Reconcile(resources.New(kubeapi.Owner{Integration: Name, Version: version}, source, set.Clusters())), nil
		},
	}
}
