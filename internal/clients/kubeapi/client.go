// Package kubeapi reads and writes Kubernetes objects of one cluster, whatever their kind, and holds the rules by
// which integrations share a cluster: who owns an object, when a live object is as it is wanted, what may be
// deleted, and what to do where an object cannot be applied in place. The rules about annotations, hashes and
// equality are the reference's, so that either system finds the other's objects clean.
//
// Bodies of objects are maps as JSON gives them. Numbers keep their text (see Object), because hashes depend on it.
//
// Errors are classified (apierr), name the object and the cluster, and never quote what the server says about a
// Secret, because it may quote values.
package kubeapi

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"golang.org/x/sync/semaphore"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	// fieldManager owns the fields of what is applied.
	fieldManager = "qontract-temporal"
	// dialTimeout and reachTimeout bound how long an unreachable cluster keeps anybody waiting.
	dialTimeout  = 5 * time.Second
	reachTimeout = 10 * time.Second
	// requestTimeout bounds one request, so that a server that hangs cannot hold a run.
	requestTimeout = 60 * time.Second
)

// Config says where a cluster is and how to log in.
type Config struct {
	// Cluster is the name in messages.
	Cluster string
	// Server is the URL of the API server.
	Server string
	Token  secret.Value
	// Insecure leaves the server's certificate unchecked.
	//
	// Differs from the reference: its native client checks no certificate at all, ours all but these clusters'.
	Insecure bool
	// Privileged says that the token is the cluster-admin one.
	Privileged bool
	// Authority are the certificates that the server's is signed with, in PEM; none are those of this machine.
	Authority []byte
	// Certificate and Key log in in place of a token, in PEM.
	Certificate []byte
	Key         secret.Value
	// ProxyURL is the HTTP proxy to go through, empty for that of the environment.
	ProxyURL string
	// Dial makes the connections, to the proxy where there is one; nil makes them from here.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RequestTimeout replaces how long one request may take; zero is a minute.
	RequestTimeout time.Duration
}

// Client talks to one cluster with one token. It is safe for concurrent use and keeps its connections open.
type Client struct {
	cluster    string
	server     string
	privileged bool
	rest       *rest.RESTClient
	kinds      *kinds
	slots      *semaphore.Weighted
	now        func() time.Time
	// refused is set when the server does not accept the token any more.
	refused atomic.Bool
}

// New connects to a cluster and makes sure that it answers. A cluster that does not is apierr.Unavailable within
// ten seconds, with the address that was tried.
func New(ctx context.Context, config Config) (*Client, error) {
	settings, err := restConfig(config)
	if err != nil {
		return nil, err
	}
	httpClient, err := rest.HTTPClientFor(settings)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "[%s] cannot be connected to: %w", config.Cluster, err)
	}
	restClient, err := rest.RESTClientForConfigAndClient(settings, httpClient)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "[%s] cannot be connected to: %w", config.Cluster, err)
	}
	client := &Client{
		cluster:    config.Cluster,
		server:     config.Server,
		privileged: config.Privileged,
		rest:       restClient,
		kinds:      &kinds{source: discovery.NewDiscoveryClient(restClient), cluster: config.Cluster, now: time.Now},
		slots:      semaphore.NewWeighted(parallelReads),
		now:        time.Now,
	}
	if err := client.reach(ctx); err != nil {
		httpClient.CloseIdleConnections()
		return nil, err
	}
	return client, nil
}

// Cluster is the name of the cluster.
func (c *Client) Cluster() string { return c.cluster }

// Privileged says whether the client uses the cluster-admin token.
func (c *Client) Privileged() bool { return c.privileged }

func restConfig(config Config) (*rest.Config, error) {
	settings := &rest.Config{
		Host:        config.Server,
		BearerToken: config.Token.Reveal(),
		TLSClientConfig: rest.TLSClientConfig{
			Insecure: config.Insecure, CAData: config.Authority, CertData: config.Certificate, KeyData: []byte(config.Key.Reveal()),
		},
		UserAgent: fieldManager,
		// The server decides who has to wait: its priority and fairness knows its load, a limit here does not.
		QPS:            -1,
		Timeout:        cmp.Or(config.RequestTimeout, requestTimeout),
		Dial:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		WarningHandler: rest.NoWarnings{},
		ContentConfig: rest.ContentConfig{
			ContentType:          "application/json",
			GroupVersion:         &schema.GroupVersion{Version: "v1"},
			NegotiatedSerializer: scheme.Codecs.WithoutConversion(),
		},
	}
	settings.Wrap(func(next http.RoundTripper) http.RoundTripper { return readonly.Transport(noteDelay(next), isRead) })
	if config.Dial != nil {
		settings.Dial = config.Dial
	}
	if config.ProxyURL != "" {
		proxy, err := url.Parse(config.ProxyURL)
		if err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "[%s] the proxy's URL is malformed", config.Cluster)
		}
		settings.Proxy = http.ProxyURL(proxy)
	}
	return settings, nil
}

// isRead recognises requests that look like writes and change nothing: the server's own dry run.
func isRead(req *http.Request) bool {
	return req.URL.Query().Get("dryRun") == "All" || strings.HasSuffix(req.URL.Path, "/selfsubjectaccessreviews")
}

// reach asks for the server's version, which every server answers.
func (c *Client) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	err := c.rest.Get().AbsPath("/version").MaxRetries(0).Do(ctx).Error()
	if err == nil {
		return nil
	}
	failed := classify(c.cluster, call{verb: "ask for the version"}, err)
	kind, _ := apierr.KindOf(failed)
	return &apierr.Error{
		Kind:       kind,
		RetryAfter: apierr.RetryAfter(failed),
		Err:        fmt.Errorf("[%s] is unreachable at %s: %w", c.cluster, c.server, err),
	}
}
