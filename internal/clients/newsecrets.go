package clients

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
)

// SecretStore is the Vault of the configuration file, where integrations keep the secrets that they make. It shares the
// login of the reader of secrets, and is this Vault whatever app-interface-settings say of reading. Without a [vault]
// table its methods are Invalid.
type SecretStore struct {
	vault func() (*vaultapi.Client, error)
}

// Fetch returns a version of a secret as it is now, past every cache; version 0 is the latest. It is Missing where it is
// not there.
func (s SecretStore) Fetch(ctx context.Context, path string, version vaultapi.Version) (vaultapi.Secret, error) {
	if err := inputs.Outside(ctx, "the secret "+path); err != nil {
		return vaultapi.Secret{}, err
	}
	vault, err := s.vault()
	if err != nil {
		return vaultapi.Secret{}, err
	}
	if version == 0 {
		version = vaultapi.Latest
	}
	return vault.Fetch(ctx, path, version)
}

// Write writes a secret where it is not so already, as vaultapi.Client.Write does.
func (s SecretStore) Write(ctx context.Context, path string, data vaultapi.Data) error {
	if err := inputs.Outside(ctx, "the secret "+path); err != nil {
		return err
	}
	vault, err := s.vault()
	if err != nil {
		return err
	}
	return vault.Write(ctx, path, data)
}

func errNoVault(file string) error {
	return apierr.Errorf(apierr.Invalid, "there is no Vault to keep new secrets in: add a [vault] table to %s", file)
}
