package host_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/workflows"
)

const (
	mostEvents = 20_000
	mostBytes  = 20 << 20
)

func TestAScopeOfTwentyThousandChanges(t *testing.T) {
	r := &widgets{count: 20_000, refuses: 11_111}
	i := install(t, r, "")
	result, err := i.run(t)
	require.ErrorContains(t, err, "the confidential widget is refused")
	require.Equal(t, workflows.Failed, result.Outcome)
	require.Len(t, result.Changes, 20_000)
	require.Len(t, result.Errors, 1)
	require.Len(t, r.made[""], 19_999)
	events, size := i.size(t, name)
	t.Logf("20,000 changes: %d events, %d bytes of history, %d objects", events, size, i.objects(t))
	require.Less(t, events, int64(mostEvents))
	require.Less(t, size, int64(mostBytes))
}

func TestTwoHundredScopes(t *testing.T) {
	r := &widgets{count: 60, refuses: -1}
	for n := range 200 {
		r.scopes = append(r.scopes, fmt.Sprintf("cluster-%03d", n))
	}
	i := install(t, r, "")
	began := time.Now()
	result, err := i.run(t)
	require.NoError(t, err)
	require.Equal(t, workflows.Success, result.Outcome)
	require.Len(t, result.Changes, 200*60)
	events, size := i.size(t, name)
	t.Logf("200 scopes: %s, parent %d events, %d bytes", time.Since(began).Round(time.Second), events, size)
	for _, id := range append([]string{name}, r.scopes...) {
		if id != name {
			id = name + "/" + id
		}
		events, size := i.size(t, id)
		require.Less(t, events, int64(mostEvents), id)
		require.Less(t, size, int64(mostBytes), id)
	}
}

func TestARunWithNothingToDoIsSmallHoweverLargeTheEstateIs(t *testing.T) {
	for _, tc := range []struct {
		count, objects int
	}{{10, 0}, {60, 0}, {215, 2}, {10_000, 2}} {
		for form, keys := range map[string]string{"in clear": "", "encrypted": "env:KEYS_OF_TEST"} {
			t.Run(fmt.Sprintf("%d items %s", tc.count, form), func(t *testing.T) {
				t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
				r := &widgets{count: tc.count, refuses: -1}
				i := install(t, r, keys)
				r.made[""], _ = r.Desired(t.Context(), reconcile.Scope{})
				result, err := i.run(t)
				require.NoError(t, err)
				require.Equal(t, workflows.Clean, result.Outcome)
				events, size := i.size(t, name)
				t.Logf("%d events, %d bytes of history, %d objects", events, size, i.objects(t))
				require.Less(t, events, int64(60))
				require.Less(t, size, int64(60<<10))
				require.LessOrEqual(t, i.objects(t), tc.objects, "a state is stored once, though it is passed from step to step")
			})
		}
	}
}

func TestWithKeysNothingOfAnItemCanBeRead(t *testing.T) {
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	for keys, readable := range map[string]bool{"": true, "env:KEYS_OF_TEST": false} {
		r := &widgets{count: 20, refuses: 3}
		i := install(t, r, keys)
		result, err := i.run(t)
		require.ErrorContains(t, err, "the confidential widget is refused", "who has the key reads errors")
		require.Len(t, result.Errors, 1)
		found := false
		events := i.GetWorkflowHistory(t.Context(), name, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(t, err)
			data, err := proto.Marshal(event)
			require.NoError(t, err)
			found = found || bytes.Contains(data, []byte(mark))
		}
		require.Equal(t, readable, found, "keys %q", keys)
	}
}

func TestAStoreThatTheStarterDoesNotHaveIsNamed(t *testing.T) {
	i := install(t, &widgets{count: 10_000, refuses: -1}, "")
	started, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: name, TaskQueue: name}, name, workflows.Input{DryRun: true})
	require.NoError(t, err)
	require.NoError(t, started.Get(t.Context(), nil))
	require.NotZero(t, i.objects(t))
	elsewhere := leaktest.New(t).Connect(t, connect.Options{Address: i.Address, Payloads: payload.Options{Store: payload.Folder(t.TempDir())}})
	result := workflows.Result{}
	err = elsewhere.GetWorkflow(t.Context(), name, "").Get(t.Context(), &result)
	require.ErrorContains(t, err, "every worker and starter needs the same store ("+payload.EnvStore+")")
	require.NotContains(t, err.Error(), mark)
	require.DirExists(t, i.store)
	_, err = os.Stat(filepath.Join(i.store, "default"))
	require.NoError(t, err, "objects are kept by namespace")
}
