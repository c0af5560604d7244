package access

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/expiration"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Grant is one thing that a role opens to its holders.
type Grant struct {
	// Role is the role of app-interface.
	Role    Role
	Cluster Cluster
	// Namespace is empty for what concerns the cluster itself.
	Namespace string
	// Privileged asks for the cluster's admin token.
	Privileged bool
	// Name is that of the ClusterRole or of the group.
	Name string
}

// ToNamespaces are the ClusterRoles that roles give in namespaces whose roles are managed and that are not to be deleted.
func ToNamespaces(roles []Role) []Grant {
	return collect(roles, func(a Access) (Grant, bool) {
		if a.Namespace == nil || a.Role == "" || !a.Namespace.ManagedRoles || a.Namespace.Delete {
			return Grant{}, false
		}
		return Grant{Cluster: a.Namespace.Cluster, Namespace: a.Namespace.Name, Privileged: a.Namespace.ClusterAdmin, Name: a.Role}, true
	})
}

// ToClusters are the ClusterRoles that roles give in whole clusters.
func ToClusters(roles []Role) []Grant {
	return collect(roles, func(a Access) (Grant, bool) {
		if a.Cluster == nil || a.ClusterRole == "" {
			return Grant{}, false
		}
		return Grant{Cluster: *a.Cluster, Name: a.ClusterRole}, true
	})
}

// ToGroups are the groups of clusters that roles make people members of.
func ToGroups(roles []Role) []Grant {
	return collect(roles, func(a Access) (Grant, bool) {
		if a.Cluster == nil || a.Group == "" {
			return Grant{}, false
		}
		return Grant{Cluster: *a.Cluster, Name: a.Group}, true
	})
}

func collect(roles []Role, grant func(Access) (Grant, bool)) []Grant {
	var grants []Grant
	for _, role := range roles {
		for _, access := range role.Access {
			if g, ok := grant(access); ok {
				g.Role = role
				grants = append(grants, g)
			}
		}
	}
	return grants
}

// InForce returns the grants of roles that have not expired. A role whose date is no date counts for nothing, and is a
// fault of each cluster that it opens something in: there nothing may be taken away.
//
// Differs from the reference: such a role fails the whole run there.
func InForce(grants []Grant, now time.Time) (valid []Grant, faults map[string]reconcile.Problems) {
	faults = map[string]reconcile.Problems{}
	told := map[[2]string]bool{}
	for _, g := range grants {
		expired, err := expiration.Expired(g.Role.ExpirationDate, now)
		if at := [2]string{g.Cluster.Name, g.Role.Name}; err != nil && !told[at] {
			told[at] = true
			faults[g.Cluster.Name] = append(faults[g.Cluster.Name], fmt.Errorf("role %s: %w", g.Role.Name, err))
		}
		if err == nil && !expired {
			valid = append(valid, g)
		}
	}
	return valid, faults
}

// UserNames returns the names by which the cluster knows the role's people, each once. One who has no such name is left
// out.
//
// Differs from the reference: its integrations for bindings bind such a person as "None".
func (g Grant) UserNames() ([]string, error) {
	keys, err := g.Cluster.Keys()
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", g.Role.Name, err)
	}
	var names []string
	for _, user := range g.Role.Users {
		for _, key := range keys {
			if name := key.Of(user); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// serviceAccount is a bot in a cluster.
type serviceAccount struct{ namespace, name string }

// serviceAccounts returns the service accounts of the role's bots, and a problem for each that is not "namespace/name".
func (g Grant) serviceAccounts() ([]serviceAccount, reconcile.Problems) {
	var accounts []serviceAccount
	var problems reconcile.Problems
	for _, bot := range g.Role.Bots {
		text := bot.OpenShiftServiceAccount
		if text == "" {
			continue
		}
		namespace, name, _ := strings.Cut(text, "/")
		if namespace == "" || name == "" || strings.Contains(name, "/") {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "role %s: the openshift_serviceaccount %q of a bot is not of the form namespace/name", g.Role.Name, text))
			continue
		}
		accounts = append(accounts, serviceAccount{namespace, name})
	}
	return accounts, problems
}
