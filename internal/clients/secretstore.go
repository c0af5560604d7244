package clients

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/configfile"
)

// choiceLasts is how long a process keeps to what the settings said before it reads them again.
const choiceLasts = time.Minute

// Secrets reads secrets from Vault or from the configuration file, as app-interface-settings say: `vault: true` or
// `vault: false`. Without such a datafile it is the configuration file. All of a process share one, and with it one login
// at Vault. It is safe for concurrent use.
//
// Differs from the reference: without a [vault] table secrets come from the configuration file whatever the settings say.
type Secrets struct {
	// path is the configuration file's, for messages.
	path  string
	app   graphql.Client
	file  secret.Reader
	vault *vaultapi.Client
	now   func() time.Time

	mu     sync.Mutex
	asked  time.Time
	choice secret.Reader
}

var _ secret.Reader = (*Secrets)(nil)

// NewSecrets makes the reader from the configuration file and, for the service account's token, the environment. Nothing
// is connected yet.
func NewSecrets(c *config.Config, app *appinterface.Client) (*Secrets, error) {
	// Where secrets are kept is the process's configuration and no integration's data: it is asked for in nobody's name and
	// of the current bundle.
	s := &Secrets{path: c.Path, app: app.For("", "", false), file: configfile.New(c.Secrets), now: time.Now}
	if c.Vault.Server == "" {
		return s, nil
	}
	var login vaultapi.Login = vaultapi.Kubernetes{Role: c.Vault.KubeAuthRole, Mount: c.Vault.KubeAuthMount, TokenPath: vaultapi.TokenPath(os.Getenv)}
	if c.Vault.AppRole {
		login = vaultapi.AppRole{RoleID: c.Vault.RoleID, SecretID: c.Vault.SecretID}
	}
	var err error
	s.vault, err = vaultapi.New(vaultapi.Config{Address: c.Vault.Server, Login: login})
	return s, err
}

// Vault returns the Vault of the configuration file, whether or not secrets are read from it. It is Invalid where the file
// has no [vault] table.
func (s *Secrets) Vault() (*vaultapi.Client, error) {
	if s.vault == nil {
		return nil, errNoVault(s.path)
	}
	return s.vault, nil
}

// Close ends the connections to Vault.
func (s *Secrets) Close() {
	if s.vault != nil {
		s.vault.Close()
	}
}

// Read implements secret.Reader.
func (s *Secrets) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	reader, err := s.choose(ctx)
	if err != nil {
		return secret.Value{}, err
	}
	return reader.Read(ctx, ref)
}

// ReadAll implements secret.Reader.
func (s *Secrets) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	reader, err := s.choose(ctx)
	if err != nil {
		return nil, err
	}
	return reader.ReadAll(ctx, ref)
}

// choose asks the settings now and then. While app-interface does not answer, what it said before counts.
func (s *Secrets) choose(ctx context.Context) (secret.Reader, error) {
	if s.vault == nil {
		return s.file, nil
	}
	s.mu.Lock()
	known, asked := s.choice, s.asked
	s.mu.Unlock()
	if known != nil && s.now().Sub(asked) < choiceLasts {
		return known, nil
	}
	began := s.now()
	found, err := secretSettings(ctx, s.app)
	if err != nil && known != nil {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up where secrets are kept: %w", err)
	}
	choice := s.file
	if len(found.Settings) > 0 && found.Settings[0].Vault {
		choice = s.vault
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choice, s.asked = choice, began
	return choice, nil
}
