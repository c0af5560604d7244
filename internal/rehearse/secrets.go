package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	secretsFile = "secrets.toml"
	// ownVault is the Vault that the [vault] table of secretsFile names.
	ownVault     = "own"
	ownVaultFile = "estate/vault/" + ownVault + ".yaml"
)

var (
	errNoOwnVault = errors.New(secretsFile + " has a [vault] table: add what is in that Vault, with the role of the table, as " + ownVaultFile)
	errNoTable    = errors.New(ownVaultFile + " is the Vault that the [vault] table of " + secretsFile + " names: add the table, with the role of that Vault")
)

// own starts the Vault that is the process's own, and returns it with its address in the case. There is none to start where
// the case's secrets name none, or one that a datafile describes. Known has the addresses of those
// and the placeholders for tokens, each with what stands for it here, in the estate too.
func (w *world) own(ctx context.Context, c *Case, known []string) (t target, address string, err error) {
	loaded, err := w.stage.config(c)
	if err != nil {
		return nil, "", err
	}
	address = loaded.Vault.Server
	estate, found := c.lookup(ownVaultFile)
	running := w.targets["vault/"+ownVault]
	switch {
	case address == "" && found && running == nil:
		return nil, "", errNoTable
	case address == "", slices.Contains(known, address):
		return nil, "", nil
	case !found:
		return nil, "", errNoOwnVault
	case running != nil:
		return running, address, nil
	}
	t, err = w.start(ctx, system{name: "vault", start: startOwnVault}, ownVault, []byte(strings.NewReplacer(known...).Replace(string(estate))))
	if err != nil {
		return nil, "", fmt.Errorf("vault/%s: %w", ownVault, err)
	}
	return t, address, nil
}

// swap has the secrets of the current case: it reads them, and knows the Vault for new ones.
type swap struct {
	mu      sync.Mutex
	secrets *clients.Secrets
}

var _ secret.Reader = (*swap)(nil)

var errNoCase = errors.New("no case has been loaded")

// set replaces the secrets and closes the earlier ones; nil has none.
func (s *swap) set(secrets *clients.Secrets) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets != nil {
		s.secrets.Close()
	}
	s.secrets = secrets
}

func (s *swap) current() (*clients.Secrets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets == nil {
		return nil, errNoCase
	}
	return s.secrets, nil
}

// Read implements secret.Reader.
func (s *swap) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	secrets, err := s.current()
	if err != nil {
		return secret.Value{}, err
	}
	return secrets.Read(ctx, ref)
}

// ReadAll implements secret.Reader.
func (s *swap) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	secrets, err := s.current()
	if err != nil {
		return nil, err
	}
	return secrets.ReadAll(ctx, ref)
}

// vault is the Vault for new secrets.
func (s *swap) vault() (*vaultapi.Client, error) {
	secrets, err := s.current()
	if err != nil {
		return nil, err
	}
	return secrets.Vault()
}
