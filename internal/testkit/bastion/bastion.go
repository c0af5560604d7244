// Package bastion gives tests a jump host: a real sshd, and behind it an HTTP proxy such as bastions run.
package bastion

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// Bastion is a jump host.
type Bastion struct {
	*servers.SSHD
	// ProxyPort is where the proxy listens, as jumpHost.remotePort has it.
	ProxyPort int

	mu   sync.Mutex
	seen []string
}

// startTimeout is generous: a loaded machine builds and tests at the same time.
const startTimeout = time.Minute

// New starts a jump host that ends with the test. It fails the test where sshd is not installed.
func New(tb testing.TB) *Bastion {
	tb.Helper()
	b := &Bastion{}
	proxy := httptest.NewServer(b)
	tb.Cleanup(proxy.Close)
	b.ProxyPort = proxy.Listener.Addr().(*net.TCPAddr).Port
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	var err error
	if b.SSHD, err = servers.StartSSHD(ctx, servers.SSHDOptions{PermitOpen: "localhost:" + strconv.Itoa(b.ProxyPort)}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return b
}

// Requests are what came through the proxy, each as its method and the host.
func (b *Bastion) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.seen...)
}

// ServeHTTP is the proxy: CONNECT for what is encrypted, and plain requests.
func (b *Bastion) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b.mu.Lock()
	b.seen = append(b.seen, req.Method+" "+req.Host)
	b.mu.Unlock()
	if req.Method != http.MethodConnect {
		(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}).ServeHTTP(w, req)
		return
	}
	target, err := (&net.Dialer{}).DialContext(req.Context(), "tcp", req.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = target.Close() }()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = client.Close() }()
	if _, err := client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(client, target)
		_ = client.Close()
	}()
	_, _ = io.Copy(target, buffered)
}
