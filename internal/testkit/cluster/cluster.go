// Package cluster presents one real Kubernetes API server as many isolated clusters, so that each test case has its own
// without a start of its own. A virtual cluster is a reverse proxy on the loopback interface: names of namespaces and of
// cluster-scoped objects get the world's prefix on the way in and lose it on the way out, and lists show the world's objects
// only. Authentication, authorisation, validation, defaulting and server-side apply are the real server's.
//
// What differs from a cluster: watches are not offered; of the built-in cluster-scoped objects only the default ClusterRoles
// can be read, one by one; CustomResourceDefinitions are shared by all worlds; rules[].resourceNames and names inside
// custom resources are passed on as they are; a prefixed name must still fit the server's limit of 63 characters.
package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// Options shape a virtual cluster. The zero value is a plain one with a random world.
type Options struct {
	// World is the token that tells this cluster's objects from others': 3 to 10 lower-case letters and digits,
	// starting with a letter. Clusters with one token share their objects. Empty makes up a new one.
	World string
	// Hide lists API groups ("project.openshift.io") and kinds ("Route.route.openshift.io", or "Service" of the core
	// group) that this cluster does not serve.
	Hide []string
}

// Cluster is a virtual cluster. Clients reach it at URL with any bearer token of the real server.
type Cluster struct {
	// Faults records the calls of the cluster's clients and can make one fail. Load and Dump do not count.
	Faults *fault.Injector

	world     world
	token     string
	hidden    map[string]bool
	kinds     *kinds
	backend   *url.URL
	transport *http.Transport
	proxy     *httputil.ReverseProxy
	listener  net.Listener
	server    *http.Server

	mu      sync.Mutex
	written map[string]target // by path, without namespace and name
}

// New starts a virtual cluster on the real one. The caller closes it.
func New(backend *servers.Kube, options Options) (*Cluster, error) {
	token, err := newWorld(options.World)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(backend.URL)
	if err != nil {
		return nil, fmt.Errorf("address of the API server: %w", err)
	}
	transport, err := backend.Transport()
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		world: token, token: backend.Token, hidden: map[string]bool{}, written: map[string]target{},
		backend: address, transport: transport,
	}
	c.kinds = newKinds(c.fetch)
	for _, name := range options.Hide {
		c.hidden[name] = true
	}
	c.proxy = &httputil.ReverseProxy{
		Transport:      transport,
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(address) },
		ModifyResponse: c.rewriteResponse,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, err)
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	c.Faults = fault.New(http.HandlerFunc(c.serve), IsRead)
	if c.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	c.server = &http.Server{Handler: http.StripPrefix(c.base(), c.Faults), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = c.server.Serve(c.listener) }()
	return c, nil
}

// URL is the cluster's address: plain HTTP on the loopback interface.
//
// Its path is the world's, so that no later cluster has the same address, as one that gets the same port would.
func (c *Cluster) URL() string { return "http://" + c.listener.Addr().String() + c.base() }

// base is the path that every request begins with.
func (c *Cluster) base() string { return "/" + c.World() }

// World is the token of the cluster's objects; New takes it to open the same world again.
func (c *Cluster) World() string { return string(c.world[:len(c.world)-1]) }

// Close stops serving. The world's objects stay; see Discard.
func (c *Cluster) Close() error {
	err := c.server.Close()
	c.transport.CloseIdleConnections()
	return err
}

// IsRead recognises requests that leave a cluster unchanged though their method is a write's: server-side dry runs and
// reviews of identities and permissions.
func IsRead(r *http.Request) bool {
	if r.URL.Query().Get("dryRun") == "All" {
		return true
	}
	t, ok := parseTarget(r.URL.Path)
	return ok && r.Method == http.MethodPost && t.isReview()
}

// fetch reads a document of the real server as the administrator.
func (c *Cluster) fetch(ctx context.Context, path string) ([]byte, int, error) {
	return c.send(ctx, http.MethodGet, path, "")
}

// send sends a request to the real server as the administrator.
func (c *Cluster) send(ctx context.Context, method, path, body string) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.backend.JoinPath(path).String(), strings.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return text, resp.StatusCode, err
}

var worldToken = regexp.MustCompile(`^[a-z][a-z0-9]{2,9}$`)

func newWorld(token string) (world, error) {
	if token == "" {
		random := make([]byte, 3)
		if _, err := rand.Read(random); err != nil {
			return "", err
		}
		token = "w" + hex.EncodeToString(random)
	}
	if !worldToken.MatchString(token) {
		return "", fmt.Errorf("world %q: use 3 to 10 lower-case letters and digits, starting with a letter", token)
	}
	return world(token + "-"), nil
}
