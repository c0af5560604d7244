package ocmapi

import (
	"context"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Kubeconfig returns the configuration with which a cluster's administrator logs in. It is Missing where OCM has none,
// as before the cluster is installed.
func (c *Client) Kubeconfig(ctx context.Context, cluster string) (secret.Value, error) {
	var answer struct {
		Kubeconfig string `json:"kubeconfig"`
	}
	what := in(cluster, "get the kubeconfig")
	err := c.do(ctx, request{
		what: what, method: http.MethodGet, path: clustersMgmt, segments: of(cluster, "credentials"),
	}, &answer)
	if err == nil && answer.Kubeconfig == "" {
		err = apierr.Errorf(apierr.Missing, "ocm %s: %s: OCM has none", c.base.Host, what)
	}
	return secret.New(answer.Kubeconfig), err
}
