package gitlab_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
)

const estate = `
instances:
  gitlab.example.com:
    users:
      bot: {token: hunter2}
      reader: {token: read-token, readOnly: true}
      visitor: {token: visitor-token}
      owner: {token: owner-token}
    projects:
      service/app:
        id: 7
        members: {bot: developer, reader: maintainer, visitor: guest, owner: owner}
        branches:
          master: {protected: true, files: {data/a.yml: "a: 1\n", data/sub/b.yml: "b: 1\n"}}
          topic: {files: {data/a.yml: "a: 2\n"}}
        mergeRequests:
          - {iid: 3, title: Change a, sourceBranch: topic, targetBranch: master, labels: [x], author: bot}
      other/secret:
        id: 8
        branches: {master: {}}
      other/open: {id: 9, public: true, branches: {main: {files: {x: "1"}}}, defaultBranch: main}
`

func serve(t *testing.T, text string) (*gitlab.Server, string) {
	t.Helper()
	parsed, err := gitlab.ParseEstate([]byte(text))
	require.NoError(t, err)
	s := gitlab.New(parsed)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return s, server.URL + "/api/v4/"
}

// ask sends one request, with the token where there is one, and returns the status, the body and the headers.
func ask(t *testing.T, token, method, target, body string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("PRIVATE-TOKEN", token)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, strings.TrimSpace(string(text)), resp.Header
}

func TestAnswersAreGitLabs(t *testing.T) {
	const project = "projects/service%2Fapp"
	for _, tc := range []struct {
		name, token, method, path, body string
		status                          int
		says                            string
	}{
		{"no token is unauthorised", "", "GET", "user", "", 401, `{"message":"401 Unauthorized"}`},
		{"an unknown token is unauthorised", "wrong", "GET", "user", "", 401, `{"message":"401 Unauthorized"}`},
		{"a project of others is not there", "hunter2", "GET", "projects/8", "", 404, `{"message":"404 Project Not Found"}`},
		{"a public project is there for all", "hunter2", "GET", "projects/other%2Fopen", "", 200, `"default_branch":"main"`},
		{"a public project takes no writes of all", "hunter2", "POST", "projects/9/repository/branches", `{"branch":"b","ref":"main"}`, 403, `{"message":"403 Forbidden"}`},
		{"a guest does not see code", "visitor-token", "GET", project + "/repository/files/data%2Fa.yml/raw?ref=master", "", 403, `{"message":"403 Forbidden"}`},
		{"a read token does not write", "read-token", "DELETE", project + "/repository/branches/topic", "", 403, `"error":"insufficient_scope"`},
		{"a path that the API does not have", "hunter2", "GET", "projects/7/nonsense", "", 404, `{"error":"404 Not Found"}`},
		{"a branch that is not there", "hunter2", "GET", project + "/repository/branches/none", "", 404, `{"message":"404 Branch Not Found"}`},
		{"a branch that is there is not made again", "hunter2", "POST", project + "/repository/branches", `{"branch":"topic","ref":"master"}`, 400, `{"message":"Branch already exists"}`},
		{"a branch from nowhere", "hunter2", "POST", project + "/repository/branches", `{"branch":"new","ref":"none"}`, 400, `invalid reference name 'none'`},
		{"a branch without a ref", "hunter2", "POST", project + "/repository/branches", `{"branch":"new"}`, 400, `{"error":"ref is missing"}`},
		{"a name that git refuses", "hunter2", "POST", project + "/repository/branches", `{"branch":"a..b","ref":"master"}`, 400, `{"message":"Branch name is invalid"}`},
		{"the default branch stays", "owner-token", "DELETE", project + "/repository/branches/master", "", 400, `The default branch of a project cannot be deleted.`},
		{"a file that is not there", "hunter2", "GET", project + "/repository/files/none/raw?ref=master", "", 404, `{"message":"404 File Not Found"}`},
		{"a ref that is not there", "hunter2", "GET", project + "/repository/files/data%2Fa.yml/raw?ref=none", "", 404, `{"message":"404 Commit Not Found"}`},
		{"a file as it is", "hunter2", "GET", project + "/repository/files/data%2Fa%2Eyml/raw?ref=topic", "", 200, "a: 2"},
		{"a file in base64", "hunter2", "GET", project + "/repository/files/data%2Fa.yml?ref=master", "", 200, `"content":"YTogMQo="`},
		{"a commit to a protected branch", "hunter2", "POST", project + "/repository/commits", `{"branch":"master","commit_message":"m","actions":[]}`, 400, `{"message":"You are not allowed to push into this branch"}`},
		{"a commit that creates what is there", "hunter2", "POST", project + "/repository/commits", `{"branch":"topic","commit_message":"m","actions":[{"action":"create","file_path":"data/a.yml"}]}`, 400, `{"message":"A file with this name already exists"}`},
		{"a commit that updates what is not there", "hunter2", "POST", project + "/repository/commits", `{"branch":"topic","commit_message":"m","actions":[{"action":"update","file_path":"none"}]}`, 400, `{"message":"A file with this name doesn't exist"}`},
		{"a commit that deletes what is not there", "hunter2", "POST", project + "/repository/commits", `{"branch":"topic","commit_message":"m","actions":[{"action":"delete","file_path":"none"}]}`, 400, `{"message":"A file with this name doesn't exist"}`},
		{"a commit out of the repository", "hunter2", "POST", project + "/repository/commits", `{"branch":"topic","commit_message":"m","actions":[{"action":"create","file_path":"../x"}]}`, 400, `{"message":"Path cannot include directory traversal"}`},
		{"a commit to no branch", "hunter2", "POST", project + "/repository/commits", `{"branch":"none","commit_message":"m","actions":[]}`, 400, `{"message":"You can only create or edit files when you are on a branch"}`},
		{"a start for a branch that is there", "hunter2", "POST", project + "/repository/commits", `{"branch":"topic","start_branch":"master","commit_message":"m","actions":[]}`, 400, `A branch called 'topic' already exists. Switch to that branch in order to make changes`},
		{"two starts", "hunter2", "POST", project + "/repository/commits", `{"branch":"x","start_branch":"master","start_sha":"0123456789012345678901234567890123456789","commit_message":"m","actions":[]}`, 400, `You can't pass both start_branch and start_sha`},
		{"a start that is no commit", "hunter2", "POST", project + "/repository/commits", `{"branch":"x","start_sha":"master","commit_message":"m","actions":[]}`, 400, `Invalid start_sha 'master'`},
		{"a start that is not there", "hunter2", "POST", project + "/repository/commits", `{"branch":"x","start_sha":"0123456789012345678901234567890123456789","commit_message":"m","actions":[]}`, 400, `Cannot find start_sha`},
		{"a protected branch is not forced", "owner-token", "POST", project + "/repository/commits", `{"branch":"master","start_branch":"topic","force":true,"commit_message":"m","actions":[]}`, 400, `force push code to a protected branch`},
		{"a second open merge request", "hunter2", "POST", project + "/merge_requests", `{"title":"t","source_branch":"topic","target_branch":"master"}`, 409, `{"message":["Another open merge request already exists for this source branch: !3"]}`},
		{"a merge request into itself", "hunter2", "POST", project + "/merge_requests", `{"title":"t","source_branch":"topic","target_branch":"topic"}`, 422, `You can't use same project/branch for source and target`},
		{"a merge request without a title", "hunter2", "POST", project + "/merge_requests", `{"title":"","source_branch":"topic","target_branch":"master"}`, 400, `{"message":{"title":["can't be blank"]}}`},
		{"a merge request that is not there", "hunter2", "GET", project + "/merge_requests/99", "", 404, `{"message":"404 Not Found"}`},
		{"an edit of nothing", "hunter2", "PUT", project + "/merge_requests/3", `{}`, 400, `at least one parameter must be provided`},
		{"a state that there is not", "hunter2", "GET", project + "/merge_requests?state=open", "", 400, `{"error":"state does not have a valid value"}`},
		{"a page that there cannot be", "hunter2", "GET", project + "/merge_requests?page=0", "", 400, `{"error":"page does not have a valid value"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, api := serve(t, estate)
			before := s.Dump()
			status, text, _ := ask(t, tc.token, tc.method, api+tc.path, tc.body)
			require.Equal(t, tc.status, status, text)
			require.Contains(t, text, tc.says)
			if status >= 300 {
				require.Equal(t, before, s.Dump(), "what is refused changes nothing")
			}
		})
	}
}

func TestABearerTokenIsAsGood(t *testing.T) {
	_, api := serve(t, estate)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+"user", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer hunter2")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var user map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&user))
	require.Equal(t, "bot", user["username"])
}

func TestPages(t *testing.T) {
	s, api := serve(t, estate)
	for i := range 45 {
		status, _, _ := ask(t, "hunter2", http.MethodPost, api+"projects/7/repository/branches", fmt.Sprintf(`{"branch":"b%02d","ref":"master"}`, i))
		require.Equal(t, http.StatusCreated, status)
	}
	require.Len(t, s.Dump().Instances["gitlab.example.com"].Projects["service/app"].Branches, 47)
	for page, want := range map[int]struct{ count, next, prev string }{1: {"20", "2", ""}, 2: {"20", "3", "1"}, 3: {"7", "", "2"}, 4: {"0", "", "3"}} {
		_, text, header := ask(t, "hunter2", http.MethodGet, fmt.Sprintf("%sprojects/7/repository/branches?page=%d", api, page), "")
		var branches []any
		require.NoError(t, json.Unmarshal([]byte(text), &branches))
		require.Equal(t, want.count, fmt.Sprint(len(branches)), page)
		require.Equal(t, want.next, header.Get("X-Next-Page"))
		require.Equal(t, want.prev, header.Get("X-Prev-Page"))
		require.Equal(t, "47", header.Get("X-Total"))
		require.Equal(t, "3", header.Get("X-Total-Pages"))
		require.Equal(t, want.next != "", strings.Contains(header.Get("Link"), `rel="next"`))
	}
	_, text, header := ask(t, "hunter2", http.MethodGet, api+"projects/7/repository/branches?per_page=1000", "")
	require.Equal(t, "100", header.Get("X-Per-Page"), "no page is larger")
	require.Contains(t, text, `"topic"`)
}

func TestThrottle(t *testing.T) {
	s, api := serve(t, estate)
	s.Throttle("gitlab.example.com", gitlab.Throttle{Requests: 1, RetryAfter: 7})
	status, text, header := ask(t, "hunter2", http.MethodGet, api+"user", "")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "Retry later", text)
	require.Equal(t, "7", header.Get("Retry-After"))
	status, _, _ = ask(t, "hunter2", http.MethodGet, api+"user", "")
	require.Equal(t, http.StatusOK, status)
}

func TestACommitMakesOrMovesABranch(t *testing.T) {
	s, api := serve(t, estate)
	branch := func(name string) gitlab.Branch {
		return s.Dump().Instances["gitlab.example.com"].Projects["service/app"].Branches[name]
	}
	commit := func(body string) {
		status, text, _ := ask(t, "hunter2", http.MethodPost, api+"projects/7/repository/commits", body)
		require.Equal(t, http.StatusCreated, status, text)
	}
	commit(`{"branch":"new","start_branch":"master","commit_message":"one","actions":[
		{"action":"delete","file_path":"data/a.yml"},
		{"action":"move","file_path":"data/c.yml","previous_path":"data/sub/b.yml"},
		{"action":"create","file_path":"bin","content":"//79","encoding":"base64"}]}`)
	require.Equal(t, map[string]string{"data/c.yml": "b: 1\n", "bin": "\xff\xfe\xfd"}, branch("new").Files)
	commit(`{"branch":"new","commit_message":"two","actions":[{"action":"update","file_path":"data/c.yml","content":"c"}]}`)
	require.Equal(t, []string{"one", "two"}, branch("new").Commits)
	commit(`{"branch":"new","start_branch":"topic","force":true,"commit_message":"three","actions":[]}`)
	require.Equal(t, gitlab.Branch{Files: map[string]string{"data/a.yml": "a: 2\n"}, Commits: []string{"three"}}, branch("new"))
}

func TestTrees(t *testing.T) {
	_, api := serve(t, estate)
	for path, want := range map[string]string{
		"": "data=tree", "?recursive=true": "data=tree data/sub=tree data/a.yml=blob data/sub/b.yml=blob",
		"?path=data": "data/sub=tree data/a.yml=blob", "?path=data/sub&recursive=true": "data/sub/b.yml=blob",
	} {
		_, text, _ := ask(t, "hunter2", http.MethodGet, api+"projects/7/repository/tree"+path, "")
		var nodes []struct{ Path, Type string }
		require.NoError(t, json.Unmarshal([]byte(text), &nodes))
		got := []string{}
		for _, node := range nodes {
			got = append(got, node.Path+"="+node.Type)
		}
		require.Equal(t, want, strings.Join(got, " "), path)
	}
}

func TestMergeRequestsAreFiltered(t *testing.T) {
	_, api := serve(t, strings.Replace(estate, "mergeRequests:", `mergeRequests:
          - {iid: 1, title: Old, sourceBranch: gone, targetBranch: master, state: merged}
          - {iid: 2, title: "Fix: b", description: About a, sourceBranch: topic, targetBranch: other, state: closed, labels: [x, z]}`, 1))
	for query, want := range map[string]string{
		"": "3 2 1", "?sort=asc": "1 2 3", "?state=opened": "3", "?state=merged": "1", "?labels=x": "3 2", "?labels=x,z": "2",
		"?source_branch=topic": "3 2", "?target_branch=master": "3 1", "?search=a%20about": "2", "?search=a&in=title": "3", "?search=nothing": "",
	} {
		_, text, _ := ask(t, "hunter2", http.MethodGet, api+"projects/7/merge_requests"+query, "")
		var requests []struct {
			IID int `json:"iid"`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &requests))
		got := []string{}
		for _, request := range requests {
			got = append(got, fmt.Sprint(request.IID))
		}
		require.Equal(t, want, strings.Join(got, " "), query)
	}
}

func TestARequestWithoutItsBranchIsClosedALittleLater(t *testing.T) {
	s, api := serve(t, estate)
	state := func() string {
		return s.Dump().Instances["gitlab.example.com"].Projects["service/app"].MergeRequests[0].State
	}
	status, _, _ := ask(t, "hunter2", http.MethodDelete, api+"projects/7/repository/branches/topic", "")
	require.Equal(t, http.StatusNoContent, status)
	require.Empty(t, state(), "it is open")
	_, text, _ := ask(t, "hunter2", http.MethodGet, api+"projects/7/merge_requests?state=opened", "")
	require.Equal(t, "[]", text)
	require.Equal(t, "closed", state())
}

func TestDiffsLookAtTheSourceBranchAlone(t *testing.T) {
	_, api := serve(t, estate)
	status, _, _ := ask(t, "owner-token", http.MethodPost, api+"projects/7/repository/commits",
		`{"branch":"master","commit_message":"later","actions":[{"action":"create","file_path":"later"}]}`)
	require.Equal(t, http.StatusCreated, status)
	_, text, _ := ask(t, "hunter2", http.MethodGet, api+"projects/7/merge_requests/3/diffs", "")
	require.NotContains(t, text, "later", "what came to the target branch since is no change of the request")
	require.Contains(t, text, `"new_path":"data/a.yml"`)
	require.Contains(t, text, `"deleted_file":true`)
	require.Equal(t, 2, strings.Count(text, "new_path"))
}

func TestADumpIsAnEstate(t *testing.T) {
	s, _ := serve(t, estate)
	text, err := yaml.Marshal(s.Dump())
	require.NoError(t, err)
	again, _ := serve(t, string(text))
	require.Equal(t, s.Dump(), again.Dump())
}

func TestEstatesThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct{ from, to, says string }{
		"an unknown key":               {"id: 7", "number: 7", "unknown field"},
		"a number taken":               {"id: 8", "id: 7", "give it a number of its own"},
		"a role that there is not":     {"bot: developer", "bot: boss", `has bot as "boss"`},
		"a member without an account":  {"bot: developer", "nobody: developer", "nobody, who has no account"},
		"a state that there is not":    {"labels: [x]", "state: open", `with the state "open"`},
		"a request without its branch": {"sourceBranch: topic", "sourceBranch: none", "add both branches"},
		"a request without a number":   {"iid: 3", "iid: 0", "give each its own number"},
		"a branch at no commit":        {"topic: {", "new: {at: none}\n          topic: {", `the branch new at the commit "none"`},
		"a tag at no commit":           {"id: 7", "id: 7\n        tags: {v1: none}", `the tag v1 at the commit "none"`},
		"a commit with another name":   {"id: 7", "id: 7\n        commits: {x: {parent: y}}", `has the commit "x": write 40 hexadecimal digits`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gitlab.ParseEstate([]byte(strings.Replace(estate, tc.from, tc.to, 1)))
			require.ErrorContains(t, err, tc.says)
		})
	}
}
