package replication

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Vet refuses a secret that the destination may not be asked for, or keeps otherwise than the source.
//
// Differs from the reference: a secret that one side keeps in versions and the other does not fails alone, while the
// reference ends there.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Copy]) error {
	if c.Current != nil && c.Current.Unreadable != "" {
		return apierr.Errorf(apierr.Denied, "%s", c.Current.Unreadable)
	}
	of, err := r.replication(ctx, s)
	if err != nil {
		return err
	}
	destination, err := r.destination(ctx, of)
	if err != nil {
		return err
	}
	kv, err := destination.KV(ctx, c.Key)
	if err == nil && kv != c.Desired.KV {
		err = apierr.Errorf(apierr.Invalid, "its mount is KV v%d in %s, and in %s it is KV v%d or one that the login may not look at: make both the same version", c.Desired.KV, of.from.name, of.to.name, kv)
	}
	return err
}

// Apply copies what the destination lacks, within this one step: a value is nowhere but in Vault and here.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Copy]) error {
	of, err := r.replication(ctx, s)
	if err != nil {
		return err
	}
	source, err := r.source(ctx, of)
	if err != nil {
		return err
	}
	destination, err := r.destination(ctx, of)
	if err != nil {
		return err
	}
	if c.Desired == nil {
		return nil
	}
	if c.Desired.KV == 1 {
		return copyContent(ctx, source, destination, c.Key)
	}
	return copyVersions(ctx, source, destination, *c.Desired)
}

// copyContent makes a secret of KV v1 the same.
func copyContent(ctx context.Context, source, destination vault, path string) error {
	here, err := source.Fetch(ctx, path, vaultapi.Latest)
	if err != nil {
		return err
	}
	there, err := destination.Fetch(ctx, path, vaultapi.Latest)
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	if err == nil && there.Data.Equal(here.Data) {
		return nil
	}
	return destination.Write(ctx, path, here.Data)
}

// copyVersions adds the versions after the destination's latest one, whatever an earlier attempt has added. Each write
// names the version that it follows, so that none is written twice.
func copyVersions(ctx context.Context, source, destination vault, want Copy) error {
	there, err := destination.Fetch(ctx, want.Path, vaultapi.Latest)
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	for latest := there.Version; latest < want.Version; latest++ {
		here, err := source.Fetch(ctx, want.Path, vaultapi.Version(latest+1))
		if apierr.Is(err, apierr.Missing) && latest+1 < want.Version {
			here.Data, err = placeholder(), nil
		}
		if err != nil {
			return err
		}
		if err := destination.WriteVersion(ctx, want.Path, here.Data, latest); err != nil {
			return err
		}
	}
	return nil
}

// placeholder takes the place of a version that the source no longer has: Vault numbers versions by itself, and keeps the
// last ten by default. Its content is the reference's.
func placeholder() vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{"dummy": secret.New("data")})
}
