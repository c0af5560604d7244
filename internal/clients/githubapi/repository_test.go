package githubapi_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/github"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// The commits of the history: one came from base, and other from base too.
var (
	base  = strings.Repeat("0", 39) + "1"
	one   = strings.Repeat("0", 39) + "2"
	two   = strings.Repeat("0", 39) + "3"
	other = strings.Repeat("0", 39) + "4"
	none  = strings.Repeat("f", 40)
)

const history = `
tokens: [t0ken, second]
repositories:
  acme/shop:
    defaultBranch: main
    heads: {main: "0000000000000000000000000000000000000003", release/v1: "0000000000000000000000000000000000000001", v1.0: "0000000000000000000000000000000000000002"}
    commits:
      "0000000000000000000000000000000000000001": {at: 2026-01-01T00:00:00Z, files: {template.yml: "a: 1\n"}}
      "0000000000000000000000000000000000000002":
        parent: "0000000000000000000000000000000000000001"
        at: 2026-01-02T00:00:00Z
        files: {template.yml: "a: 2\n", deploy/a.yml: "x: 1\n", deploy/b.yml: "x: 2\n", deploy/more/c.yml: "x: 3\n"}
      "0000000000000000000000000000000000000003":
        parent: "0000000000000000000000000000000000000002"
        at: 2026-01-03T00:00:00Z
        files: {template.yml: "a: 3\n"}
      "0000000000000000000000000000000000000004":
        parent: "0000000000000000000000000000000000000001"
        at: 2026-01-04T00:00:00Z
        files: {template.yml: "a: 4\n"}
`

// hosted is a stand-in with what counts its calls.
type hosted struct {
	*github.Server
	faults *fault.Injector
	pool   *githubapi.Pool
}

func host(t *testing.T) *hosted {
	t.Helper()
	estate, err := github.ParseEstate([]byte(history))
	require.NoError(t, err)
	h := &hosted{Server: github.New(estate)}
	h.faults = fault.New(h.Server, github.IsRead)
	served := httptest.NewServer(h.faults)
	t.Cleanup(served.Close)
	h.pool = githubapi.NewPool(secrets{"good": "t0ken", "second": "second", "bad": "other"}, githubapi.Options{Endpoint: func() (string, error) { return served.URL, nil }})
	return h
}

func (h *hosted) repository(t *testing.T, token, name string) *githubapi.Repository {
	t.Helper()
	client, err := h.pool.Connect(t.Context(), githubapi.Organisation{Name: "acme", Token: secret.Ref{Path: token, Field: "token"}})
	require.NoError(t, err)
	repository, err := client.Repository(name)
	require.NoError(t, err)
	return repository
}

func TestRefsStandForCommits(t *testing.T) {
	h := host(t)
	repository := h.repository(t, "good", "acme/shop")
	for ref, commit := range map[string]string{"main": two, "release/v1": base, "v1.0": one, other: other} {
		found, err := repository.Commit(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, commit, found, ref)
	}
	h.Edit(func(e *github.Estate) { e.Repositories["acme/shop"].Heads["main"] = one })
	found, err := repository.Commit(t.Context(), "main")
	require.NoError(t, err)
	require.Equal(t, one, found, "a branch moves")
	counted := h.Counted()
	_, err = repository.Commit(t.Context(), "main")
	require.NoError(t, err)
	require.Equal(t, counted, h.Counted(), "what has not moved does not count against the rate limit")
}

func TestFilesAndFoldersAreReadAtCommits(t *testing.T) {
	repository := host(t).repository(t, "good", "acme/shop")
	for commit, content := range map[string]string{base: "a: 1\n", two: "a: 3\n"} {
		read, err := repository.File(t.Context(), "/template.yml", commit)
		require.NoError(t, err)
		require.Equal(t, content, string(read))
	}
	for path, entries := range map[string][]githubapi.Entry{
		"/":        {{Path: "deploy", Folder: true}, {Path: "template.yml"}},
		"/deploy/": {{Path: "deploy/a.yml"}, {Path: "deploy/b.yml"}, {Path: "deploy/more", Folder: true}},
	} {
		listed, err := repository.Folder(t.Context(), path, one)
		require.NoError(t, err)
		require.Equal(t, entries, listed)
	}
}

func TestAFileOfMoreThanAMiBIsReadWhole(t *testing.T) {
	h := host(t)
	large := strings.Repeat("x", 3<<20)
	h.Edit(func(e *github.Estate) { e.Repositories["acme/shop"].Commits[one].Files["large"] = large })
	read, err := h.repository(t, "good", "acme/shop").File(t.Context(), "large", one)
	require.NoError(t, err)
	require.Equal(t, large, string(read))
}

func TestWhatRepositoriesRefuseIsAnErrorOfItsKind(t *testing.T) {
	h := host(t)
	for name, tc := range map[string]struct {
		token, repository string
		read              func(*githubapi.Repository) error
		kind              apierr.Kind
		says              string
	}{
		"a ref that is not there":        {"good", "acme/shop", commitOf(t, "v9"), apierr.Missing, "repository acme/shop: find commit v9: No commit found for SHA: v9: correct the ref"},
		"an empty ref":                   {"good", "acme/shop", commitOf(t, ""), apierr.Invalid, "correct it"},
		"a repository that is not there": {"good", "acme/none", commitOf(t, "main"), apierr.Missing, "Not Found (404)"},
		"a token that is not accepted":   {"bad", "acme/shop", commitOf(t, "main"), apierr.Denied, "Bad credentials (401): renew the token"},
		"a commit that is not there":     {"good", "acme/shop", fileOf(t, "template.yml", none), apierr.Missing, "read template.yml at " + none},
		"a file that is not there":       {"good", "acme/shop", fileOf(t, "nope", one), apierr.Missing, "Not Found (404)"},
		"a folder instead of a file":     {"good", "acme/shop", fileOf(t, "deploy", one), apierr.Invalid, "it is a folder"},
		"a file instead of a folder":     {"good", "acme/shop", folderOf(t, "template.yml", one), apierr.Invalid, "it is a file and no folder"},
		"a branch instead of a commit":   {"good", "acme/shop", fileOf(t, "template.yml", "main"), apierr.Invalid, `"main" is no full name of a commit`},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.read(h.repository(t, tc.token, tc.repository))
			require.ErrorContains(t, err, tc.says)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
		})
	}
	client, err := githubapi.New(githubapi.Config{Token: secret.New("t")})
	require.NoError(t, err)
	_, err = client.Repository("shop")
	require.ErrorContains(t, err, "write OWNER/NAME")
}

func commitOf(t *testing.T, ref string) func(*githubapi.Repository) error {
	return func(r *githubapi.Repository) error {
		_, err := r.Commit(t.Context(), ref)
		return err
	}
}

func fileOf(t *testing.T, path, commit string) func(*githubapi.Repository) error {
	return func(r *githubapi.Repository) error {
		_, err := r.File(t.Context(), path, commit)
		return err
	}
}

func folderOf(t *testing.T, path, commit string) func(*githubapi.Repository) error {
	return func(r *githubapi.Repository) error {
		_, err := r.Folder(t.Context(), path, commit)
		return err
	}
}

func TestRequestsGrowWithCommitsAndNotWithReaders(t *testing.T) {
	h := host(t)
	var readers sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		// Each takes its client anew, as steps do.
		repository := h.repository(t, "good", "acme/shop")
		readers.Go(func() {
			_, errs[i] = repository.File(t.Context(), "template.yml", []string{one, two}[i%2])
		})
	}
	readers.Wait()
	require.Equal(t, make([]error, 40), errs)
	require.Len(t, h.faults.Calls(), 2)

	_, err := h.repository(t, "second", "acme/shop").File(t.Context(), "template.yml", one)
	require.NoError(t, err)
	require.Len(t, h.faults.Calls(), 3, "another token may not read the same")
}

func TestAFolderIsReadWholeByTwoRequests(t *testing.T) {
	h := host(t)
	h.Edit(func(e *github.Estate) {
		found := e.Repositories["acme/shop"].Commits[one]
		found.Links = map[string]string{"deploy/link.yml": "more/c.yml"}
		e.Repositories["acme/shop"].Commits[one] = found
	})
	repository := h.repository(t, "good", "acme/shop")
	want := map[string][]byte{
		"deploy/a.yml": []byte("x: 1\n"), "deploy/b.yml": []byte("x: 2\n"), "deploy/more/c.yml": []byte("x: 3\n"), "deploy/link.yml": []byte("x: 3\n"),
	}
	for range 2 {
		files, err := repository.Tree(t.Context(), "/deploy/", one)
		require.NoError(t, err)
		require.Equal(t, want, files)
	}
	require.Len(t, h.faults.Calls(), 2)
	whole, err := repository.Tree(t.Context(), "", one)
	require.NoError(t, err)
	require.Len(t, whole, 5)

	for says, read := range map[string]func() error{
		"Not Found (404)":         func() error { _, err := repository.Tree(t.Context(), "deploy", none); return err },
		"there is no such folder": func() error { _, err := repository.Tree(t.Context(), "nope", one); return err },
		"Unauthorized (401)": func() error {
			_, err := h.repository(t, "bad", "acme/shop").Tree(t.Context(), "deploy", one)
			return err
		},
		"download the archive: 503": func() error { h.failSecond(503); _, err := repository.Tree(t.Context(), "deploy", two); return err },
		"the archive broke off":     func() error { h.failSecond(200); _, err := repository.Tree(t.Context(), "deploy", two); return err },
	} {
		err := read()
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "SHORTLIVED", "whoever knows the address of an archive may read it")
	}
}

// failSecond lets the second of the next calls fail.
func (h *hosted) failSecond(status int) {
	h.faults.Reset()
	h.faults.FailNth(2, fault.Failure{Status: status, Body: "no archive"})
}

func TestCommitsAreCompared(t *testing.T) {
	h := host(t)
	repository := h.repository(t, "good", "acme/shop")
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		base, head string
		commits    []githubapi.Commit
		ancestor   bool
	}{
		{base, two, []githubapi.Commit{{SHA: one, At: day(2)}, {SHA: two, At: day(3)}}, true},
		{two, base, []githubapi.Commit{}, false},
		{two, two, []githubapi.Commit{}, true},
		{other, two, []githubapi.Commit{{SHA: one, At: day(2)}, {SHA: two, At: day(3)}}, false},
	} {
		commits, err := repository.Between(t.Context(), tc.base, tc.head)
		require.NoError(t, err)
		require.Equal(t, tc.commits, commits)
		ancestor, err := repository.Ancestor(t.Context(), tc.base, tc.head)
		require.NoError(t, err)
		require.Equal(t, tc.ancestor, ancestor, "%s of %s", tc.base, tc.head)
	}
	_, err := repository.Between(t.Context(), none, two)
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	_, err = repository.Ancestor(t.Context(), one, "main")
	require.ErrorContains(t, err, `"main" is no full name of a commit`)
}

func TestCommitsAreReadToTheirEnd(t *testing.T) {
	h := host(t)
	parent := two
	for i := range 250 {
		name := fmt.Sprintf("%040x", 1000+i)
		h.Edit(func(e *github.Estate) { e.Repositories["acme/shop"].Commits[name] = github.Commit{Parent: parent} })
		parent = name
	}
	repository := h.repository(t, "good", "acme/shop")
	for range 2 {
		commits, err := repository.Between(t.Context(), two, parent)
		require.NoError(t, err)
		require.Len(t, commits, 250)
		require.Equal(t, parent, commits[249].SHA)
	}
	require.Len(t, h.faults.Calls(), 3, "three pages, once")
}
