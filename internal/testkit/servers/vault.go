package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// The environment that names running Vaults to be used instead of starting some: their addresses, and in the same order
// their root tokens, both with commas between them.
const (
	EnvVaults      = "QT_VAULT_ADDRESSES"
	EnvVaultTokens = "QT_VAULT_TOKENS" //nolint:gosec // the name of a variable, not a token.
)

// VaultKubernetesAuth is the type of auth method by which pods log in. The server loads it as a plugin.
const VaultKubernetesAuth = "vault-plugin-auth-kubernetes"

// Vault is a running Vault in development mode: unsealed, and with everything in memory.
type Vault struct {
	// Address is its URL.
	Address string
	// Token may do everything.
	Token string

	process *process
	dir     *workdir
}

// RunningVaults returns the servers that the environment names; ok is false where it names none.
func RunningVaults() (running []*Vault, ok bool, err error) {
	if os.Getenv(EnvVaults) == "" {
		return nil, false, nil
	}
	addresses, tokens := strings.Split(os.Getenv(EnvVaults), ","), strings.Split(os.Getenv(EnvVaultTokens), ",")
	if len(addresses) != len(tokens) {
		return nil, false, fmt.Errorf("%s names %d servers and %s has %d tokens: give each server its token", EnvVaults, len(addresses), EnvVaultTokens, len(tokens))
	}
	for i, address := range addresses {
		running = append(running, &Vault{Address: address, Token: tokens[i]})
	}
	return running, true, nil
}

// VaultsEnv is the environment that makes RunningVaults find these servers, as KEY=value.
func VaultsEnv(running []*Vault) []string {
	var addresses, tokens []string
	for _, v := range running {
		addresses, tokens = append(addresses, v.Address), append(tokens, v.Token)
	}
	return []string{EnvVaults + "=" + strings.Join(addresses, ","), EnvVaultTokens + "=" + strings.Join(tokens, ",")}
}

// StartVaults starts several servers side by side. It returns also those that started when another one did not.
func StartVaults(ctx context.Context, n int) ([]*Vault, error) {
	for _, name := range []string{"vault", VaultKubernetesAuth} {
		if _, err := Find(name); err != nil {
			return nil, err
		}
	}
	started, failures := make([]*Vault, n), make([]error, n)
	done := make(chan struct{}, n)
	for i := range n {
		go func() {
			started[i], failures[i] = StartVault(ctx)
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
	running := started[:0]
	for _, v := range started {
		if v != nil {
			running = append(running, v)
		}
	}
	return running, errors.Join(failures...)
}

// StartVault starts a server and returns when it is unsealed. It waits for that until ctx ends; later the context no
// longer matters. The caller stops the server.
func StartVault(ctx context.Context) (*Vault, error) {
	return withFreshPorts(func() (*Vault, error) { return startVault(ctx) })
}

func startVault(ctx context.Context) (_ *Vault, err error) {
	plugin, err := Find(VaultKubernetesAuth)
	if err != nil {
		return nil, err
	}
	// The server also takes the next port, for the other servers of a cluster that it never has.
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", ports[0])
	v := &Vault{Address: "http://" + address, Token: rand.Text(), dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.Stop())
		}
	}()
	v.process, err = launchWith([]string{"VAULT_DEV_ROOT_TOKEN_ID=" + v.Token}, "vault", dir.path, 0,
		"server", "-dev", "-dev-no-store-token", "-dev-listen-address="+address, "-dev-plugin-dir="+filepath.Dir(plugin), "-log-level=warn")
	if err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "vault at "+v.Address, v.probe, v.process); err != nil {
		return nil, err
	}
	return v, nil
}

// Stop ends the server and removes its folder. A server that was found by RunningVaults is left alone.
func (v *Vault) Stop() error {
	if v.process != nil {
		v.process.stop()
	}
	if v.dir == nil {
		return nil
	}
	return v.dir.remove()
}

// probe succeeds once the root token counts, which is the last thing that the server makes.
func (v *Vault) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.Address+"/v1/auth/token/lookup-self", nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Vault-Token", v.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("its own token is refused: %s", resp.Status)
	}
	return nil
}
