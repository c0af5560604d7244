package vaultapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// pods is a namespace of the real API server whose service accounts may log in to Vault.
type pods struct {
	*world
	kube      *kubernetes.Clientset
	namespace string
	// mount is the auth method, at which the service account worker has the role of the same name.
	mount string
}

func newPods(t *testing.T, secrets string) *pods {
	t.Helper()
	w := newWorld(t)
	server := serverstest.Kube(t)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL, BearerToken: server.Token, TLSClientConfig: rest.TLSClientConfig{CAData: server.CA}})
	require.NoError(t, err)
	namespace, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "vault-"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	p := &pods{world: w, kube: client, namespace: namespace.Name, mount: w.prefix + "-pods"}
	for _, name := range []string{"worker", "stranger"} {
		_, err = client.CoreV1().ServiceAccounts(p.namespace).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	// Vault asks the API server about a token in the name of that token.
	_, err = client.RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: p.namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:auth-delegator"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: "system:serviceaccounts:" + p.namespace}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)

	w.enable(p.mount, servers.VaultKubernetesAuth)
	w.set("auth/"+p.mount+"/config", map[string]any{"kubernetes_host": server.URL, "kubernetes_ca_cert": string(server.CA), "disable_local_ca_jwt": true})
	require.NoError(t, w.root.Sys().PutPolicyWithContext(t.Context(), w.prefix, strings.Join(all(secrets), "\n")))
	w.set("auth/"+p.mount+"/role/worker", map[string]any{
		"bound_service_account_names": "worker", "bound_service_account_namespaces": p.namespace, "token_policies": w.prefix, "token_ttl": "1h",
	})
	return p
}

// token is what the kubelet writes into a pod of the service account.
func (p *pods) token(account string) []byte {
	p.Helper()
	asked, err := p.kube.CoreV1().ServiceAccounts(p.namespace).CreateToken(p.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(p, err)
	return []byte(asked.Status.Token)
}

func TestPodsLogInWithTheirServiceAccount(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	p := newPods(t, mount)
	file := filepath.Join(t.TempDir(), "token")
	c := p.client(vaultapi.Kubernetes{Role: "worker", Mount: p.mount, TokenPath: file})
	read := func() error { return second(c.Fetch(t.Context(), mount+"/a", 1)) }

	err := read()
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.ErrorContains(t, err, file)
	require.ErrorContains(t, err, "set KUBE_SA_TOKEN_PATH")

	write := func(token []byte) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, token, 0o600))
	}
	token := p.token("stranger")
	write(token)
	err = read()
	require.ErrorIs(t, err, vaultapi.ErrLoginRefused)
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "log in with Kubernetes role worker at auth/"+p.mount)
	require.NotContains(t, err.Error(), string(token))

	write(p.token("worker"))
	require.NoError(t, read(), "the file is read anew for each login")
	write([]byte("nonsense"))
	require.NoError(t, read(), "and for nothing else")
	p.clock.advance(2 * tokenLife)
	require.ErrorIs(t, read(), vaultapi.ErrLoginRefused)
	write(p.token("worker"))
	require.NoError(t, read())
}

func TestTokenPath(t *testing.T) {
	path := func(value string) string {
		return vaultapi.TokenPath(func(key string) string { return map[string]string{"KUBE_SA_TOKEN_PATH": value}[key] })
	}
	require.Equal(t, "/var/run/secrets/kubernetes.io/serviceaccount/token", path(""))
	require.Equal(t, "/tokens/vault", path("/tokens/vault"))
}
