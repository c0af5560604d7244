package gitlabapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/metrics"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestListsAreReadToTheirEnd(t *testing.T) {
	var requests, branches strings.Builder
	for i := range 205 {
		fmt.Fprintf(&requests, "          - {iid: %d, title: T%d, sourceBranch: b%d, targetBranch: master}\n", 100+i, i, i)
		fmt.Fprintf(&branches, "          b%d: {}\n", i)
	}
	text := strings.Replace(estate, "        mergeRequests:\n", "        mergeRequests:\n"+requests.String(), 1)
	s := serve(t, strings.Replace(text, "          topic:", branches.String()+"          topic:", 1))
	project := s.project(t)
	found, err := project.ListMergeRequests(t.Context(), gitlabapi.Filter{State: gitlabapi.Opened})
	require.NoError(t, err)
	require.Len(t, found, 206)
	require.Equal(t, int64(3), found[0].IID)
	require.Equal(t, int64(304), found[205].IID)
	all, err := project.ListBranches(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, all, 207)

	s.faults.Reset()
	s.faults.FailNth(3, fault.Failure{Status: http.StatusBadGateway})
	found, err = project.ListMergeRequests(t.Context(), gitlabapi.Filter{State: gitlabapi.Opened})
	require.True(t, apierr.Is(err, apierr.Unavailable), "a page that failed")
	require.Nil(t, found, "is not the end of the list")
	require.Len(t, s.faults.Calls(), 3)
}

func TestRefusalsAreClassifiedAndNotRetried(t *testing.T) {
	for _, tc := range []struct {
		name    string
		failure fault.Failure
		kind    apierr.Kind
		says    string
	}{
		{"an unknown token", fault.Failure{Status: 401, Body: `{"message":"401 Unauthorized"}`}, apierr.Denied, "Unauthorized (401): renew the token of the instance"},
		{"a token without the scope", fault.Failure{Status: 403, Body: `{"error":"insufficient_scope","error_description":"More is needed."}`}, apierr.Denied, "insufficient_scope: More is needed. (403): give the token's account the role"},
		{"too many requests", fault.Failure{Status: 429, Body: "Retry later\n", Header: http.Header{"Retry-After": {"7"}}}, apierr.Limited, "Too Many Requests (429)"},
		{"what breaks a rule", fault.Failure{Status: 422, Body: `{"message":{"title":["is too long"],"base":["x","y"]}}`}, apierr.Invalid, "base x; y; title is too long (422)"},
		{"a bad request", fault.Failure{Status: 400, Body: `{"error":"body is missing"}`}, apierr.Invalid, "body is missing (400)"},
		{"a lost race", fault.Failure{Status: 409, Body: `{"message":["already"]}`}, apierr.Conflict, "already (409)"},
		{"a broken server", fault.Failure{Status: 500, Body: `{"message":"500 Internal Server Error"}`}, apierr.Unavailable, "Internal Server Error (500)"},
		{"a page of a proxy", fault.Failure{Status: 502, Body: "<html>"}, apierr.Unavailable, "Bad Gateway (502)"},
		{"a broken connection", fault.Failure{}, apierr.Unavailable, "EOF"},
		{"a move of the instance", fault.Failure{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example.com/"}}}, apierr.Invalid, "it has moved to another address"},
		{"a write that was sent elsewhere", fault.Failure{Status: 301, Header: http.Header{"Location": {"/api/v4/user"}}}, apierr.Invalid, "Moved Permanently (301): it has moved to another address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, estate)
			project := s.project(t)
			s.faults.Reset()
			s.faults.FailNth(1, tc.failure)
			err := project.AddComment(applying(t), 3, "hello")
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, "project service/app: comment on merge request !3: ")
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "hunter2")
			require.Len(t, s.faults.Calls(), 1)
			if tc.kind == apierr.Limited {
				require.Equal(t, 7*time.Second, apierr.RetryAfter(err))
			}
		})
	}
}

func TestTheServersLimitDelaysNoCall(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	s.Throttle("gitlab.example.com", gitlab.Throttle{Requests: 1})
	_, err := client.CurrentUser(t.Context())
	require.True(t, apierr.Is(err, apierr.Limited))
	// The answer spoke of 60 requests a minute.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 50 {
		_, err := client.CurrentUser(ctx)
		require.NoError(t, err)
	}
}

func TestNoWriteOutsideApply(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	before := s.Dump()
	_, branch := project.CreateBranch(t.Context(), "b", "master")
	_, commit := project.Commit(t.Context(), gitlabapi.Commit{Branch: "topic", Message: "m"})
	_, opened := project.OpenMergeRequest(t.Context(), gitlabapi.NewMergeRequest{Title: "t", SourceBranch: "topic", TargetBranch: "master"})
	_, edited := project.EditMergeRequest(t.Context(), 3, gitlabapi.Edit{Close: true})
	for _, err := range []error{branch, commit, opened, edited, project.DeleteBranch(t.Context(), "topic"), project.AddComment(t.Context(), 3, "x")} {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
	require.Empty(t, s.faults.Writes())
	require.Equal(t, before, s.Dump())
}

func TestTokens(t *testing.T) {
	s := serve(t, estate)
	_, err := s.client(t, "wrong").Project(t.Context(), "service/app")
	require.True(t, apierr.Is(err, apierr.Denied))
	require.NotContains(t, err.Error(), "wrong")

	project, err := s.client(t, "read-token").Project(t.Context(), "service/app")
	require.NoError(t, err)
	_, err = project.CreateBranch(applying(t), "b", "master")
	require.True(t, apierr.Is(err, apierr.Denied))
}

func TestTheTokenStaysWithItsHost(t *testing.T) {
	elsewhere := fault.New(http.NotFoundHandler(), nil)
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer server.Close()
	client, err := gitlabapi.New(gitlabapi.Config{URL: server.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	_, err = client.CurrentUser(t.Context())
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.Empty(t, elsewhere.Calls())
}

func TestAMovedProjectIsRead(t *testing.T) {
	s := serve(t, estate)
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.EscapedPath(), "old%2Fapp") {
			http.Redirect(w, r, "/api/v4/projects/7", http.StatusMovedPermanently)
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer moved.Close()
	client, err := gitlabapi.New(gitlabapi.Config{URL: moved.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	project, err := client.Project(t.Context(), "old/app")
	require.NoError(t, err)
	require.Equal(t, "service/app", project.Path)
}

func TestAnUnreachableInstanceIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client, err := gitlabapi.New(gitlabapi.Config{URL: server.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	_, err = client.CurrentUser(t.Context())
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, "gitlab "+strings.TrimPrefix(server.URL, "http://"))
	require.NotContains(t, err.Error(), "hunter2")
}

func TestAnAnswerThatIsNotGitLabs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
	defer server.Close()
	client, err := gitlabapi.New(gitlabapi.Config{URL: server.URL})
	require.NoError(t, err)
	_, err = client.CurrentUser(t.Context())
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, "the answer broke off, or is not what GitLab's API sends")
}

func TestTheDeadlineCoversTheAnswer(t *testing.T) {
	for status, says := range map[int]string{http.StatusOK: "", http.StatusBadRequest: "no (400)"} {
		var body *watched
		client, err := gitlabapi.New(gitlabapi.Config{URL: "https://gitlab.example.com", Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			deadline, set := r.Context().Deadline()
			require.True(t, set)
			require.WithinDuration(t, time.Now().Add(time.Minute), deadline, 5*time.Second)
			body = &watched{Reader: strings.NewReader(`{"id": 1, "username": "bot", "message": "no"}`), ctx: r.Context()}
			return &http.Response{StatusCode: status, Body: body, Request: r}, nil
		})})
		require.NoError(t, err)
		_, err = client.CurrentUser(t.Context())
		if says == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, says)
		}
		require.Error(t, body.ctx.Err(), "it ends with the answer")
	}
}

func TestFailureMode12_AnAnswerWithoutEndIsGivenUp(t *testing.T) {
	client, err := gitlabapi.New(gitlabapi.Config{URL: "https://gitlab.example.com", Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		body := `{"id": 7, "path_with_namespace": "service/app"}`
		if strings.HasSuffix(r.URL.Path, "/raw") {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(endless{}), Request: r}, nil
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})})
	require.NoError(t, err)
	project, err := client.Project(t.Context(), "7")
	require.NoError(t, err)
	_, err = project.File(t.Context(), "a", "master")
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
}

// endless is a body that never ends.
type endless struct{}

func (endless) Read(into []byte) (int, error) { return len(into), nil }

func TestFailureMode12_AnInstanceThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := gitlabapi.New(gitlabapi.Config{URL: "https://gitlab.example.com", Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.CurrentUser(t.Context())
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "gitlab.example.com")
		require.Equal(t, time.Minute, time.Since(began))
	})
}

// watched is a body that can be read only as long as its request may run.
type watched struct {
	io.Reader
	ctx context.Context
}

func (w *watched) Read(into []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, w.ctx.Err()
	}
	return w.Reader.Read(into)
}

func (*watched) Close() error { return nil }

func TestACancelledCallIsNoFailureOfGitLab(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := serve(t, estate).client(t, "hunter2").CurrentUser(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, apierr.Is(err, apierr.Unavailable))
}

func TestInstanceURLs(t *testing.T) {
	for _, address := range []string{"", "gitlab.example.com", "ftp://gitlab.example.com", "https://", "https://gitlab:port"} {
		_, err := gitlabapi.New(gitlabapi.Config{URL: address})
		require.ErrorContains(t, err, "correct the url of the instance", "%q", address)
		require.True(t, apierr.Is(err, apierr.Invalid))
	}
}

func TestRequestsAreCountedForTheIntegration(t *testing.T) {
	s := serve(t, estate)
	project := s.project(t)
	s.faults.Reset()
	collector := metrics.New()
	scope := collector.Begin(metrics.Origin{WorkflowID: "terraform-init", Step: "terraform-init/apply"})
	_, err := project.ListBranches(metrics.Into(t.Context(), scope), "")
	require.NoError(t, err)
	scope.End()
	require.NoError(t, testutil.CollectAndCompare(collector, strings.NewReader(fmt.Sprintf(`# HELP qontract_reconcile_gitlab_request_total Number of calls made to Gitlab API
# TYPE qontract_reconcile_gitlab_request_total counter
qontract_reconcile_gitlab_request_total{integration="terraform-init"} %d
`, len(s.faults.Calls())))))
}
