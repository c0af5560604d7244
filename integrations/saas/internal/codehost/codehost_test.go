package codehost_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/codehost"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/github"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

const (
	one = "0000000000000000000000000000000000000001"
	two = "0000000000000000000000000000000000000002"
)

const onGitHub = `
tokens: [default-token, team-token]
repositories:
  acme/shop:
    heads: {main: "0000000000000000000000000000000000000002"}
    commits:
      "0000000000000000000000000000000000000001": {files: {template.yml: "a: 1\n"}}
      "0000000000000000000000000000000000000002":
        parent: "0000000000000000000000000000000000000001"
        files: {template.yml: "a: 2\n", flat/a.yml: "x: 1\n", flat/b.yml: "x: 2\n", deep/a.yml: "x: 1\n", deep/more/b.yml: "x: 2\n"}
`

const onGitLab = `
instances:
  gitlab.example.com:
    users: {bot: {token: gitlab-token}}
    projects:
      group/sub/shop:
        id: 7
        members: {bot: reporter}
        branches: {master: {at: "0000000000000000000000000000000000000002"}}
        commits:
          "0000000000000000000000000000000000000002":
            files: {template.yml: "b: 2\n", flat/a.yml: "y: 1\n", flat/b.yml: "y: 2\n", deep/a.yml: "x: 1\n", deep/more/b.yml: "x: 2\n"}
`

// world has both hosts, and an app-interface that knows them.
type world struct {
	hosts          codehost.Hosts
	github, gitlab *fault.Injector
	heads          *github.Server
	app            *answers
	url            string
}

// answers is an app-interface, by query, which counts.
type answers struct {
	mu    sync.Mutex
	by    map[string]string
	asked []string
}

func (a *answers) MakeRequest(_ context.Context, req *graphql.Request, resp *graphql.Response) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, req.OpName)
	text, known := a.by[req.OpName]
	if !known {
		return errors.New("app-interface is away")
	}
	return json.Unmarshal([]byte(text), resp.Data)
}

// vault has tokens at the paths that are their names.
type vault struct{}

func (vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	return secret.New(ref.Path), nil
}
func (vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	hub, err := github.ParseEstate([]byte(onGitHub))
	require.NoError(t, err)
	lab, err := gitlab.ParseEstate([]byte(onGitLab))
	require.NoError(t, err)
	w := &world{heads: github.New(hub)}
	w.github, w.gitlab = fault.New(w.heads, nil), fault.New(gitlab.New(lab).Handler(), nil)
	hubs, labs := httptest.NewServer(w.github), httptest.NewServer(w.gitlab)
	t.Cleanup(hubs.Close)
	t.Cleanup(labs.Close)
	w.url = labs.URL
	w.hosts = codehost.Hosts{
		GitHub: githubapi.NewPool(vault{}, githubapi.Options{Endpoint: func() (string, error) { return hubs.URL, nil }}),
		GitLab: gitlabapi.NewPool(vault{}),
	}
	w.app = &answers{by: map[string]string{
		"githubOrganisations": `{"organisations": [{"name": "acme", "default": true, "token": {"path": "default-token", "field": "token"}}]}`,
		"codeHosts": fmt.Sprintf(`{"instances": [
			{"url": "https://other.example.com", "token": {"path": "other-token", "field": "token"}},
			{"url": %q, "token": {"path": "gitlab-token", "field": "token"}}]}`, labs.URL),
	}}
	return w
}

func (w *world) addresses() map[string]string {
	return map[string]string{"https://github.com/acme/shop": "a", w.url + "/group/sub/shop": "b"}
}

func TestRepositoriesAreReadOnTheirHosts(t *testing.T) {
	w := newWorld(t)
	view := w.hosts.NewView(w.app)
	for address, key := range w.addresses() {
		for _, spelled := range []string{address, address + "/", address + ".git"} {
			repository := view.Repository(spelled, nil)
			commit, err := repository.Commit(t.Context(), map[string]string{"a": "main", "b": "master"}[key])
			require.NoError(t, err)
			require.Equal(t, two, commit)
			content, err := repository.File(t.Context(), "/template.yml", commit)
			require.NoError(t, err)
			require.Equal(t, key+": 2\n", string(content))
			files, err := repository.Folder(t.Context(), "/flat", commit)
			require.NoError(t, err)
			field := map[string]string{"a": "x", "b": "y"}[key]
			require.Equal(t, map[string][]byte{"a.yml": []byte(field + ": 1\n"), "b.yml": []byte(field + ": 2\n")}, files)
			files, err = repository.Tree(t.Context(), "/deep/", commit)
			require.NoError(t, err)
			require.Equal(t, map[string][]byte{"a.yml": []byte("x: 1\n"), "more/b.yml": []byte("x: 2\n")}, files)
			_, err = repository.Folder(t.Context(), "/deep", commit)
			require.ErrorContains(t, err, "there is the folder deep/more in it")
			require.True(t, apierr.Is(err, apierr.Invalid))
		}
	}
	require.ElementsMatch(t, []string{"githubOrganisations", "codeHosts"}, w.app.asked, "each is read once")
}

func TestRequestsGrowWithCommitsAndNotWithTargets(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		// A step that runs again has a new view, and looks refs up again.
		view := w.hosts.NewView(w.app)
		var targets sync.WaitGroup
		errs := make(chan error, 400)
		for address, key := range w.addresses() {
			for range 100 {
				targets.Go(func() {
					repository := view.Repository(address, nil)
					commit, err := repository.Commit(t.Context(), map[string]string{"a": "main", "b": "master"}[key])
					if err == nil {
						_, err = repository.File(t.Context(), "template.yml", commit)
					}
					errs <- err
				})
			}
		}
		targets.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
	}
	require.Len(t, w.github.Calls(), 3, "the ref twice, and the file once")
	require.Len(t, w.gitlab.Calls(), 3, "the ref twice, and the file once")
}

func TestABranchStandsStillInAView(t *testing.T) {
	w := newWorld(t)
	view := w.hosts.NewView(w.app)
	commit := func(v *codehost.View) string {
		found, err := v.Repository("https://github.com/acme/shop", nil).Commit(t.Context(), "main")
		require.NoError(t, err)
		return found
	}
	require.Equal(t, two, commit(view))
	w.heads.Edit(func(e *github.Estate) { e.Repositories["acme/shop"].Heads["main"] = one })
	require.Equal(t, two, commit(view))
	require.Equal(t, one, commit(w.hosts.NewView(w.app)))
}

func TestTheTokenOfASaasFileIsUsed(t *testing.T) {
	w := newWorld(t)
	delete(w.app.by, "githubOrganisations")
	view := w.hosts.NewView(w.app)
	_, err := view.Repository("https://github.com/acme/shop", &secret.Ref{Path: "team-token", Field: "token"}).Commit(t.Context(), "main")
	require.NoError(t, err)
	_, err = view.Repository("https://github.com/acme/shop", &secret.Ref{Path: "wrong", Field: "token"}).Commit(t.Context(), "main")
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "renew the token")
	_, err = view.Repository("https://github.com/acme/shop", nil).Commit(t.Context(), "main")
	require.ErrorContains(t, err, "app-interface is away")
}

func TestOneRepositoryThatFailsStopsNoOther(t *testing.T) {
	w := newWorld(t)
	view := w.hosts.NewView(w.app)
	w.app.by["codeHosts"] = fmt.Sprintf(`{"instances": [{"url": %q, "token": {"path": "gitlab-token", "field": "token"}}]}`, w.url)
	_, err := view.Repository("https://gitlab.example.com/group/sub/shop", nil).Commit(t.Context(), "master")
	require.NoError(t, err, "the first instance may have other names")
	for address, says := range map[string]string{
		"https://bitbucket.example.com/acme/shop":     "is neither on GitHub nor in a GitLab instance",
		"https://github.com/acme":                     "write OWNER/NAME",
		"https://github.com/acme/none":                "Not Found (404)",
		w.url + "/group/none":                         "Project Not Found (404)",
		strings.Replace(w.url, ":", ":1", 1) + "/a/b": "is neither on GitHub nor in a GitLab instance",
	} {
		_, err := view.Repository(address, nil).Commit(t.Context(), "main")
		require.ErrorContains(t, err, says, address)
	}
	_, err = view.Repository("https://github.com/acme/shop", nil).Commit(t.Context(), "main")
	require.NoError(t, err)
}

func TestWhoGivesUpEndsItForNobody(t *testing.T) {
	w := newWorld(t)
	view := w.hosts.NewView(w.app)
	gone, giveUp := context.WithCancel(t.Context())
	giveUp()
	repository := view.Repository("https://github.com/acme/shop", nil)
	if _, err := repository.Commit(gone, "main"); err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err := repository.Commit(t.Context(), "main")
	require.NoError(t, err)
}
