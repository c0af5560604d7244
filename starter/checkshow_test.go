package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// clearLine is what takes a line of a terminal back.
const clearLine = "\r\x1b[K"

func TestABoardIsOneLineWherePeopleWatch(t *testing.T) {
	var out bytes.Buffer
	b := newBoard(&out, true, 5)
	for _, name := range []string{"a", "b", "c", "d"} {
		b.begin(name)
	}
	b.end(&workflows.Result{Integration: "b", Outcome: workflows.Clean})
	b.say("No worker takes %s.", "a")
	b.clear()
	require.Equal(t, []string{
		"",
		"0 of 5 integrations done; running: a",
		"0 of 5 integrations done; running: a, b",
		"0 of 5 integrations done; running: a, b, c",
		"0 of 5 integrations done; running: a, b, c and 1 more",
		"1 of 5 integrations done; running: a, c, d",
		"No worker takes a.\n",
		"1 of 5 integrations done; running: a, c, d",
		"",
	}, strings.Split(out.String(), clearLine))
}

// withoutWorker are the flags that lead to a Temporal that no worker polls, and the sha of the only bundle.
func withoutWorker(t *testing.T) (flags []string, sha string) {
	t.Helper()
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	bundle, err := server.ReadFolder(fstest.MapFS{}, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	return []string{"--address", serverstest.OwnTemporal(t).HostPort, "--url", serving.URL + "/graphql"}, bundle.SHA()
}

func TestACheckEndsWithoutAWorker(t *testing.T) {
	flags, sha := withoutWorker(t)
	check := append([]string{"check", "--base", sha, "--integration", "quay-membership"}, flags...)
	t.Run("when a run takes too long", func(t *testing.T) {
		a := starter(t, append(check, "--timeout", "1s", "-o", "json")...)
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "No worker takes quay-membership")
		failed := a.report(t).Integrations[0]
		require.Equal(t, "the run did not end within 1s (--timeout)", failed.Errors[0].Message)
		require.True(t, strings.HasPrefix(failed.WorkflowID, "quay-membership/dry-run/"), failed.WorkflowID)
	})
	t.Run("when it is interrupted", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		a := starterSaying(ctx, t, func(said string) {
			if strings.Contains(said, "No worker takes") {
				interrupt()
			}
		}, check...)
		require.Equal(t, exitDetached, a.code)
		require.Contains(t, a.stderr, "Detached; the runs that have begun go on.")
		require.Empty(t, a.stdout)
	})
	t.Run("when there is nothing to run", func(t *testing.T) {
		a := starter(t, append([]string{"check", "--base", sha, "--detailed-exitcode"}, flags...)...)
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Contains(t, a.stdout, "app-interface has no datafile for it")
		require.Contains(t, a.stdout, "skipped: 0 of 0 integrations ran, nothing to change")
	})
}
