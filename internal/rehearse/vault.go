package rehearse

import (
	"context"
	"errors"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

// vaultTarget is a part of one of the stage's Vaults. The estate's file holds a vault.Estate.
type vaultTarget struct{ world *vault.World }

// startVault takes the Vaults in turn, so that two instances of a case are two servers.
func startVault(ctx context.Context, s *Stage, _ string, estate []byte) (target, error) {
	running, err := s.options.Vaults(ctx)
	if err != nil {
		return nil, err
	}
	s.vaults++
	world, err := vault.New(ctx, running[s.vaults%len(running)], estate)
	if err != nil {
		return nil, err
	}
	return &vaultTarget{world}, nil
}

// startOwnVault is startVault, or the start of a stand-in where that is permitted and no Vault is installed.
func startOwnVault(ctx context.Context, s *Stage, name string, estate []byte) (target, error) {
	err := servers.ErrNotInstalled
	if s.options.Vaults != nil {
		var t target
		if t, err = startVault(ctx, s, name, estate); err == nil {
			return t, nil
		}
	}
	if !s.options.VaultStandIn || !errors.Is(err, servers.ErrNotInstalled) {
		return nil, err
	}
	return startVaultStandIn(estate)
}

func (t *vaultTarget) URL() string { return t.world.URL() }

func (t *vaultTarget) Faults() *fault.Injector { return t.world.Faults }

func (t *vaultTarget) Dump(ctx context.Context, _ ...string) ([]byte, error) {
	return t.world.Dump(ctx)
}

func (t *vaultTarget) Hang() error {
	t.world.Hang()
	return nil
}

func (t *vaultTarget) Close() error { return t.world.Close() }
