package kubeapi

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/inputs"
)

const (
	// readyAttempts is how often a server is asked whether it is ready, so that one answer that got lost does not count.
	readyAttempts = 3
	readyTimeout  = 10 * time.Second
)

// Ready says whether a server answers, without a login, that it is ready. One that is being installed does not, and one
// that cannot be reached from here. It is an error only where ctx ends.
// Source: https://kubernetes.io/docs/reference/using-api/health-checks/
func Ready(ctx context.Context, server string, insecure bool) (bool, error) {
	if err := inputs.Outside(ctx, "the server "+server); err != nil {
		return false, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: insecure}, DisableKeepAlives: true,
	}
	client := &http.Client{Transport: transport, Timeout: readyTimeout}
	for range readyAttempts {
		if ready(ctx, client, strings.TrimSuffix(server, "/")+"/readyz") {
			return true, nil
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
	}
	return false, nil
}

func ready(ctx context.Context, client *http.Client, address string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_, read := io.Copy(io.Discard, resp.Body)
	return errors.Join(read, resp.Body.Close()) == nil && resp.StatusCode == http.StatusOK
}
