package serviceaccounttokens

import (
	"context"
	"sync"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/survey"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// connect returns the client for a cluster, privileged or not.
type connect func(ctx context.Context, s reconcile.Scope, cluster appinterface.Cluster, privileged bool) (*kubeapi.Client, error)

// tokens reads the tokens of a scope's accounts, in each cluster once. It serves one step.
type tokens struct {
	scope   reconcile.Scope
	connect connect
	specs   []spec

	mu   sync.Mutex
	read map[string]clusterTokens
}

// clusterTokens are those of one cluster, or why they cannot be read.
type clusterTokens struct {
	values map[account]secret.Value
	fault  error
}

// of returns the token of an account; issued is false where it has none. A fault is that of the account's cluster, which is
// not the scope's.
func (t *tokens) of(ctx context.Context, w spec) (value secret.Value, issued bool, fault, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.read[w.at.Name]
	if !ok {
		known.fault, err = survey.Cluster(ctx, func(ctx context.Context) error {
			known.values, err = t.list(ctx, w.at)
			return err
		})
		if err == nil && w.at.Name == t.scope.Name {
			err = known.fault
		}
		if err != nil {
			return secret.Value{}, false, nil, err
		}
		t.read[w.at.Name] = known
	}
	value, issued = known.values[w.account]
	return value, issued, known.fault, nil
}

// list reads the tokens of a cluster.
func (t *tokens) list(ctx context.Context, cluster appinterface.Cluster) (map[account]secret.Value, error) {
	client, err := t.connect(ctx, t.scope, cluster, false)
	if err != nil {
		return nil, err
	}
	var namespaces []string
	for _, w := range t.specs {
		if w.at.Name == cluster.Name {
			namespaces = append(namespaces, w.account.namespace)
		}
	}
	listed, err := client.AccountTokens(ctx, namespaces)
	if err != nil {
		return nil, err
	}
	values := map[account]secret.Value{}
	for _, token := range listed {
		of := account{cluster.Name, token.Namespace, token.Account}
		if _, earlier := values[of]; !earlier && token.Issued() {
			values[of] = token.Value
		}
	}
	return values, nil
}

// exists says whether a service account is there.
func (t *tokens) exists(ctx context.Context, w spec) (bool, error) {
	client, err := t.connect(ctx, t.scope, w.at, false)
	if err != nil {
		return false, err
	}
	return client.AccountExists(ctx, w.account.namespace, w.account.name)
}
