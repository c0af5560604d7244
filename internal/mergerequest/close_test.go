package mergerequest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// unfit has a request in order, one with a conflict, one of another version, one that cannot be read, one from a fork,
// one from a protected branch, and one without the label.
func unfit() string {
	old := strings.Replace(referenceDescription("1"), "1.0.0", "0.9.0", 1)
	return with([]string{`fit: {files: {x: "1"}}`, `conflict: {files: {x: "2"}}`, `old: {files: {x: "3"}}`, `unread: {files: {x: "4"}}`, `kept: {protected: true, files: {x: "5"}}`, `topic: {files: {x: "6"}}`},
		"{iid: 1, title: fit, labels: [AVS], sourceBranch: fit, targetBranch: master, description: "+quoted(referenceDescription("1"))+"}",
		"{iid: 2, title: conflict, labels: [AVS], conflicts: true, sourceBranch: conflict, targetBranch: master, description: "+quoted(referenceDescription("2"))+"}",
		"{iid: 3, title: old, labels: [AVS], sourceBranch: old, targetBranch: master, description: "+quoted(old)+"}",
		"{iid: 4, title: unread, labels: [AVS], sourceBranch: unread, targetBranch: master, description: rewritten}",
		"{iid: 5, title: fork, labels: [AVS], sourceProject: fork/app, sourceBranch: topic, targetBranch: master, description: rewritten}",
		"{iid: 6, title: kept, labels: [AVS], sourceBranch: kept, targetBranch: master, description: rewritten}",
		"{iid: 7, title: foreign, labels: [other], conflicts: true, sourceBranch: topic, targetBranch: master, description: rewritten}",
	)
}

func TestListTellsWhatIsFit(t *testing.T) {
	w := start(t, unfit(), mergerequest.Allow{})
	fit, others, err := w.direct.List(t.Context(), versions)
	require.NoError(t, err)
	require.Len(t, fit, 1)
	require.Equal(t, int64(1), fit[0].IID)
	require.Equal(t, map[string]string{"provider": "aws", "resource_identifier": "db", "resource_engine": "postgres", "resource_engine_version": "1"}, fit[0].Data)
	reasons := map[int64]string{}
	for _, one := range others {
		reasons[one.IID] = one.Reason
	}
	require.Len(t, reasons, 5)
	for iid, reason := range map[int64]string{2: "merge conflict", 3: "another version", 4: "does not have the form", 5: "does not have the form", 6: "does not have the form"} {
		require.Contains(t, reasons[iid], reason)
	}

	fit, others, err = w.direct.List(t.Context(), mergerequest.Kind{Label: "AVS"})
	require.NoError(t, err)
	require.Len(t, fit, 5, "a kind with a label alone")
	require.Len(t, others, 1)
}

func TestTidyClosesWhatIsNotFit(t *testing.T) {
	w := start(t, unfit(), everything)
	forks := w.Dump().Instances["gitlab.example.com"].Projects["fork/app"]
	closed, err := w.direct.Tidy(applying(t), versions)
	require.NoError(t, err)
	require.Len(t, closed, 5)
	require.ElementsMatch(t, []string{"fit", "kept", "topic"}, w.branches(), "a protected branch stays, and a branch named as the fork's")
	require.Equal(t, forks, w.Dump().Instances["gitlab.example.com"].Projects["fork/app"])
	for _, request := range w.state().MergeRequests {
		if request.IID == 1 || request.IID == 7 {
			require.Empty(t, request.State)
			require.Empty(t, request.Notes)
		} else {
			require.Equal(t, "closed", request.State)
			require.Len(t, request.Notes, 1)
		}
	}
	closed, err = w.direct.Tidy(applying(t), versions)
	require.NoError(t, err)
	require.Empty(t, closed)

	w = start(t, unfit(), mergerequest.Allow{Opening: true})
	before := w.Dump()
	closed, err = w.direct.Tidy(applying(t), versions)
	require.NoError(t, err)
	require.Empty(t, closed)
	require.Equal(t, before, w.Dump())
}

func TestCloseMayBeRepeated(t *testing.T) {
	w := start(t, unfit(), everything)
	fit, _, err := w.direct.List(t.Context(), versions)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, w.direct.Close(applying(t), fit[0].MergeRequest, "Not wanted any more."))
	}
	request := w.state().MergeRequests[0]
	require.Equal(t, gitlabapi.Closed, request.State)
	require.Len(t, request.Notes, 1)
	require.NotContains(t, w.branches(), "fit")
}

func TestTheBranchOfAForkThatIsGoneIsNotOurs(t *testing.T) {
	w := start(t, with([]string{`topic: {files: {x: "1"}}`},
		"{iid: 5, title: T, labels: [AVS], sourceProject: gone/app, sourceBranch: topic, targetBranch: master, description: rewritten}"), everything)
	closed, err := w.direct.Tidy(applying(t), versions)
	require.NoError(t, err)
	require.Len(t, closed, 1)
	require.Equal(t, []string{"topic"}, w.branches())
	require.Equal(t, gitlabapi.Closed, w.state().MergeRequests[0].State)
}
