package mergerequest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

func TestARequestIsOpenedOnce(t *testing.T) {
	w := start(t, bare, everything)
	require.Equal(t, mergerequest.Result{Outcome: mergerequest.Missing}, w.look(t, plain()))
	result, err := w.direct.Ensure(applying(t), plain())
	require.NoError(t, err)
	url := "https://gitlab.example.com/service/app/-/merge_requests/1"
	require.Equal(t, mergerequest.Result{Outcome: mergerequest.Opened, URL: url}, result)
	want := gitlab.MergeRequest{
		IID: 1, Title: "[create_delete_user_mr] delete user bob", Description: "delete user bob", Labels: []string{"bot/automerge"},
		SourceBranch: w.branches()[0], TargetBranch: "master", Author: "bot", RemoveSourceBranch: true,
	}
	require.Equal(t, []gitlab.MergeRequest{want}, w.open())
	require.Regexp(t, `^create_delete_user_mr-[0-9a-f]{12}$`, want.SourceBranch)
	require.Equal(t, gitlab.Branch{
		Files: map[string]string{"data/a.yml": "version: 1\n", "data/new.yml": "new\n"}, Commits: []string{"[create_delete_user_mr] delete user bob"},
	}, w.state().Branches[want.SourceBranch])

	before := w.Dump()
	w.faults.Reset()
	result, err = w.direct.Ensure(applying(t), plain())
	require.NoError(t, err)
	require.Equal(t, mergerequest.Result{Outcome: mergerequest.AlreadyOpen, URL: url}, result)
	require.Equal(t, before, w.Dump())
	require.Empty(t, w.faults.Writes())
}

func TestTheDescriptionOfAKindIsTheReferences(t *testing.T) {
	w := start(t, bare, everything)
	_, err := w.direct.Ensure(applying(t), managed("2"))
	require.NoError(t, err)
	request := w.open()[0]
	require.Equal(t, []string{"AVS", "bot/automerge"}, request.Labels)
	_, data, found := strings.Cut(referenceDescription("2"), "**AVS DATA")
	require.True(t, found)
	require.Equal(t, "For people.\n\n**AVS DATA"+data, request.Description)
	require.Equal(t, "version: 2\n", w.state().Branches[request.SourceBranch].Files["data/a.yml"])
}

func TestLabelsThatNobodyThoughtOf(t *testing.T) {
	for name, tc := range map[string]struct{ labels, want []string }{
		"no labels hold the request": {nil, []string{"do-not-merge/hold"}},
		"an empty list is none":      {[]string{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, bare, everything)
			request := plain()
			request.Labels = tc.labels
			_, err := w.direct.Ensure(applying(t), request)
			require.NoError(t, err)
			require.Equal(t, tc.want, w.open()[0].Labels)
		})
	}
}

// The branches topic and other come from somebody else; AVS-0a1b2c is one that the reference made.
func TestWhatIsOpenAlready(t *testing.T) {
	const topic, reference = `topic: {files: {x: "1"}}`, `AVS-0a1b2c: {files: {data/a.yml: "version: 2\n"}}`
	of := func(iid, title, labels, description, source, more string) string {
		return "{iid: " + iid + ", title: " + quoted(title) + ", labels: [" + labels + "], description: " + quoted(description) + ", sourceBranch: " + source + ", targetBranch: master" + more + "}"
	}
	const avs = "[auto] update AWS resource version for db"
	elsewhere := strings.Replace(referenceDescription("2"), "identifier: db", "identifier: other", 1)
	for _, tc := range []struct {
		name     string
		request  mergerequest.Request
		branches []string
		open     []string
		outcome  mergerequest.Outcome
		// stays are the numbers that stay open, besides a new one; the last of them is the one that is open already.
		stays  []int64
		closed map[int64]string
	}{
		{"a request of the reference with the title is the same", plain(), []string{topic},
			[]string{of("5", plain().Title, "bot/automerge", "x", "topic", "")}, mergerequest.AlreadyOpen, []int64{5}, nil},
		{"a request of a fork with the title is the same", plain(), nil,
			[]string{of("5", plain().Title, "", "x", "topic", ", sourceProject: fork/app")}, mergerequest.AlreadyOpen, []int64{5}, nil},
		{"a closed request with the title is not", plain(), []string{topic},
			[]string{of("5", plain().Title, "", "x", "topic", ", state: closed")}, mergerequest.Opened, nil, nil},
		{"a foreign request is left alone", plain(), []string{topic},
			[]string{of("5", "Something else", "AVS", "x", "topic", "")}, mergerequest.Opened, []int64{5}, nil},
		{"a request of the reference with the data is the same", managed("2"), []string{reference},
			[]string{of("5", "Renamed by a person", "AVS", referenceDescription("2"), "AVS-0a1b2c", "")}, mergerequest.AlreadyOpen, []int64{5}, nil},
		{"a request of the reference with older data is replaced", managed("3"), []string{reference},
			[]string{of("5", avs, "AVS, lgtm", referenceDescription("2"), "AVS-0a1b2c", "")}, mergerequest.Opened, nil, map[int64]string{5: "it is out of date"}},
		{"a request with a conflict is replaced", managed("2"), []string{reference},
			[]string{of("5", avs, "AVS", referenceDescription("2"), "AVS-0a1b2c", ", conflicts: true")}, mergerequest.Opened, nil, map[int64]string{5: "it has a merge conflict"}},
		{"a request of another version is replaced", managed("2"), []string{reference},
			[]string{of("5", avs, "AVS", strings.Replace(referenceDescription("2"), "1.0.0", "0.9.0", 1), "AVS-0a1b2c", "")}, mergerequest.Opened, nil, map[int64]string{5: "another version"}},
		{"a request that cannot be read is replaced", managed("2"), []string{reference},
			[]string{of("5", avs, "AVS", "rewritten", "AVS-0a1b2c", "")}, mergerequest.Opened, nil, map[int64]string{5: "does not have the form"}},
		{"a request that cannot be read and has another title is left to Tidy", managed("2"), []string{reference},
			[]string{of("5", "Other", "AVS", "rewritten", "AVS-0a1b2c", "")}, mergerequest.Opened, []int64{5}, nil},
		{"a request for another resource is left alone", managed("2"), []string{reference},
			[]string{of("5", "Other", "AVS", elsewhere, "AVS-0a1b2c", "")}, mergerequest.Opened, []int64{5}, nil},
		{"a request for another resource with the title stands in the way", managed("2"), []string{reference},
			[]string{of("5", avs, "AVS", elsewhere, "AVS-0a1b2c", "")}, mergerequest.AlreadyOpen, []int64{5}, nil},
		{"a request with the title and without the label is no one's to close", managed("3"), []string{reference},
			[]string{of("5", avs, "", referenceDescription("2"), "AVS-0a1b2c", "")}, mergerequest.AlreadyOpen, []int64{5}, nil},
		{"of two that are up to date the newer is closed", managed("2"), []string{reference, topic},
			[]string{of("6", avs, "AVS", referenceDescription("2"), "topic", ""), of("5", avs, "AVS", referenceDescription("2"), "AVS-0a1b2c", "")},
			mergerequest.AlreadyOpen, []int64{5}, map[int64]string{6: "another one for the same is open"}},
		{"one out of date is closed beside one that is up to date", managed("2"), []string{reference, topic},
			[]string{of("5", avs, "AVS", referenceDescription("1"), "topic", ""), of("6", avs, "AVS", referenceDescription("2"), "AVS-0a1b2c", "")},
			mergerequest.AlreadyOpen, []int64{6}, map[int64]string{5: "it is out of date"}},
		{"one that is up to date is kept beside one in the way", managed("2"), []string{reference, topic},
			[]string{of("5", avs, "AVS", elsewhere, "topic", ""), of("6", avs, "AVS", referenceDescription("2"), "AVS-0a1b2c", "")},
			mergerequest.AlreadyOpen, []int64{5, 6}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t, with(tc.branches, tc.open...), everything)
			before := w.state()
			looked := w.look(t, tc.request)
			result, err := w.direct.Ensure(applying(t), tc.request)
			require.NoError(t, err)
			require.Equal(t, tc.outcome, result.Outcome)
			if tc.outcome == mergerequest.AlreadyOpen {
				require.Equal(t, mergerequest.Result{Outcome: mergerequest.AlreadyOpen, URL: result.URL}, looked)
			} else {
				require.Equal(t, mergerequest.Result{Outcome: mergerequest.Missing}, looked)
			}
			require.Len(t, result.Closed, len(tc.closed))
			if tc.outcome == mergerequest.AlreadyOpen {
				require.Equal(t, fmt.Sprintf("https://gitlab.example.com/service/app/-/merge_requests/%d", tc.stays[len(tc.stays)-1]), result.URL)
			}
			stays := append([]int64(nil), tc.stays...)
			if tc.outcome == mergerequest.Opened {
				made := w.open()[len(w.open())-1]
				require.Equal(t, tc.request.Title, made.Title)
				stays = append(stays, made.IID)
			}
			var open []int64
			for _, request := range w.open() {
				open = append(open, request.IID)
			}
			require.Equal(t, stays, open)
			for _, request := range before.MergeRequests {
				now := w.state().MergeRequests[indexOf(w.state().MergeRequests, request.IID)]
				if reason := tc.closed[request.IID]; reason != "" {
					require.Equal(t, "closed", now.State)
					require.Len(t, now.Notes, 1)
					require.Contains(t, now.Notes[0].Body, reason)
					require.NotContains(t, w.state().Branches, request.SourceBranch)
				} else {
					require.Equal(t, request, now, "what is not closed is left as it is")
					if request.SourceProject == "" {
						require.Contains(t, w.state().Branches, request.SourceBranch)
					}
				}
			}
			again, err := w.direct.Ensure(applying(t), tc.request)
			require.NoError(t, err)
			require.Equal(t, mergerequest.AlreadyOpen, again.Outcome)
			require.Empty(t, again.Closed)
		})
	}
}

func indexOf(requests []gitlab.MergeRequest, iid int64) int {
	for i, request := range requests {
		if request.IID == iid {
			return i
		}
	}
	return -1
}

func TestARequestThatChangesTheFileIsTheSame(t *testing.T) {
	request := plain()
	request.Kind, request.Touches = &mergerequest.Kind{Label: "aws-account-manager"}, "/data/new.yml"
	for name, tc := range map[string]struct {
		labels, file string
		outcome      mergerequest.Outcome
	}{
		"with the label and the file":    {"aws-account-manager", "data/new.yml", mergerequest.AlreadyOpen},
		"with the label, another file":   {"aws-account-manager", "data/other.yml", mergerequest.Opened},
		"with the file, another's label": {"other", "data/new.yml", mergerequest.Opened},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, with([]string{`topic: {files: {data/a.yml: "version: 1\n", data/gone.yml: "x: 1\n", ` + tc.file + `: "1"}}`},
				"{iid: 5, title: Named otherwise, labels: ["+tc.labels+"], sourceBranch: topic, targetBranch: master}"), everything)
			result, err := w.direct.Ensure(applying(t), request)
			require.NoError(t, err)
			require.Equal(t, tc.outcome, result.Outcome)
			require.Empty(t, w.state().MergeRequests[0].State, "it stays open")
			if tc.outcome == mergerequest.Opened {
				require.Equal(t, []string{"aws-account-manager", "bot/automerge"}, w.open()[1].Labels)
			}
		})
	}
}

func TestNothingIsLeftToDo(t *testing.T) {
	done := plain()
	done.Files = []mergerequest.FileChange{
		mergerequest.UpdateFile("data/a.yml", []byte("version: 1\n")), mergerequest.DeleteFile("data/none.yml"),
		mergerequest.CreateFile("data/gone.yml", []byte("x: 1\n")),
	}
	elsewhere := plain()
	elsewhere.Unless = []string{"data/none.yml", "/data/a.yml"}
	for name, request := range map[string]mergerequest.Request{"all files are as they should be": done, "a file says that it was done": elsewhere} {
		t.Run(name, func(t *testing.T) {
			w := start(t, bare, everything)
			before := w.Dump()
			require.Equal(t, mergerequest.Result{Outcome: mergerequest.NothingToDo}, w.look(t, request))
			result, err := w.direct.Ensure(applying(t), request)
			require.NoError(t, err)
			require.Equal(t, mergerequest.Result{Outcome: mergerequest.NothingToDo}, result)
			require.Equal(t, before, w.Dump())
			require.Empty(t, w.faults.Writes())
		})
	}
}

func TestABranchThatAnAttemptLeft(t *testing.T) {
	w := start(t, bare, everything)
	_, err := w.direct.Ensure(applying(t), plain())
	require.NoError(t, err)
	leftover := w.branches()[0]
	left := leftover + `: {files: {half: "done"}}`

	t.Run("is made anew", func(t *testing.T) {
		w := start(t, with([]string{left}), everything)
		result, err := w.direct.Ensure(applying(t), plain())
		require.NoError(t, err)
		require.Equal(t, mergerequest.Opened, result.Outcome)
		require.Equal(t, []string{leftover}, w.branches())
		require.Equal(t, map[string]string{"data/a.yml": "version: 1\n", "data/new.yml": "new\n"}, w.state().Branches[leftover].Files)
	})
	t.Run("is deleted where nothing is left to do", func(t *testing.T) {
		w := start(t, with([]string{left}), everything)
		request := plain()
		request.Unless = []string{"data/a.yml"}
		result, err := w.direct.Ensure(applying(t), request)
		require.NoError(t, err)
		require.Equal(t, mergerequest.NothingToDo, result.Outcome)
		require.Empty(t, w.branches())
	})
	t.Run("is deleted where the reference opened the request", func(t *testing.T) {
		w := start(t, with([]string{left, `topic: {files: {x: "1"}}`}, "{iid: 5, title: "+quoted(plain().Title)+", sourceBranch: topic, targetBranch: master}"), everything)
		result, err := w.direct.Ensure(applying(t), plain())
		require.NoError(t, err)
		require.Equal(t, mergerequest.AlreadyOpen, result.Outcome)
		require.Equal(t, []string{"topic"}, w.branches())
	})
	t.Run("stays where a request that a person renamed comes from it", func(t *testing.T) {
		w := start(t, with([]string{left}, "{iid: 5, title: Renamed, sourceBranch: "+leftover+", targetBranch: master}"), everything)
		before := w.Dump()
		result, err := w.direct.Ensure(applying(t), plain())
		require.NoError(t, err)
		require.Equal(t, mergerequest.AlreadyOpen, result.Outcome)
		require.Equal(t, before, w.Dump())
	})
	t.Run("is told from a fork's branch of the name", func(t *testing.T) {
		fork := strings.Replace(with([]string{left}, "{iid: 5, title: Foreign, sourceProject: fork/app, sourceBranch: "+leftover+", targetBranch: master}"),
			"branches: {topic:", "branches: {"+leftover+":", 1)
		w := start(t, fork, everything)
		result, err := w.direct.Ensure(applying(t), plain())
		require.NoError(t, err)
		require.Equal(t, mergerequest.Opened, result.Outcome)
		require.Len(t, w.open(), 2)

		w = start(t, fork, everything)
		request := plain()
		request.Unless = []string{"data/a.yml"}
		_, err = w.direct.Ensure(applying(t), request)
		require.NoError(t, err)
		require.Empty(t, w.branches())
		require.Len(t, w.open(), 1)
	})
}

func TestWhatIsNotAllowedIsWithheld(t *testing.T) {
	outdated := with([]string{`AVS-0a1b2c: {files: {x: "1"}}`},
		"{iid: 5, title: T, labels: [AVS], description: "+quoted(referenceDescription("1"))+", sourceBranch: AVS-0a1b2c, targetBranch: master}")
	for _, tc := range []struct {
		name    string
		estate  string
		allow   mergerequest.Allow
		outcome mergerequest.Outcome
		open    int
	}{
		{"nothing is opened without leave", bare, mergerequest.Allow{Closing: true}, mergerequest.Withheld, 0},
		{"nothing is closed without leave, and no second one opened", outdated, mergerequest.Allow{Opening: true}, mergerequest.Withheld, 1},
		{"what is out of date is closed also where nothing may be opened", outdated, mergerequest.Allow{Closing: true}, mergerequest.Withheld, 0},
		{"neither is touched without any leave", outdated, mergerequest.Allow{}, mergerequest.Withheld, 1},
		{"a leave for both replaces", outdated, everything, mergerequest.Opened, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t, tc.estate, tc.allow)
			result, err := w.direct.Ensure(applying(t), managed("2"))
			require.NoError(t, err)
			require.Equal(t, tc.outcome, result.Outcome)
			require.Len(t, w.open(), tc.open)
		})
	}
}

func TestWhatCannotBeDoneLeavesAllAsItWas(t *testing.T) {
	const outdated = "{iid: 5, title: T, labels: [AVS], sourceBranch: topic, targetBranch: master, description: "
	files := func(changes ...mergerequest.FileChange) mergerequest.Request {
		request := managed("2")
		request.Files = changes
		return request
	}
	noField, twoLines, unknown, badType, noTitle := managed("2"), managed("2"), managed("2"), managed("2"), managed("2")
	noField.Data = map[string]string{"provider": "aws"}
	twoLines.Data["resource_engine"] = "a\nb"
	unknown.Data["colour"] = "red"
	badType.Type = "a b"
	noTitle.Title = " "
	longTitle, noLabel := managed("2"), managed("2")
	longTitle.Title = strings.Repeat("ü", 256)
	noLabel.Kind = &mergerequest.Kind{}
	noLabel.Data = nil
	for _, tc := range []struct {
		name    string
		request mergerequest.Request
		kind    apierr.Kind
		says    string
	}{
		{"a file that is there with another content is not created", files(mergerequest.CreateFile("data/a.yml", []byte("x"))), apierr.Invalid, "data/a.yml exists with another content"},
		{"a file that is not there is not changed", files(mergerequest.UpdateFile("data/none.yml", nil)), apierr.Missing, "data/none.yml is not there"},
		{"an edit that fails", files(mergerequest.EditFile("data/a.yml", func([]byte) ([]byte, error) { return nil, apierr.New(apierr.Invalid, errors.New("no such resource")) })), apierr.Invalid, "no such resource"},
		{"data without a field", noField, apierr.Invalid, "needs resource_identifier"},
		{"data on two lines", twoLines, apierr.Invalid, "needs resource_engine, on one line"},
		{"data with an unknown field", unknown, apierr.Invalid, `kind AVS has no field "colour"`},
		{"a type that no branch can begin with", badType, apierr.Invalid, `"a b" is no type`},
		{"a title that is too long", longTitle, apierr.Invalid, "longer than the 255 characters"},
		{"a kind without a label", noLabel, apierr.Invalid, "its kind has no label"},
		{"no title", noTitle, apierr.Invalid, "has no title"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t, with([]string{`topic: {files: {x: "1"}}`}, outdated+quoted(referenceDescription("1"))+"}"), everything)
			before := w.Dump()
			_, err := w.direct.Ensure(applying(t), tc.request)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, "merge request ")
			require.ErrorContains(t, err, tc.says)
			_, err = w.direct.Look(t.Context(), tc.request)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, "merge request ")
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, before, w.Dump())
			require.Empty(t, w.faults.Writes())
		})
	}
}

func TestARefusedRequestLeavesNoBranch(t *testing.T) {
	w := start(t, bare, everything)
	w.faults.FailNext(fault.Call{Method: http.MethodPost, Path: "/api/v4/projects/7/merge_requests"}, fault.Failure{Status: http.StatusForbidden})
	before := w.Dump()
	_, err := w.direct.Ensure(applying(t), plain())
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.Zero(t, w.faults.Waiting())
	require.Equal(t, before, w.Dump())
}

func TestChangesOfOneFileBuildOnEachOther(t *testing.T) {
	w := start(t, bare, everything)
	request := plain()
	more := func(text string) mergerequest.FileChange {
		return mergerequest.EditFile("data/a.yml", func(current []byte) ([]byte, error) { return append(append([]byte{}, current...), text...), nil })
	}
	request.Files = []mergerequest.FileChange{
		more("one\n"), more("two\n"), mergerequest.DeleteFile("data/gone.yml"), mergerequest.CreateFile("data/gone.yml", []byte("again\n")),
		mergerequest.CreateFile("data/new.yml", []byte("new\n")), mergerequest.DeleteFile("data/new.yml"),
	}
	_, err := w.direct.Ensure(applying(t), request)
	require.NoError(t, err)
	require.Equal(t, gitlab.Branch{
		Files: map[string]string{"data/a.yml": "version: 1\none\ntwo\n", "data/gone.yml": "again\n"}, Commits: []string{request.Title},
	}, w.state().Branches[w.branches()[0]])
}

func TestNoWriteOutsideApply(t *testing.T) {
	w := start(t, with([]string{`topic: {files: {x: "1"}}`},
		"{iid: 5, title: T, labels: [AVS], sourceBranch: topic, targetBranch: master, description: rewritten}"), everything)
	before := w.Dump()
	_, ensured := w.direct.Ensure(t.Context(), managed("2"))
	_, tidied := w.direct.Tidy(t.Context(), versions)
	for _, err := range []error{ensured, tidied} {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
	require.Equal(t, before, w.Dump())
	require.Empty(t, w.faults.Writes())
}
