package appinterface_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

func TestAllWhoAskTheSameShareOneAnswer(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) { reply(w, `{"teams": ["a", "b"]}`) }}
	client := f.client(appinterface.Config{})
	first, err := ask(t.Context(), client.For("quay-membership", sha, false), "Teams")
	require.NoError(t, err)
	second, err := ask(t.Context(), client.For("quay-repos", sha, false), "Teams")
	require.NoError(t, err)
	require.Same(t, &first.Teams[0], &second.Teams[0], "the answer is decoded once")

	unpinned, err := ask(t.Context(), client.For("quay-membership", "", false), "Teams")
	require.NoError(t, err)
	require.NotSame(t, &first.Teams[0], &unpinned.Teams[0])
}

func TestWhoChangesASharedAnswerIsFound(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) { reply(w, `{"teams": ["a", "b"]}`) }}
	client := f.client(appinterface.Config{Frozen: true})
	session := client.For("quay-membership", sha, false)
	for range 2 {
		got, err := ask(t.Context(), session, "Teams")
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, got.Teams)
	}
	got, err := ask(t.Context(), session, "Teams")
	require.NoError(t, err)
	got.Teams[0] = "z"
	_, err = ask(t.Context(), session, "Teams")
	require.ErrorContains(t, err, "query Teams: its answer is shared by all who ask, and somebody has changed it")
}
