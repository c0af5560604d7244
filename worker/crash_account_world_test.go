package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/integrations/aws/accountmanager"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/vault"
)

// accountWorld is AWS, GitLab, Vault, state and app-interface, in which an account is to be made and another one to be set
// up. All calls of the worker pass the tripwire, which counts those that write.
type accountWorld struct {
	// payer is the name of the payer account. Each world has another one, so that no run has seen its changes before.
	payer string
	// secret is all that is secret.
	secret  string
	aws     *aws.Server
	gitlab  *gitlab.Server
	vault   *vault.World
	objects gofakes3.Backend

	awsURL, stateURL string
	config           string
}

func newAccountWorld(t *testing.T, payer string, vaults *servers.Vault, w *tripwire) *accountWorld {
	t.Helper()
	world := &accountWorld{payer: payer, secret: leak.Plant("crash"), objects: s3mem.New()}
	serve := func(handler http.Handler, name func(*http.Request) string) string {
		server := httptest.NewServer(w.watch(handler, 0, name))
		t.Cleanup(server.Close)
		return server.URL
	}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "account.txtar"))
	require.NoError(t, err)
	replace := func(pairs ...string) {
		for i, file := range archive.Files {
			archive.Files[i].Data = []byte(strings.NewReplacer(pairs...).Replace(string(file.Data)))
		}
	}
	file := func(name string) []byte {
		for _, file := range archive.Files {
			if file.Name == name {
				return file.Data
			}
		}
		require.Fail(t, "there is no file "+name)
		return nil
	}
	replace("PAYER", payer, "SECRET", world.secret)

	awsEstate, err := aws.ParseEstate(file("estate/aws"))
	require.NoError(t, err)
	world.aws = aws.New(awsEstate, time.Now)
	world.awsURL = serve(world.answering(), nameOfAWS)

	gitlabEstate, err := gitlab.ParseEstate(file("estate/gitlab"))
	require.NoError(t, err)
	world.gitlab = gitlab.New(gitlabEstate)
	gitlabURL := serve(world.gitlab.Handler(), nameOfWrite("gitlab"))

	world.vault, err = vault.New(t.Context(), vaults, file("estate/vault"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.vault.Close()) })
	behind, err := url.Parse(world.vault.URL())
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(behind)
	// It complains about each caller that is gone.
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	vaultURL := serve(proxy, nameOfWrite("vault"))

	world.loadState(t, file("estate/state"))
	world.stateURL = serve(gofakes3.New(world.objects).Server(), nameOfWrite("state"))

	replace("GITLAB", gitlabURL)
	files, err := txtar.FS(archive)
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	bundle, err := server.ReadFolder(files, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	appURL := serve(app.Handler(), unnamed)

	world.config = filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(world.config, fmt.Appendf(nil, "[graphql]\nserver = %q\ntoken = %q\n[vault]\nserver = %q\nrole_id = \"worker\"\nsecret_id = %q\n",
		appURL+"/graphql", leak.Plant("app-interface"), vaultURL, world.secret), 0o600))
	return world
}

// workplace is where workers of the world work.
func (w *accountWorld) workplace(temporal string, watch *leaktest.Watch) workplace {
	return workplace{
		temporal: temporal, config: w.config, integration: accountmanager.Name, watch: watch,
		env: []string{"AWS_ENDPOINT_URL=" + w.awsURL, "AWS_ENDPOINT_URL_S3=" + w.stateURL, "AWS_CONFIG_FILE=" + os.DevNull, "AWS_PROFILE="},
	}
}

// caseAsked is how often is asked for a support case before it is resolved.
const caseAsked = 2

// answering is AWS with people who resolve support cases.
func (w *accountWorld) answering() http.Handler {
	var mu sync.Mutex
	asked := 0
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if aws.Operation(r) == "support.DescribeCases" {
			mu.Lock()
			w.aws.Edit(func(e *aws.Estate) {
				for _, account := range e.Accounts {
					for _, found := range account.Cases {
						if asked++; asked > caseAsked {
							found.Status = "resolved"
						}
					}
				}
			})
			mu.Unlock()
		}
		w.aws.ServeHTTP(answer, r)
	})
}

func unnamed(*http.Request) string { return "" }

func nameOfAWS(r *http.Request) string {
	if aws.IsRead(r) {
		return ""
	}
	return aws.Operation(r)
}

// nameOfWrite names the calls of a system that write, alike in each world.
func nameOfWrite(system string) func(*http.Request) string {
	return func(r *http.Request) string {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || strings.Contains(r.URL.Path, "/auth/") {
			return ""
		}
		return system + ": " + r.Method + " " + path.Base(r.URL.Path)
	}
}

// general says of this world what is the same in all of them.
func (w *accountWorld) general(text string) string { return strings.ReplaceAll(text, w.payer, "PAYER") }
