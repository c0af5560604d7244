package temporalapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/schedule/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// world is a Temporal without schedules, whose payloads are encrypted.
type world struct {
	*temporalapi.Client
	sdk *connect.Connection
	// write is a context that may.
	write context.Context
}

func start(t *testing.T) world {
	t.Helper()
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	server := serverstest.OwnTemporal(t)
	c := leaktest.New(t).Connect(t, connect.Options{Address: server.HostPort, Payloads: payload.Options{Store: payload.Folder(t.TempDir()), Keys: "env:KEYS_OF_TEST"}})
	return world{
		temporalapi.New(temporalapi.Config{Service: c.WorkflowService(), Namespace: c.Namespace, Identity: "tester", Converter: c.Payloads.Converter}),
		c, readonly.Grant(t.Context()),
	}
}

// widgets is a schedule that does not start anything soon.
func widgets() temporalapi.Schedule {
	return temporalapi.Schedule{
		ID: "widgets-prod-1", Integration: "widgets", Shard: "prod-1", Digest: "d1", Every: 240 * time.Hour, Offset: 3 * time.Second,
		Jitter: 2 * time.Second, CatchUp: time.Hour,
		Workflow: temporalapi.Workflow{ID: "scheduled/widgets-prod-1", Type: "scheduled", Queue: "widgets", Input: json.RawMessage(`{"schedule":"widgets-prod-1"}`)},
	}
}

// calendar is every day at 08:00:07.
func calendar() []*schedule.StructuredCalendarSpec {
	at := func(from, to int32) []*schedule.Range { return []*schedule.Range{{Start: from, End: to, Step: 1}} }
	return []*schedule.StructuredCalendarSpec{{
		Second: at(7, 7), Minute: at(0, 0), Hour: at(8, 8), DayOfMonth: at(1, 31), Month: at(1, 12), DayOfWeek: at(0, 6), Comment: "0 8 * * *",
	}}
}

func TestAScheduleIsReadAsItWasMade(t *testing.T) {
	w := start(t)
	daily := widgets()
	daily.ID, daily.Every, daily.Offset, daily.Calendars = "daily", 0, 0, calendar()
	paused := widgets()
	paused.ID, paused.Paused, paused.Note = "paused", true, "paused by somebody: for a reason"
	for _, made := range []temporalapi.Schedule{daily, paused, widgets()} {
		require.NoError(t, w.CreateSchedule(w.write, made))
	}
	all, err := w.ListSchedules(t.Context(), "daily", "paused", "widgets-prod-1", "nothing")
	require.NoError(t, err)
	require.Len(t, all, 3)
	for i, made := range []temporalapi.Schedule{daily, paused, widgets()} {
		require.Empty(t, all[i].Drift, made.ID)
		require.JSONEq(t, string(made.Workflow.Input), string(all[i].Workflow.Input))
		all[i].Workflow.Input, made.Workflow.Input = nil, nil
		require.Len(t, made.Calendars, len(all[i].Calendars))
		all[i].Calendars, made.Calendars = nil, nil
		require.Equal(t, made, all[i].Schedule)
	}
	require.NotEmpty(t, all[2].Next)
}

func TestAnUpdateChangesWhatIsThere(t *testing.T) {
	w := start(t)
	require.NoError(t, w.CreateSchedule(w.write, widgets()))
	require.NoError(t, w.UpdateSchedule(w.write, "widgets-prod-1", func(is temporalapi.Schedule) (temporalapi.Schedule, error) {
		is.Every, is.Offset, is.Calendars, is.Digest = 0, 0, calendar(), "d2"
		return is, nil
	}))
	is, err := w.GetSchedule(t.Context(), "widgets-prod-1")
	require.NoError(t, err)
	require.Empty(t, is.Drift)
	require.Zero(t, is.Every)
	require.Len(t, is.Calendars, 1)
}

func TestAnUpdateTakesInWhatSomebodyElseDoesMeanwhile(t *testing.T) {
	w := start(t)
	require.NoError(t, w.CreateSchedule(w.write, widgets()))
	asked := 0
	require.NoError(t, w.UpdateSchedule(w.write, "widgets-prod-1", func(is temporalapi.Schedule) (temporalapi.Schedule, error) {
		if asked++; asked == 1 {
			require.NoError(t, w.PauseSchedule(w.write, is.ID, "meanwhile"))
		}
		is.Jitter = time.Minute
		return is, nil
	}))
	is, err := w.GetSchedule(t.Context(), "widgets-prod-1")
	require.NoError(t, err)
	require.Equal(t, 2, asked)
	require.True(t, is.Paused)
	require.Equal(t, time.Minute, is.Jitter)

	require.ErrorContains(t, w.UpdateSchedule(w.write, "widgets-prod-1", func(is temporalapi.Schedule) (temporalapi.Schedule, error) {
		asked++
		require.NoError(t, w.PauseSchedule(w.write, is.ID, fmt.Sprint(asked)))
		is.Jitter = time.Hour
		return is, nil
	}), "somebody else changes it at the same time")
}

func TestSteering(t *testing.T) {
	w := start(t)
	require.NoError(t, w.CreateSchedule(w.write, widgets()))
	get := func() *temporalapi.Live {
		is, err := w.GetSchedule(t.Context(), "widgets-prod-1")
		require.NoError(t, err)
		return is
	}
	require.NoError(t, w.PauseSchedule(w.write, "widgets-prod-1", "why"))
	require.True(t, get().Paused)
	require.Equal(t, "why", get().Note)
	require.NoError(t, w.ResumeSchedule(w.write, "widgets-prod-1", "because"))
	require.False(t, get().Paused)
	require.NoError(t, w.TriggerSchedule(w.write, "widgets-prod-1"))
	require.Eventually(t, func() bool { return get().Starts == 1 && len(get().Running) == 1 }, 20*time.Second, 20*time.Millisecond)
	require.Contains(t, get().Started, "scheduled/widgets-prod-1-")
	require.NoError(t, w.DeleteSchedule(w.write, "widgets-prod-1"))
	require.NoError(t, w.DeleteSchedule(w.write, "widgets-prod-1"))
	_, err := w.GetSchedule(t.Context(), "widgets-prod-1")
	require.True(t, apierr.Is(err, apierr.Missing), err)
}

func TestWhatSomebodyChangedIsSeen(t *testing.T) {
	w := start(t)
	require.NoError(t, w.CreateSchedule(w.write, widgets()))
	require.NoError(t, w.sdk.ScheduleClient().GetHandle(t.Context(), "widgets-prod-1").Update(t.Context(), client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			in.Description.Schedule.Policy.PauseOnFailure = true
			in.Description.Schedule.Spec.EndAt = time.Now().Add(time.Hour)
			return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
		},
	}))
	is, err := w.GetSchedule(t.Context(), "widgets-prod-1")
	require.NoError(t, err)
	require.Equal(t, []string{"times set by hand -> ours", "policies set by hand -> ours"}, is.Drift)
}

func TestAScheduleOfOthersIsLeftAlone(t *testing.T) {
	w := start(t)
	_, err := w.sdk.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: "foreign", Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 240 * time.Hour}}},
		Action: &client.ScheduleWorkflowAction{ID: "x", Workflow: "x", TaskQueue: "x"},
	})
	require.NoError(t, err)
	all, err := w.ListSchedules(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
	foreign := widgets()
	foreign.ID = "foreign"
	for what, err := range map[string]error{
		"create": w.CreateSchedule(w.write, foreign),
		"update": w.UpdateSchedule(w.write, "foreign", func(is temporalapi.Schedule) (temporalapi.Schedule, error) { return is, nil }),
		"delete": w.DeleteSchedule(w.write, "foreign"),
		"pause":  w.PauseSchedule(w.write, "foreign", "x"),
	} {
		require.True(t, apierr.Is(err, apierr.Conflict), "%s: %v", what, err)
	}
	_, err = w.ListSchedules(t.Context(), "foreign")
	require.ErrorContains(t, err, "schedule foreign is not ours")
}

func TestNothingIsWrittenOutsideApply(t *testing.T) {
	c := temporalapi.New(temporalapi.Config{})
	for what, err := range map[string]error{
		"create":  c.CreateSchedule(t.Context(), widgets()),
		"update":  c.UpdateSchedule(t.Context(), "x", nil),
		"delete":  c.DeleteSchedule(t.Context(), "x"),
		"pause":   c.PauseSchedule(t.Context(), "x", "x"),
		"resume":  c.ResumeSchedule(t.Context(), "x", "x"),
		"trigger": c.TriggerSchedule(t.Context(), "x"),
	} {
		require.True(t, apierr.Is(err, apierr.Guard), "%s: %v", what, err)
		require.ErrorContains(t, err, what+" schedule")
	}
}
