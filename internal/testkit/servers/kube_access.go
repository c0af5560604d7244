package servers

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

const (
	automationUser = "automation"
	limitedUser    = "limited"
	// probeTimeout bounds one question to a server that may hang while it starts.
	probeTimeout = 2 * time.Second
)

// auditPolicy records who did what to which object when it was done, and leaves out the server's own loopback requests.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [system:apiserver, system:anonymous]
- level: Metadata
`

// writeCredentials makes the certificates, the signing key and the users' tokens, and writes the files that the
// servers read.
func (k *Kube) writeCredentials() error {
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	certificate, key, err := authority.issue("kube-apiserver")
	if err != nil {
		return err
	}
	_, signing, err := newKey()
	if err != nil {
		return err
	}
	k.CA = authority.pem
	k.Token, k.Automation, k.Limited = leak.Plant("admin"), leak.Plant(automationUser), leak.Plant(limitedUser)
	tokens := fmt.Sprintf("%s,admin,admin,\"system:masters\"\n%s,%s,%s\n%s,%s,%s\n",
		k.Token, k.Automation, automationUser, automationUser, k.Limited, limitedUser, limitedUser)
	for name, content := range map[string][]byte{
		"ca.pem": authority.pem, "server.pem": certificate, "server.key": key, "service-account.key": signing,
		"tokens.csv": []byte(tokens), "audit.yaml": []byte(auditPolicy), "kubeconfig": k.kubeconfig(),
	} {
		if err := os.WriteFile(k.dir.file(name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// kubeconfig is a client configuration of the administrator. JSON is YAML too.
func (k *Kube) kubeconfig() []byte {
	return fmt.Appendf(nil, `{"apiVersion": "v1", "kind": "Config", "current-context": "test",
"clusters": [{"name": "test", "cluster": {"server": %q, "certificate-authority": %q}}],
"users": [{"name": "admin", "user": {"token": %q}}],
"contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}]}`, k.URL, k.caFile, k.Token)
}

// Transport is an HTTP transport that trusts the server.
func (k *Kube) Transport() (*http.Transport, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConnsPerHost = 100
	if len(k.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(k.CA) {
			return nil, errors.New("the API server's CA is no PEM certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return transport, nil
}

// ready succeeds once the server says that it is.
func (k *Kube) ready(ctx context.Context) error {
	return k.call(ctx, http.MethodGet, "/readyz", nil, nil)
}

// bindAutomation makes the automation user an administrator by a binding, so that it can be taken away as in a cluster.
func (k *Kube) bindAutomation(ctx context.Context) error {
	return k.call(ctx, http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1",
		"kind":       "ClusterRoleBinding",
		"metadata":   map[string]any{"name": automationUser},
		"roleRef":    map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects":   []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": automationUser}},
	}, nil)
}

// controlled succeeds once the controllers have done the first things that they are here for.
func (k *Kube) controlled(ctx context.Context) error {
	if err := k.call(ctx, http.MethodGet, "/api/v1/namespaces/default/serviceaccounts/default", nil, nil); err != nil {
		return err
	}
	var role struct {
		Rules []json.RawMessage `json:"rules"`
	}
	if err := k.call(ctx, http.MethodGet, "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin", nil, &role); err != nil {
		return err
	}
	if len(role.Rules) == 0 {
		return errors.New("the role admin has no rules yet")
	}
	return nil
}

// call sends one request as the administrator. Body and answer are JSON; either may be nil.
func (k *Kube) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, k.URL+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+k.Token)
	req.Header.Set("Content-Type", "application/json")
	transport, err := k.Transport()
	if err != nil {
		return err
	}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(text))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
