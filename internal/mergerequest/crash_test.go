package mergerequest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// Every call fails once: before it takes effect, with the connection cut after it, and with another answer, then also
// together with every later call. What is there in the end must be what is there without a failure.
func TestFailureMode13_ARequestIsOpenedOnceWhicheverCallFails(t *testing.T) {
	outdated := "{iid: 5, title: T, labels: [AVS], sourceBranch: topic, targetBranch: master, description: "
	replaced := with([]string{`topic: {files: {x: "1"}}`, `second: {files: {x: "2"}}`},
		outdated+quoted(referenceDescription("1"))+"}",
		"{iid: 6, title: U, labels: [AVS], sourceBranch: second, targetBranch: master, description: "+quoted(referenceDescription("0"))+"}")
	left := with([]string{leftover(t) + `: {files: {half: "done"}}`})
	untidy := with([]string{`old: {files: {x: "1"}}`},
		"{iid: 5, title: T, labels: [AVS], sourceBranch: old, targetBranch: master, description: rewritten}",
		"{iid: 6, title: U, labels: [AVS], sourceProject: fork/app, sourceBranch: topic, targetBranch: master, description: rewritten}")
	unneeded := plain()
	unneeded.Unless = []string{"data/a.yml"}
	for _, tc := range []struct {
		name   string
		estate string
		ensure func(ctx context.Context, d *mergerequest.Direct) error
		open   int
	}{
		{"a new request", bare, ensuring(plain()), 1},
		{"a request in place of two that are out of date", replaced, ensuring(managed("2")), 1},
		{"a branch that was left", left, ensuring(plain()), 1},
		{"a branch that is not needed any more", left, ensuring(unneeded), 0},
		{"what is not fit", untidy, func(ctx context.Context, d *mergerequest.Direct) error { _, err := d.Tidy(ctx, versions); return err }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calm := start(t, tc.estate, everything)
			require.NoError(t, tc.ensure(applying(t), calm.direct))
			calls := len(calm.faults.Calls())
			want := settled(t, calm)
			require.Len(t, want.open(), tc.open)
			fail := func(failure fault.Failure, numbers ...int) {
				w := start(t, tc.estate, everything)
				for _, number := range numbers {
					w.faults.FailNth(number, failure)
				}
				at := fmt.Sprintf("calls %v, %+v", numbers, failure)
				attempts := 0
				for err := tc.ensure(applying(t), w.direct); err != nil; err = tc.ensure(applying(t), w.direct) {
					require.True(t, apierr.Is(err, apierr.Unavailable), "%s: %v", at, err)
					attempts++
					require.LessOrEqual(t, attempts, len(numbers), at)
				}
				require.Equal(t, want.state(), settled(t, w).state(), at)
			}
			lost := fault.Failure{Status: http.StatusBadGateway, AfterEffect: true}
			for first := 1; first <= calls; first++ {
				fail(fault.Failure{Status: http.StatusServiceUnavailable}, first)
				fail(fault.Failure{AfterEffect: true}, first)
				fail(lost, first)
				for second := first + 1; second <= calls+2; second++ {
					fail(lost, first, second)
				}
			}
		})
	}
}

func ensuring(r mergerequest.Request) func(context.Context, *mergerequest.Direct) error {
	return func(ctx context.Context, d *mergerequest.Direct) error {
		_, err := d.Ensure(ctx, r)
		return err
	}
}

// leftover is the name of the branch of plain.
func leftover(t *testing.T) string {
	t.Helper()
	w := start(t, bare, everything)
	require.NoError(t, ensuring(plain())(applying(t), w.direct))
	return w.branches()[0]
}

// settled is a world in which GitLab has done what it does a little later.
func settled(t *testing.T, w *world) *world {
	t.Helper()
	w.faults.Reset()
	_, _, err := w.direct.List(t.Context(), versions)
	require.NoError(t, err)
	return w
}

func TestARequestThatTheListDoesNotHave(t *testing.T) {
	for name, tc := range map[string]struct{ lists, writes int }{
		"because it moved between the pages":     {1, 0},
		"because it was opened at the same time": {2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, bare, everything)
			require.NoError(t, ensuring(plain())(applying(t), w.direct))
			before := w.Dump()
			w.faults.Reset()
			w = startOn(t, w, &lateList{next: w.faults, hide: tc.lists})
			result, err := w.direct.Ensure(applying(t), plain())
			require.NoError(t, err)
			require.Equal(t, "https://gitlab.example.com/service/app/-/merge_requests/1", result.URL)
			require.Len(t, w.faults.Writes(), tc.writes)
			require.Equal(t, before, w.Dump())
		})
	}
}

// lateList answers the next lists with empty ones.
type lateList struct {
	next http.Handler
	mu   sync.Mutex
	hide int
}

func (l *lateList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	hidden := l.hide > 0 && r.Method == http.MethodGet && r.URL.Path == "/api/v4/projects/7/merge_requests"
	if hidden {
		l.hide--
	}
	l.mu.Unlock()
	if hidden {
		_, _ = w.Write([]byte("[]"))
		return
	}
	l.next.ServeHTTP(w, r)
}

func TestDifferentRequestsAtTheSameTime(t *testing.T) {
	w := start(t, bare, everything)
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() {
			request := plain()
			request.Title = fmt.Sprintf("delete user %d", i)
			errs[i] = ensuring(request)(applying(t), w.direct)
		})
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, w.open(), len(errs))
	require.Len(t, w.branches(), len(errs))
}

func TestTheTargetBranchIsReadAtOneCommit(t *testing.T) {
	// A commit comes to the target branch between the reads: all files are as they were before it.
	w := start(t, bare, everything)
	request := plain()
	request.Files = append(request.Files, mergerequest.EditFile("data/a.yml", func(current []byte) ([]byte, error) {
		return append(append([]byte{}, current...), "more\n"...), nil
	}))
	mover := &moving{next: w.faults, server: w.Server}
	w = startOn(t, w, mover)
	require.NoError(t, ensuring(request)(applying(t), w.direct))
	require.True(t, mover.moved)
	made := w.state().Branches[w.branches()[0]]
	require.Equal(t, map[string]string{"data/a.yml": "version: 1\nmore\n", "data/new.yml": "new\n"}, made.Files)
	require.Equal(t, "version: 9\n", w.state().Branches["master"].Files["data/a.yml"])
}

// moving lets the target branch move on right after its head was read.
type moving struct {
	next   http.Handler
	server *gitlab.Server
	moved  bool
}

func (m *moving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.next.ServeHTTP(w, r)
	if r.URL.Path == "/api/v4/projects/7/repository/branches/master" && !m.moved {
		m.moved = true
		push(m.server.Handler(), `{"branch":"master","commit_message":"meanwhile","actions":[{"action":"update","file_path":"data/a.yml","content":"version: 9\n"}]}`)
	}
}

// push commits as somebody who may push to every branch.
func push(handler http.Handler, body string) {
	r := httptest.NewRequest(http.MethodPost, "/api/v4/projects/7/repository/commits", strings.NewReader(body))
	r.Header.Set("PRIVATE-TOKEN", "persons-token")
	handler.ServeHTTP(httptest.NewRecorder(), r)
}

// startOn is the world with another handler before it.
func startOn(t *testing.T, w *world, before http.Handler) *world {
	t.Helper()
	server := httptest.NewServer(before)
	t.Cleanup(server.Close)
	client, err := gitlabapi.New(gitlabapi.Config{URL: server.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	project, err := client.Project(t.Context(), "service/app")
	require.NoError(t, err)
	on := *w
	on.direct = mergerequest.NewDirect(project, everything)
	return &on
}
