package serviceaccounttokens

import (
	"cmp"
	"context"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// account is a service account.
type account struct{ cluster, namespace, name string }

func (a account) String() string {
	return "service account " + a.namespace + "/" + a.name + " in cluster " + a.cluster
}

// spec says that a namespace gets the token of an account, in a Secret of a name.
type spec struct {
	cluster   appinterface.Cluster
	namespace string
	name      string
	account   account
	// at is the account's cluster.
	at appinterface.Cluster
}

// specs returns all of app-interface, in its order: those of namespaces to be deleted left out, and those of clusters that
// disable the integration.
func (r *reconciler) specs(ctx context.Context, s reconcile.Scope) ([]spec, error) {
	answer, err := ServiceAccountTokens(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var all []spec
	for _, n := range answer.Namespaces {
		if namespaced.IsTrue(n.Delete) || n.Cluster.Disables(s.Integration) {
			continue
		}
		tokens := slices.Clone(n.OpenshiftServiceAccountTokens)
		for _, shared := range n.SharedResources {
			tokens = append(tokens, shared.OpenshiftServiceAccountTokens...)
		}
		for _, token := range tokens {
			from := account{token.Namespace.Cluster.Name, token.Namespace.Name, token.ServiceAccountName}
			all = append(all, spec{
				cluster: n.Cluster, namespace: n.Name, account: from, at: token.Namespace.Cluster,
				name: cmp.Or(token.Name, from.cluster+"-"+from.namespace+"-"+from.name),
			})
		}
	}
	return all, nil
}

// leftOut says whether the account's cluster is none of this run's. What its tokens are is then unknown, and what has them
// stays as it is.
//
// Differs from the reference: a Secret whose account is in a cluster that --internal, --external or its datafile leave out
// stays. The reference deletes it.
func (w spec) leftOut(s reconcile.Scope) bool {
	return len(kubeapi.Select([]appinterface.Cluster{w.at}, s.Integration, s.Args.Tristate("internal"))) == 0
}

// disputed are the names that Secrets with tokens of different accounts have in different namespaces. Only one of them can
// be the shared one in Vault.
func disputed(specs []spec) map[string]bool {
	first, found := map[string]account{}, map[string]bool{}
	for _, w := range specs {
		if known, ok := first[w.name]; ok && known != w.account {
			found[w.name] = true
		} else {
			first[w.name] = w.account
		}
	}
	return found
}
