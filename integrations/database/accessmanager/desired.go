package accessmanager

import (
	"context"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// listed is an access as app-interface lists it.
type listed struct {
	Access
	resource externalresources.Resource
	settings *jobs.Settings
	// twice says that another instance lists an access of the same name, or this one does so again.
	twice bool
}

// accesses returns all accesses by name.
//
// Differs from the reference: accesses in namespaces that are to be deleted, and in clusters that disable the integration,
// are left out.
func (r *reconciler) accesses(ctx context.Context, s reconcile.Scope) (map[string]*listed, error) {
	answer, err := AccessNamespaces(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	var settings *jobs.Settings
	if len(answer.Settings) > 0 {
		settings = answer.Settings[0].SqlQuery
	}
	found := map[string]*listed{}
	for _, n := range answer.Namespaces {
		if n.Delete != nil && *n.Delete || n.Cluster.Disables(s.Integration) {
			continue
		}
		for _, provided := range n.ExternalResources {
			for _, resource := range provided.Resources {
				for _, wanted := range resource.DatabaseAccess {
					if known := found[wanted.Name]; known != nil {
						known.twice = true
						continue
					}
					found[wanted.Name] = &listed{
						Access: Access{
							Wanted: wanted, Place: jobs.Place{Cluster: n.Cluster, Namespace: n.Name}, AdminSecret: resource.SecretName(),
						},
						resource: resource, settings: settings,
					}
				}
			}
		}
	}
	return found, nil
}

// Source implements reconcile.Sourced: all scopes read the same namespaces, and each the file of its instance.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	found, err := r.accesses(ctx, s)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if _, err := found[name].resource.Values(ctx, r.at(s)); err != nil && !apierr.Is(err, apierr.Invalid) {
			return err
		}
	}
	return nil
}

// Shards are the accesses.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	found, err := r.accesses(ctx, s)
	return slices.Sorted(maps.Keys(found)), err
}

// Due implements reconcile.Selective: the accesses that are not as state has them, and those that are at fault.
func (r *reconciler) Due(ctx context.Context, s reconcile.Scope, names []string) ([]string, error) {
	found, err := r.accesses(ctx, s)
	if err != nil {
		return nil, err
	}
	noted, err := r.state.GetAll(ctx, "")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		access := found[name]
		was, err := decode(name, noted[name])
		return err == nil && !access.twice && len(faults(access.Wanted)) == 0 && was != nil && same(access.Wanted, *was)
	}), nil
}

// Desired returns the access, unless it is to be deleted. What is wrong with it is a problem.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Access, error) {
	access, err := r.access(ctx, s)
	if err != nil || gone(access.Wanted) {
		return nil, err
	}
	return []Access{access}, nil
}

// access returns the access of the scope. Its error is reconcile.Problems where the access is at fault.
//
// Differs from the reference: an access at fault stops no other. There an engine that is not supported, missing settings
// or a missing Secret end the run, and any other fault ends it behind its namespace.
func (r *reconciler) access(ctx context.Context, s reconcile.Scope) (Access, error) {
	found, err := r.accesses(ctx, s)
	if err != nil {
		return Access{}, err
	}
	access := found[s.Name]
	if access == nil {
		return Access{}, apierr.Errorf(apierr.Invalid, "app-interface has no database access %s: add it, or cancel what is under way for it", s.Name)
	}
	problems := faults(access.Wanted)
	if access.twice {
		// Differs from the reference: the second one is a fault. The reference takes it for done as soon as the first is.
		problems = append(problems, apierr.Errorf(apierr.Invalid, "access %s is listed more than once: give each instance an access of its own, with a name of its own", s.Name))
	}
	if access.settings == nil {
		problems = append(problems, apierr.Errorf(apierr.Invalid, "access %s needs the image of a Job: add sqlQuery to app-interface-settings", s.Name))
	} else {
		access.Settings = *access.settings
	}
	values, err := access.resource.Values(ctx, r.at(s))
	switch {
	case apierr.Is(err, apierr.Invalid):
		problems = append(problems, err)
	case err != nil:
		return Access{}, err
	default:
		// Differs from the reference: an engine in the overrides counts.
		if access.Engine = values.Text("engine", postgres); access.Engine != postgres {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "access %s is to an instance of the engine %s: only %s is supported", s.Name, access.Engine, postgres))
		}
	}
	return access.Access, problems.ErrorOrNil()
}
