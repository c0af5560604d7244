package gabiauthorizedusers

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/access"
	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// source reads the instances from app-interface.
type source struct {
	at  func(reconcile.Scope) graphql.Client
	now func() time.Time
}

// namespaces returns those of the databases, each as often as an instance names it.
//
// Differs from the reference: an instance that cannot be right fails alone: one whose access ends too late, or on no day at
// all, and one for a database that its namespace does not have. The reference ends there, with nothing applied anywhere.
//
// Differs from the reference: a namespace that is to be deleted is left out.
func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	answer, err := GabiInstances(ctx, s.at(scope))
	if err != nil {
		return nil, err
	}
	var namespaces []namespaced.Namespace
	for _, gabi := range answer.Instances {
		for _, db := range gabi.Instances {
			if namespaced.IsTrue(db.Namespace.Delete) {
				continue
			}
			namespaces = append(namespaces, namespaced.Namespace{
				Name: db.Namespace.Name, Cluster: db.Namespace.Cluster, Managed: []kubeapi.Managed{{Kind: kind}},
				Bodies: func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
					object, err := s.configMap(gabi, db)
					if err != nil {
						return nil, reconcile.Problems{err}
					}
					return []namespaced.Body{{Object: object}}, nil
				},
			})
		}
	}
	return namespaces, nil
}

// configMap is that of one instance for one of its databases. Its errors are Invalid.
func (s *source) configMap(gabi instance, db database) (map[string]any, error) {
	fail := func(format string, args ...any) error {
		return apierr.Errorf(apierr.Invalid, "Gabi instance %s (%s): "+format, append([]any{gabi.Name, gabi.Path}, args...)...)
	}
	end, err := time.Parse("2006-1-2", gabi.ExpirationDate)
	if err != nil {
		return nil, fail("expirationDate %q is no day: write YYYY-MM-DD", gabi.ExpirationDate)
	}
	if last := s.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, mostDays); end.After(last) {
		return nil, fail("expirationDate %s is more than %d days ahead: choose an earlier day", gabi.ExpirationDate, mostDays)
	}
	if !db.has() {
		return nil, fail("account %s has no RDS %s for namespace %s: correct account or identifier; in place of a read replica that was removed name its source",
			db.Account, db.Identifier, db.Namespace.Name)
	}
	names, err := usernames(gabi.Users, db.Namespace.Login)
	if err != nil {
		return nil, fail("%w", err)
	}
	return body(gabi.Name, end, names)
}

// has says whether the namespace asks the account for the database.
func (d database) has() bool {
	if !namespaced.IsTrue(d.Namespace.ManagedExternalResources) {
		return false
	}
	for _, provided := range d.Namespace.ExternalResources {
		if provided.Provisioner.Name != d.Account {
			continue
		}
		if _, ok := externalresources.Find([]externalresources.Provided{provided}, "rds", d.Identifier); ok {
			return true
		}
	}
	return false
}

// usernames are the names by which the cluster knows the users.
func usernames(users []access.User, cluster access.Cluster) ([]string, error) {
	keys, err := cluster.Keys()
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, user := range users {
		for _, key := range keys {
			names = append(names, key.Of(user))
		}
	}
	return names, nil
}
