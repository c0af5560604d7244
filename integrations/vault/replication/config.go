package replication

import (
	"context"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// replication is one entry of an instance's list of replications.
type replication struct {
	from, to instance
	config   replicationConfig
}

type instance struct{ name, address string }

// name is that of its scope. Of several with the same instances the later ones carry a number.
func (r replication) name(earlier int) string {
	name := r.from.name + "/" + r.to.name
	if earlier > 0 {
		name += fmt.Sprintf("/%d", earlier+1)
	}
	return name
}

// replications returns all by the name of their scope, and the names in order.
func (r *reconciler) replications(ctx context.Context, s reconcile.Scope) (all map[string]replication, names []string, err error) {
	answer, err := VaultReplications(ctx, r.at(s))
	if err != nil {
		return nil, nil, err
	}
	all = map[string]replication{}
	seen := map[string]int{}
	for _, from := range answer.Instances {
		for _, config := range from.Replication {
			one := replication{
				from: instance{from.Name, from.Address}, to: instance{config.VaultInstance.Name, config.VaultInstance.Address}, config: config,
			}
			pair := one.name(0)
			name := one.name(seen[pair])
			seen[pair]++
			all[name] = one
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return all, names, nil
}

// Shards are the replications.
//
// Differs from the reference: a replication that fails leaves the others alone, while the reference ends at the first error.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	_, names, err := r.replications(ctx, s)
	return names, err
}

// Source implements reconcile.Sourced: what is to be copied is also a matter of what the source has.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	all, names, err := r.replications(ctx, s)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(all[name].config.Paths, ofJenkins) {
			_, err := JenkinsSecrets(ctx, r.at(s))
			return err
		}
	}
	return nil
}

func ofJenkins(paths replicationPaths) bool {
	_, ok := paths.(*replicationPathsVaultReplicationJenkinsV1)
	return ok
}

// replication returns that of the scope.
func (r *reconciler) replication(ctx context.Context, s reconcile.Scope) (replication, error) {
	all, _, err := r.replications(ctx, s)
	if err != nil {
		return replication{}, err
	}
	found, ok := all[s.Name]
	if !ok {
		return replication{}, apierr.Errorf(apierr.Invalid, "there is no replication %s: add it to the source's instance in app-interface", s.Name)
	}
	return found, nil
}

func (r *reconciler) source(ctx context.Context, of replication) (vault, error) {
	return r.open(ctx, of.from, of.config.SourceAuth, "sourceAuth")
}

func (r *reconciler) destination(ctx context.Context, of replication) (vault, error) {
	return r.open(ctx, of.to, of.config.DestAuth, "destAuth")
}

// open connects to one side.
//
// Differs from the reference: the IDs of the AppRole are read from where all secrets are, in the version and format that
// the datafile names. The reference reads them from Vault whatever the settings say, and without a version, which KV v2
// refuses.
func (r *reconciler) open(ctx context.Context, at instance, auth vaultAuth, field string) (vault, error) {
	role, ok := auth.(*vaultAuthVaultInstanceAuthApproleV1)
	if !ok {
		return nil, apierr.Errorf(apierr.Invalid, "%s for %s has the provider %s, and copying needs an AppRole: use the provider approle", field, at.name, auth.GetProvider())
	}
	client, err := r.connect(ctx, at.address, role.RoleID, role.SecretID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.name, err)
	}
	return client, nil
}
