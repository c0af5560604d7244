package rehearse

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"sigs.k8s.io/yaml"

	standin "github.com/app-sre/qontract-temporal/internal/standin/vault"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// vaultStandIn is what stands for a Vault that is not installed. The estate's file holds a vault.Estate.
type vaultStandIn struct {
	vault  *standin.Server
	faults *fault.Injector
	server *httptest.Server
}

func startVaultStandIn(text []byte) (target, error) {
	vault, err := standin.New(text)
	if err != nil {
		return nil, err
	}
	t := &vaultStandIn{vault: vault}
	t.faults = fault.New(vault, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/auth/") })
	t.server = httptest.NewServer(t.faults)
	return t, nil
}

func (t *vaultStandIn) URL() string { return t.server.URL }

func (t *vaultStandIn) Faults() *fault.Injector { return t.faults }

func (t *vaultStandIn) Dump(context.Context, ...string) ([]byte, error) {
	return yaml.Marshal(t.vault.Dump())
}

func (t *vaultStandIn) Hang() error {
	t.server.Close()
	return nil
}

func (t *vaultStandIn) Close() error { return t.Hang() }
