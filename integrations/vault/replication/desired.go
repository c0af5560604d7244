package replication

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// readsAtOnce bounds the secrets that are read side by side.
const readsAtOnce = 10

// Desired returns the secrets that the replication names, with the numbers of their latest versions. A secret that cannot
// be read is a problem.
//
// Differs from the reference: a secret that is not there, or whose latest version was deleted, is reported at the end and
// the others are copied. The reference passes over the first in KV v1 and fails for all otherwise.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Copy, error) {
	of, err := r.replication(ctx, s)
	if err != nil {
		return nil, err
	}
	source, err := r.source(ctx, of)
	if err != nil {
		return nil, err
	}
	paths, problems, err := r.paths(ctx, s, of, source)
	if err != nil {
		return nil, err
	}
	copies, faults := make([]Copy, len(paths)), make([]error, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, path := range paths {
		group.Go(func() error {
			found, err := source.Fetch(ctx, path, vaultapi.Latest)
			switch {
			case err == nil:
				copies[i] = of.copyOf(path, found)
			case alone(err):
				faults[i] = fmt.Errorf("secret %s of %s cannot be copied: %w", path, of.from.name, err)
			default:
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var sound []Copy
	for i, fault := range faults {
		if fault != nil {
			problems = append(problems, fault)
			continue
		}
		sound = append(sound, copies[i])
	}
	return sound, problems.ErrorOrNil()
}

// copyOf describes a secret that was read at one side. Only KV v2 has numbers.
func (r replication) copyOf(path string, found vaultapi.Secret) Copy {
	c := Copy{Path: path, From: r.from.name, To: r.to.name, KV: 1, Version: found.Version}
	if found.Version != 0 {
		c.KV = 2
	}
	return c
}
