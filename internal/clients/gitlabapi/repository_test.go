package gitlabapi_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The commits of the history: one came from base, two from one, and other from base.
const (
	base  = "0000000000000000000000000000000000000001"
	one   = "0000000000000000000000000000000000000002"
	two   = "0000000000000000000000000000000000000003"
	other = "0000000000000000000000000000000000000004"
	none  = "ffffffffffffffffffffffffffffffffffffffff"
)

const history = `
instances:
  gitlab.example.com:
    users:
      bot: {token: hunter2}
      second: {token: second-token}
      stranger: {token: stranger-token}
    projects:
      service/shop:
        id: 7
        members: {bot: developer, second: developer}
        branches:
          master: {at: "0000000000000000000000000000000000000003"}
          release/v1: {at: "0000000000000000000000000000000000000001"}
        tags: {v1.0: "0000000000000000000000000000000000000002"}
        commits:
          "0000000000000000000000000000000000000001": {at: 2026-01-01T00:00:00Z, files: {template.yml: "a: 1\n"}}
          "0000000000000000000000000000000000000002":
            parent: "0000000000000000000000000000000000000001"
            at: 2026-01-02T00:00:00Z
            files: {template.yml: "a: 2\n", deploy/a b.yml: "x: 1\n", deploy/b.yml: "x: 2\n", deploy/more/c.yml: "x: 3\n"}
          "0000000000000000000000000000000000000003":
            parent: "0000000000000000000000000000000000000002"
            at: 2026-01-03T00:00:00Z
            files: {template.yml: "a: 3\n"}
          "0000000000000000000000000000000000000004":
            parent: "0000000000000000000000000000000000000001"
            at: 2026-01-04T00:00:00Z
            files: {template.yml: "a: 4\n"}
`

// tokens are secrets with the token as their path.
type tokens struct{}

func (tokens) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	return secret.New(ref.Path), nil
}

func (tokens) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return nil, nil
}

func (s *served) repository(t *testing.T, pool *gitlabapi.Pool, token string) *gitlabapi.Repository {
	t.Helper()
	client, err := pool.Connect(t.Context(), gitlabapi.Instance{URL: s.url, Token: secret.Ref{Path: token}})
	require.NoError(t, err)
	repository, err := client.Repository("/service/shop/")
	require.NoError(t, err)
	return repository
}

func TestRefsStandForCommits(t *testing.T) {
	s := serve(t, history)
	repository := s.repository(t, gitlabapi.NewPool(tokens{}), "hunter2")
	for ref, commit := range map[string]string{"master": two, "release/v1": base, "v1.0": one, other: other} {
		found, err := repository.Commit(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, commit, found, ref)
	}
	project, err := s.client(t, "hunter2").Project(t.Context(), "service/shop")
	require.NoError(t, err)
	made, err := project.Commit(applying(t), gitlabapi.Commit{Branch: "master", Message: "m", Actions: []gitlabapi.FileAction{{Action: gitlabapi.Create, Path: "new", Content: []byte("x")}}})
	require.NoError(t, err)
	found, err := repository.Commit(t.Context(), "master")
	require.NoError(t, err)
	require.Equal(t, made, found, "a branch moves")
}

func TestFilesAndFoldersAreReadAtCommits(t *testing.T) {
	repository := serve(t, history).repository(t, gitlabapi.NewPool(tokens{}), "hunter2")
	for commit, content := range map[string]string{base: "a: 1\n", two: "a: 3\n"} {
		read, err := repository.File(t.Context(), "/template.yml", commit)
		require.NoError(t, err)
		require.Equal(t, content, string(read))
	}
	read, err := repository.File(t.Context(), "deploy/a b.yml", one)
	require.NoError(t, err)
	require.Equal(t, "x: 1\n", string(read))
	for path, entries := range map[string][]gitlabapi.Entry{
		"/":        {{Path: "deploy", Folder: true}, {Path: "template.yml"}},
		"/deploy/": {{Path: "deploy/more", Folder: true}, {Path: "deploy/a b.yml"}, {Path: "deploy/b.yml"}},
	} {
		listed, err := repository.Folder(t.Context(), path, one)
		require.NoError(t, err)
		require.Equal(t, entries, listed)
	}
}

func TestWhatRepositoriesRefuseIsAnErrorOfItsKind(t *testing.T) {
	s := serve(t, history)
	pool := gitlabapi.NewPool(tokens{})
	for name, tc := range map[string]struct {
		token string
		read  func(*gitlabapi.Repository) error
		kind  apierr.Kind
		says  string
	}{
		"a ref that is not there":           {"hunter2", commitOf(t, "v9"), apierr.Missing, "project service/shop: find commit v9: Commit Not Found (404)"},
		"an empty ref":                      {"hunter2", commitOf(t, ""), apierr.Invalid, "no name of a ref"},
		"a project that the token sees not": {"stranger-token", commitOf(t, "master"), apierr.Missing, "Project Not Found (404)"},
		"a token that is not accepted":      {"wrong", commitOf(t, "master"), apierr.Denied, "renew the token"},
		"a commit that is not there":        {"hunter2", fileOf(t, "template.yml", none), apierr.Missing, "Commit Not Found (404)"},
		"a file that is not there":          {"hunter2", fileOf(t, "nope", one), apierr.Missing, "File Not Found (404)"},
		"a folder that is not there":        {"hunter2", folderOf(t, "nope", one), apierr.Missing, `list folder "nope"`},
		"a branch instead of a commit":      {"hunter2", fileOf(t, "template.yml", "master"), apierr.Invalid, `"master" is no full name of a commit`},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.read(s.repository(t, pool, tc.token))
			require.ErrorContains(t, err, tc.says)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
		})
	}
	_, err := s.client(t, "hunter2").Repository("shop")
	require.ErrorContains(t, err, "write GROUP/NAME")
}

func commitOf(t *testing.T, ref string) func(*gitlabapi.Repository) error {
	return func(r *gitlabapi.Repository) error {
		_, err := r.Commit(t.Context(), ref)
		return err
	}
}

func fileOf(t *testing.T, path, commit string) func(*gitlabapi.Repository) error {
	return func(r *gitlabapi.Repository) error {
		_, err := r.File(t.Context(), path, commit)
		return err
	}
}

func folderOf(t *testing.T, path, commit string) func(*gitlabapi.Repository) error {
	return func(r *gitlabapi.Repository) error {
		_, err := r.Folder(t.Context(), path, commit)
		return err
	}
}

func TestRequestsGrowWithCommitsAndNotWithReaders(t *testing.T) {
	s := serve(t, history)
	pool := gitlabapi.NewPool(tokens{})
	var readers sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		// Each takes its client anew, as steps do.
		repository := s.repository(t, pool, "hunter2")
		readers.Go(func() {
			_, errs[i] = repository.File(t.Context(), "template.yml", []string{one, two}[i%2])
		})
	}
	readers.Wait()
	require.Equal(t, make([]error, 40), errs)
	require.Len(t, s.faults.Calls(), 2)

	_, err := s.repository(t, pool, "second-token").File(t.Context(), "template.yml", one)
	require.NoError(t, err)
	require.Len(t, s.faults.Calls(), 3, "another token may not read the same")
}

func TestAFolderIsReadWhole(t *testing.T) {
	s := serve(t, strings.Replace(history, `            files: {template.yml: "a: 2\n",`, `            links: [deploy/link.yml]
            files: {deploy/link.yml: more/c.yml, template.yml: "a: 2\n",`, 1))
	repository := s.repository(t, gitlabapi.NewPool(tokens{}), "hunter2")
	want := map[string][]byte{
		"deploy/a b.yml": []byte("x: 1\n"), "deploy/b.yml": []byte("x: 2\n"), "deploy/more/c.yml": []byte("x: 3\n"), "deploy/link.yml": []byte("x: 3\n"),
	}
	for range 2 {
		files, err := repository.Tree(t.Context(), "/deploy/", one)
		require.NoError(t, err)
		require.Equal(t, want, files)
	}
	require.Len(t, s.faults.Calls(), 5, "the list and four files")
	_, err := repository.Tree(t.Context(), "nope", one)
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}

func TestCommitsAreCompared(t *testing.T) {
	repository := serve(t, history).repository(t, gitlabapi.NewPool(tokens{}), "hunter2")
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		base, head string
		commits    []gitlabapi.CommitAt
		ancestor   bool
	}{
		{base, two, []gitlabapi.CommitAt{{SHA: one, At: day(2)}, {SHA: two, At: day(3)}}, true},
		{two, base, []gitlabapi.CommitAt{}, false},
		{two, two, []gitlabapi.CommitAt{}, true},
		{other, two, []gitlabapi.CommitAt{{SHA: one, At: day(2)}, {SHA: two, At: day(3)}}, false},
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
	_, err = repository.Ancestor(t.Context(), one, "master")
	require.ErrorContains(t, err, `"master" is no full name of a commit`)
}
