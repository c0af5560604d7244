// Package vault gives a case a Vault of its own on a shared real one: mounts, policies and roles that only it sees, under
// the names that the case gives them, and a place before it where calls are recorded and fail.
package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/vault/api"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// World is a part of a Vault that looks like a whole one.
type World struct {
	// Faults stands before the Vault.
	Faults *fault.Injector

	prefix  string
	root    *api.Client
	serving *httptest.Server
	estate  Estate
}

// New fills a part of the Vault. The caller closes the world.
func New(ctx context.Context, server *servers.Vault, text []byte) (*World, error) {
	estate, err := ParseEstate(text)
	if err != nil {
		return nil, err
	}
	config := api.DefaultConfig()
	config.Address = server.Address
	root, err := api.NewClient(config)
	if err != nil {
		return nil, err
	}
	root.SetToken(server.Token)
	target, err := url.Parse(server.Address)
	if err != nil {
		return nil, err
	}
	w := &World{prefix: "w" + strings.ToLower(rand.Text()) + "-", root: root, estate: estate}
	w.Faults = fault.New(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.URL.Path, r.Out.URL.RawPath = w.inside(r.Out.URL.Path), ""
		},
		// A call that its client gives up is none of the test's business.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}, isLogin)
	w.serving = httptest.NewServer(http.StripPrefix(w.path(), w.Faults))
	if err := w.load(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// URL is the address of the world's Vault.
//
// Its path is the world's, so that no later one has the same address, as one that gets the same port would: clients
// remember what they know of an address.
func (w *World) URL() string { return w.serving.URL + w.path() }

func (w *World) path() string { return "/" + strings.TrimSuffix(w.prefix, "-") }

// Hang closes the address. What is there can still be looked at.
func (w *World) Hang() { w.serving.Close() }

// isLogin recognises the requests that are sent by POST and change no secret.
func isLogin(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/auth/") }

const (
	mountsPath  = "/v1/sys/internal/ui/mounts/"
	approlePath = "/v1/auth/approle/"
)

// inside turns a path as the case knows it into the shared Vault's.
func (w *World) inside(path string) string {
	if mount, ok := strings.CutPrefix(path, mountsPath); ok {
		return mountsPath + w.prefix + mount
	}
	if rest, ok := strings.CutPrefix(path, approlePath); ok {
		return "/v1/auth/" + w.prefix + "approle/" + rest
	}
	if rest, ok := strings.CutPrefix(path, "/v1/"); ok && !strings.HasPrefix(rest, "auth/") && !strings.HasPrefix(rest, "sys/") {
		return "/v1/" + w.prefix + rest
	}
	return path
}

var policyPath = regexp.MustCompile(`(path\s+")([^"]+)(")`)

// policy turns the paths in a policy's rules into the shared Vault's.
func (w *World) policy(rules string) string {
	return policyPath.ReplaceAllStringFunc(rules, func(rule string) string {
		parts := policyPath.FindStringSubmatch(rule)
		return parts[1] + strings.TrimPrefix(w.inside("/v1/"+parts[2]), "/v1/") + parts[3]
	})
}

// Close ends the address and takes everything away.
func (w *World) Close() error {
	w.serving.Close()
	var errs []error
	for name := range w.estate.Mounts {
		errs = append(errs, w.root.Sys().Unmount(w.prefix+name))
	}
	for name := range w.estate.Policies {
		errs = append(errs, w.root.Sys().DeletePolicy(w.prefix+name))
	}
	if len(w.estate.Roles) > 0 {
		errs = append(errs, w.root.Sys().DisableAuth(w.prefix+"approle"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("take a case's part of Vault away: %w", err)
	}
	return nil
}
