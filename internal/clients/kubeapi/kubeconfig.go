package kubeapi

import (
	"context"
	"crypto/sha256"
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// FromKubeconfig returns the client for a cluster that logs in as the current context of a kubeconfig says, with a token
// or a certificate in it. A kubeconfig that would run a program or read a file of this machine is Invalid, since others
// wrote it. No error quotes it.
func (p *Pool) FromKubeconfig(ctx context.Context, cluster string, kubeconfig secret.Value) (*Client, error) {
	if err := inputs.Outside(ctx, "cluster "+cluster); err != nil {
		return nil, err
	}
	key := fmt.Sprintf("kubeconfig %s %x", cluster, sha256.Sum256([]byte(kubeconfig.Reveal())))
	p.mu.Lock()
	client := p.clients[key]
	p.mu.Unlock()
	if client != nil && !client.refused.Load() {
		return client, nil
	}
	config, err := parseKubeconfig(cluster, kubeconfig)
	if err != nil {
		return nil, err
	}
	if client, err = New(ctx, config); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients[key] = client
	return client, nil
}

func parseKubeconfig(cluster string, kubeconfig secret.Value) (Config, error) {
	fail := func(what string) (Config, error) {
		return Config{}, apierr.Errorf(apierr.Invalid, "[%s] the kubeconfig %s", cluster, what)
	}
	loaded, err := clientcmd.Load([]byte(kubeconfig.Reveal()))
	if err != nil {
		return fail("cannot be read")
	}
	current := loaded.Contexts[loaded.CurrentContext]
	if current == nil {
		return fail("has no current context")
	}
	server, user := loaded.Clusters[current.Cluster], loaded.AuthInfos[current.AuthInfo]
	switch {
	case server == nil || server.Server == "" || user == nil:
		return fail("has a current context without a server or a user")
	case reachesOut(server, user):
		return fail("names a program or a file of another machine, and is not used")
	case user.Token == "" && len(user.ClientCertificateData) == 0:
		return fail("has neither a token nor a certificate to log in with")
	}
	return Config{
		Cluster: cluster, Server: server.Server, Token: secret.New(user.Token), Insecure: server.InsecureSkipTLSVerify, Privileged: true,
		ProxyURL: server.ProxyURL, Authority: server.CertificateAuthorityData,
		Certificate: user.ClientCertificateData, Key: secret.New(string(user.ClientKeyData)),
	}, nil
}

func reachesOut(server *api.Cluster, user *api.AuthInfo) bool {
	return user.Exec != nil || user.AuthProvider != nil || user.TokenFile != "" || user.ClientCertificate != "" || user.ClientKey != "" ||
		server.CertificateAuthority != ""
}
