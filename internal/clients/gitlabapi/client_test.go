package gitlabapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

const estate = `
instances:
  gitlab.example.com:
    users:
      bot: {token: hunter2}
      reader: {token: read-token, readOnly: true}
      stranger: {token: stranger-token}
    projects:
      service/app:
        id: 7
        members: {bot: developer, reader: maintainer}
        branches:
          master: {protected: true, files: {data/a.yml: "a: 1\n", data/b c.yml: "b: 1\n", README.md: hello}}
          topic: {files: {data/a.yml: "a: 2\n", data/b c.yml: "b: 1\n", new: x}}
        mergeRequests:
          - iid: 3
            title: Change a
            description: Because
            sourceBranch: topic
            targetBranch: master
            labels: [x, z]
            author: reader
            conflicts: true
            notes: [{author: reader, body: first}, {body: label added, system: true}, {author: bot, body: second}]
      service/fork:
        id: 9
        members: {bot: developer}
        branches: {patch-1: {files: {f: "1"}}}
      empty/one:
        id: 10
        members: {bot: developer}
`

// served is a stand-in with what counts its calls and lets them fail.
type served struct {
	*gitlab.Server
	faults *fault.Injector
	url    string
}

func serve(t *testing.T, text string) *served {
	t.Helper()
	parsed, err := gitlab.ParseEstate([]byte(text))
	require.NoError(t, err)
	s := &served{Server: gitlab.New(parsed)}
	s.faults = fault.New(s.Handler(), nil)
	server := httptest.NewServer(s.faults)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *served) state(path string) gitlab.Project {
	return s.Dump().Instances["gitlab.example.com"].Projects[path]
}

func (s *served) client(t *testing.T, token string) *gitlabapi.Client {
	t.Helper()
	client, err := gitlabapi.New(gitlabapi.Config{URL: s.url, Token: secret.New(token)})
	require.NoError(t, err)
	return client
}

func (s *served) project(t *testing.T) *gitlabapi.Project {
	t.Helper()
	project, err := s.client(t, "hunter2").Project(t.Context(), "service/app")
	require.NoError(t, err)
	return project
}

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

func TestCurrentUser(t *testing.T) {
	user, err := serve(t, estate).client(t, "hunter2").CurrentUser(t.Context())
	require.NoError(t, err)
	require.Equal(t, gitlabapi.User{ID: 1, Username: "bot"}, user)
}

func TestProjects(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	for _, name := range []string{"7", "service/app", "/service/app/"} {
		project, err := client.Project(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, int64(7), project.ID)
		require.Equal(t, "service/app", project.Path)
		require.Equal(t, "master", project.DefaultBranch)
	}
	project, err := client.Project(t.Context(), "empty/one")
	require.NoError(t, err)
	require.Equal(t, "master", project.DefaultBranch, "of a project without branches")

	project, err = client.ProjectByURL(t.Context(), "https://gitlab.example.com/service/app/")
	require.NoError(t, err)
	require.Equal(t, int64(7), project.ID)

	_, err = s.client(t, "stranger-token").Project(t.Context(), "service/app")
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "find project service/app: Project Not Found (404)")
	for _, name := range []string{"", "/", ".", ".."} {
		_, err = client.Project(t.Context(), name)
		require.True(t, apierr.Is(err, apierr.Invalid), "%q", name)
	}
}

func TestAnInstanceBelowAPath(t *testing.T) {
	var asked []string
	client, err := gitlabapi.New(gitlabapi.Config{URL: "https://example.com/git", Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.String())
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
	})})
	require.NoError(t, err)
	for _, address := range []string{"https://example.com/git/service/app", "https://example.com/gitops/app"} {
		_, err = client.ProjectByURL(t.Context(), address)
		require.True(t, apierr.Is(err, apierr.Missing))
	}
	require.Equal(t, []string{"https://example.com/git/api/v4/projects/service%2Fapp", "https://example.com/git/api/v4/projects/gitops%2Fapp"}, asked)
}

func TestBranches(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	topic, err := project.Branch(t.Context(), "topic")
	require.NoError(t, err)
	master, err := project.Branch(t.Context(), "master")
	require.NoError(t, err)
	require.True(t, master.Default && master.Protected && !topic.Default && !topic.Protected)
	require.Len(t, master.Commit, 40)

	made, err := project.CreateBranch(applying(t), "new/one", "master")
	require.NoError(t, err)
	require.Equal(t, master.Commit, made.Commit)
	_, err = project.CreateBranch(applying(t), "new/one", "topic")
	require.True(t, apierr.Is(err, apierr.Conflict))
	require.ErrorContains(t, err, "project service/app: create branch new/one from topic: Branch already exists (400)")
	_, err = project.CreateBranch(applying(t), "other", "none")
	require.True(t, apierr.Is(err, apierr.Invalid))

	found, err := project.ListBranches(t.Context(), "^new")
	require.NoError(t, err)
	require.Equal(t, []gitlabapi.Branch{made}, found)

	for range 2 {
		require.NoError(t, project.DeleteBranch(applying(t), "new/one"))
	}
	_, err = project.Branch(t.Context(), "new/one")
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "get branch new/one: Branch Not Found (404)")
	require.True(t, apierr.Is(project.DeleteBranch(applying(t), "master"), apierr.Invalid))
	require.Len(t, s.state("service/app").Branches, 2)
}

func TestFiles(t *testing.T) {
	project := serve(t, estate).project(t)
	for ref, want := range map[string]string{"master": "a: 1\n", "topic": "a: 2\n"} {
		content, err := project.File(t.Context(), "data/a.yml", ref)
		require.NoError(t, err)
		require.Equal(t, want, string(content))
	}
	content, err := project.File(t.Context(), "data/b c.yml", "master")
	require.NoError(t, err)
	require.Equal(t, "b: 1\n", string(content))
	_, err = project.File(t.Context(), "none", "master")
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "project service/app: read none at master: File Not Found (404)")
	_, err = project.File(t.Context(), "data/a.yml", "none")
	require.ErrorContains(t, err, "Commit Not Found (404)")

	for folder, want := range map[string][]string{"": {"README.md", "data/a.yml", "data/b c.yml"}, "data": {"data/a.yml", "data/b c.yml"}} {
		paths, err := project.ListFiles(t.Context(), folder, "master")
		require.NoError(t, err)
		require.Equal(t, want, paths)
	}
	_, err = project.ListFiles(t.Context(), "none", "master")
	require.True(t, apierr.Is(err, apierr.Missing))
}

func TestCommits(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	master, err := project.Branch(t.Context(), "master")
	require.NoError(t, err)
	commit := gitlabapi.Commit{Branch: "new", Message: "all at once", Start: master.Commit, Actions: []gitlabapi.FileAction{
		{Action: gitlabapi.Create, Path: "bin", Content: []byte{0xff, 0xfe}},
		{Action: gitlabapi.Create, Path: "nothing", Content: []byte{}},
		{Action: gitlabapi.Update, Path: "data/a.yml", Content: []byte("ä < b\n")},
		{Action: gitlabapi.Delete, Path: "README.md"},
		{Action: gitlabapi.Move, Path: "data/c.yml", PreviousPath: "data/b c.yml"},
	}}
	want := gitlab.Branch{
		Files:   map[string]string{"bin": "\xff\xfe", "nothing": "", "data/a.yml": "ä < b\n", "data/c.yml": "b: 1\n"},
		Commits: []string{"all at once"},
	}
	for range 2 {
		id, err := project.Commit(applying(t), commit)
		require.NoError(t, err)
		require.Equal(t, want, s.state("service/app").Branches["new"])
		made, err := project.Branch(t.Context(), "new")
		require.NoError(t, err)
		require.Equal(t, made.Commit, id)
	}
	_, err = project.Commit(applying(t), gitlabapi.Commit{Branch: "new", Message: "on top", Actions: []gitlabapi.FileAction{{Action: gitlabapi.Delete, Path: "bin"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"all at once", "on top"}, s.state("service/app").Branches["new"].Commits)

	before := s.state("service/app")
	for name, tc := range map[string]struct {
		commit gitlabapi.Commit
		says   string
	}{
		"a file that exists is not created": {gitlabapi.Commit{Branch: "topic", Message: "m", Actions: []gitlabapi.FileAction{
			{Action: gitlabapi.Update, Path: "new"}, {Action: gitlabapi.Create, Path: "data/a.yml"},
		}}, "commit new and 1 more to branch topic: A file with this name already exists (400)"},
		"a file that does not exist is not deleted": {gitlabapi.Commit{Branch: "topic", Message: "m", Actions: []gitlabapi.FileAction{{Action: gitlabapi.Delete, Path: "none"}}},
			"commit none to branch topic: A file with this name doesn't exist (400)"},
		"a protected branch is left alone": {gitlabapi.Commit{Branch: "master", Message: "m"}, "You are not allowed to push into this branch (400)"},
	} {
		_, err := project.Commit(applying(t), tc.commit)
		require.True(t, apierr.Is(err, apierr.Invalid), name)
		require.ErrorContains(t, err, tc.says, name)
	}
	require.Equal(t, before, s.state("service/app"))
}

func TestMergeRequests(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	known := gitlabapi.MergeRequest{
		IID: 3, Title: "Change a", Description: "Because", Labels: []string{"x", "z"}, State: gitlabapi.Opened,
		SourceBranch: "topic", TargetBranch: "master", SourceProjectID: 7, Author: "reader", HasConflicts: true,
		WebURL: "https://gitlab.example.com/service/app/-/merge_requests/3",
	}
	got, err := project.MergeRequest(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, known, got)
	_, err = project.MergeRequest(t.Context(), 99)
	require.True(t, apierr.Is(err, apierr.Missing))

	_, err = project.CreateBranch(applying(t), "other", "master")
	require.NoError(t, err)
	request := gitlabapi.NewMergeRequest{Title: "T", Description: "D", SourceBranch: "other", TargetBranch: "master", Labels: []string{"x", "bot/automerge"}, RemoveSourceBranch: true}
	made, err := project.OpenMergeRequest(applying(t), request)
	require.NoError(t, err)
	require.Equal(t, int64(4), made.IID)
	require.Equal(t, gitlab.MergeRequest{
		IID: 4, Title: "T", Description: "D", Labels: []string{"bot/automerge", "x"}, SourceBranch: "other", TargetBranch: "master",
		Author: "bot", RemoveSourceBranch: true,
	}, s.state("service/app").MergeRequests[1])
	_, err = project.OpenMergeRequest(applying(t), request)
	require.True(t, apierr.Is(err, apierr.Conflict))
	require.ErrorContains(t, err, `project service/app: open merge request "T" from other: Another open merge request already exists for this source branch: !4 (409)`)

	title := "U"
	for range 2 {
		edited, err := project.EditMergeRequest(applying(t), 4, gitlabapi.Edit{Title: &title, AddLabels: []string{"a", "b"}, RemoveLabels: []string{"x"}})
		require.NoError(t, err)
		require.Equal(t, "U", edited.Title)
		require.Equal(t, []string{"a", "b", "bot/automerge"}, edited.Labels)
		require.Equal(t, "D", edited.Description)
	}
	for filter, want := range map[*gitlabapi.Filter][]int64{
		{}: {3, 4}, {State: gitlabapi.Closed}: {}, {Labels: []string{"x", "z"}}: {3}, {SourceBranch: "other"}: {4},
		{TargetBranch: "topic"}: {}, {Search: "because"}: {3},
	} {
		found, err := project.ListMergeRequests(t.Context(), *filter)
		require.NoError(t, err)
		iids := []int64{}
		for _, one := range found {
			iids = append(iids, one.IID)
		}
		require.Equal(t, want, iids, "%+v", *filter)
	}
	for range 2 {
		closed, err := project.EditMergeRequest(applying(t), 4, gitlabapi.Edit{Close: true})
		require.NoError(t, err)
		require.Equal(t, gitlabapi.Closed, closed.State)
	}
	paths, err := project.ChangedPaths(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, []string{"README.md", "data/a.yml", "new"}, paths)
}

func TestComments(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	require.NoError(t, project.AddComment(applying(t), 3, "third"))
	comments, err := project.ListComments(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, []gitlabapi.Comment{{ID: 1, Author: "reader", Body: "first"}, {ID: 3, Author: "bot", Body: "second"}, {ID: 4, Author: "bot", Body: "third"}}, comments)
	require.True(t, apierr.Is(project.AddComment(applying(t), 99, "x"), apierr.Missing))
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCommentsAreDeleted(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	require.True(t, apierr.Is(project.DeleteComment(t.Context(), 3, 3), apierr.Guard), "outside apply")
	for range 2 {
		require.NoError(t, project.DeleteComment(applying(t), 3, 3), "also where it is gone")
	}
	require.True(t, apierr.Is(project.DeleteComment(applying(t), 3, 1), apierr.Denied), "somebody else's")
	require.NoError(t, project.AddComment(applying(t), 3, "third"))
	comments, err := project.ListComments(t.Context(), 3)
	require.NoError(t, err)
	require.Equal(t, []gitlabapi.Comment{{ID: 1, Author: "reader", Body: "first"}, {ID: 4, Author: "bot", Body: "third"}}, comments)
}

func TestPipelinesAreListedTheNewestFirst(t *testing.T) {
	project := serve(t, strings.Replace(estate, "            conflicts: true", `            conflicts: true
            pipelines: [{status: failed, at: 2026-01-02T00:00:00Z}, {status: success, at: 2026-01-03T00:00:00Z}, {status: running, at: 2026-01-01T00:00:00Z}]`, 1)).project(t)
	pipelines, err := project.ListPipelines(t.Context(), 3)
	require.NoError(t, err)
	var states []string
	for _, one := range pipelines {
		states = append(states, one.Status)
	}
	require.Equal(t, []string{gitlabapi.PipelineSucceeded, gitlabapi.PipelineFailed, gitlabapi.PipelineRunning}, states)
	require.Equal(t, "https://gitlab.example.com/service/app/-/pipelines/3002", pipelines[0].WebURL)
	_, err = project.ListPipelines(t.Context(), 99)
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
}
