package kubeapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Select returns the clusters that an integration handles, in their order and each once: not those that disable
// it (by its name, with dashes), and with internal set only the internal ones or only the others. With names, only
// clusters that carry one of them.
func Select(clusters []appinterface.Cluster, integration string, internal *bool, names ...string) []appinterface.Cluster {
	integration = strings.ReplaceAll(integration, "_", "-")
	seen := map[string]bool{}
	selected := make([]appinterface.Cluster, 0, len(clusters))
	for _, cluster := range clusters {
		isInternal := cluster.Internal != nil && *cluster.Internal
		switch {
		case seen[cluster.Name],
			cluster.Disables(integration),
			internal != nil && *internal != isInternal,
			len(names) > 0 && !slices.Contains(names, cluster.Name):
			continue
		}
		seen[cluster.Name] = true
		selected = append(selected, cluster)
	}
	return selected
}

// Connect reads the cluster's token and connects. Faults of the data are apierr.Invalid and name the cluster: no
// token, no address, or a token that was made for another server. A secret that is not there is apierr.Missing, a
// cluster that does not answer apierr.Unavailable. The way is nil for a cluster that is reached directly.
func Connect(ctx context.Context, reader secret.Reader, cluster appinterface.Cluster, privileged bool, way *Way) (*Client, error) {
	ref, field := tokenRef(cluster, privileged)
	if ref == nil {
		return nil, apierr.Errorf(apierr.Invalid, "[%s] has no %s", cluster.Name, field)
	}
	if cluster.ServerURL == "" {
		return nil, apierr.Errorf(apierr.Invalid, "[%s] has no serverUrl", cluster.Name)
	}
	token, err := readToken(ctx, reader, cluster, *ref)
	if err != nil {
		return nil, fmt.Errorf("[%s] %s: %w", cluster.Name, field, err)
	}
	config := Config{
		Cluster: cluster.Name, Server: cluster.ServerURL, Token: token,
		Insecure: cluster.InsecureSkipTLSVerify, Privileged: privileged,
	}
	if way != nil {
		config.Dial, config.ProxyURL = way.tunnel.DialContext, way.proxyURL
	}
	return New(ctx, config)
}

func tokenRef(cluster appinterface.Cluster, privileged bool) (*secret.Ref, string) {
	if privileged {
		return cluster.ClusterAdminAutomationToken, "clusterAdminAutomationToken"
	}
	return cluster.AutomationToken, "automationToken"
}

// readToken reads the token from a secret that was made for the cluster's address.
func readToken(ctx context.Context, reader secret.Reader, cluster appinterface.Cluster, ref secret.Ref) (secret.Value, error) {
	fields, err := reader.ReadAll(ctx, ref)
	if err != nil {
		return secret.Value{}, err
	}
	server, ok := fields["server"]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Invalid, "secret %s has no field server; store the address that the token was made for", ref.Path)
	}
	if server.Reveal() != cluster.ServerURL {
		return secret.Value{}, apierr.Errorf(apierr.Invalid, "the token in secret %s was made for %s, which is not the cluster's serverUrl %s; store a token of this cluster",
			ref.Path, server.Reveal(), cluster.ServerURL)
	}
	token, ok := fields[ref.Field]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s has no field %s", ref.Path, ref.Field)
	}
	return token, nil
}
