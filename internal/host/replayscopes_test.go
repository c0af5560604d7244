package host_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/host"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/workflows"
)

// The workflow of a long-running scope outlives deployments. Its histories stand in a folder for each version of it, of
// which only the latest is ever recorded anew.

// scopeRecordings is the folder of a version.
func scopeRecordings(version any) string {
	return filepath.Join(recordings, fmt.Sprintf("scope-v%v", version))
}

// episode is what happens to the scope of a long-running integration.
type episode struct {
	tasks []task
	// play ends when the scope's workflow has. What it keeps of the runs that begin and join it is in runs, by name.
	play func(t *testing.T, i installation, r *orders, keep func(run string))
	runs []string
	// deadline of what waits for a person; zero is the usual one.
	deadline time.Duration
}

// options are those that decide what the workflow does.
func (e episode) options() host.Options {
	return host.Options{FirstRetry: time.Millisecond, ApprovalDeadline: e.deadline}
}

func episodes() map[string]episode {
	const waits = "the bank takes a while"
	pay, call, send := task{Name: "pay"}, task{Name: "call"}, task{Name: "send", Order: 1}
	end := func(t *testing.T, i installation) {
		t.Helper()
		_, err := i.ended(t)
		require.NoError(t, err)
	}
	return map[string]episode{
		"soon-done": {
			tasks: []task{pay, send}, runs: []string{"run"},
			play: func(t *testing.T, i installation, r *orders, keep func(string)) {
				looks := 0
				r.stands["pay"] = func(bool) (plan.Stand, error) {
					if looks++; looks < 3 {
						return plan.Waiting(waits), nil
					}
					return plan.Done(), nil
				}
				_, err := i.run(t)
				require.NoError(t, err)
				keep("run")
				end(t, i)
			},
		},
		"joined": {
			tasks: []task{pay, call, send}, runs: []string{"begins", "joins"},
			play: func(t *testing.T, i installation, r *orders, keep func(string)) {
				r.say("pay", plan.Waiting(waits), nil)
				_, err := i.run(t)
				require.NoError(t, err)
				keep("begins")
				r.say("pay", plan.Done(), nil)
				_, err = i.run(t)
				require.NoError(t, err)
				keep("joins")
				end(t, i)
			},
		},
		"changed": {
			tasks: []task{pay, call}, runs: []string{"fails"},
			play: func(t *testing.T, i installation, r *orders, keep func(string)) {
				r.say("pay", plan.Waiting(waits), nil)
				r.say("call", plan.Waiting("nobody answers"), nil)
				_, err := i.run(t)
				require.NoError(t, err)
				r.want(apierr.Errorf(apierr.Invalid, "the order cannot be read"))
				_, err = i.run(t)
				require.Error(t, err)
				keep("fails")
				r.want(nil, call, task{Name: "write"})
				r.say("call", plan.Done(), nil)
				_, err = i.run(t)
				require.NoError(t, err)
				end(t, i)
			},
		},
		"retried": {
			tasks: []task{pay, call, send}, runs: []string{"run"},
			play: func(t *testing.T, i installation, r *orders, keep func(string)) {
				r.stands["pay"] = func(afresh bool) (plan.Stand, error) {
					if afresh {
						return plan.Done(), nil
					}
					return plan.Blocked("the card has expired: get another one"), nil
				}
				_, err := i.run(t)
				require.Error(t, err)
				keep("run")
				_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "send"})
				require.ErrorContains(t, err, "waits for pay")
				_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "pay", By: "dana"})
				require.NoError(t, err)
				end(t, i)
			},
		},
		"skipped": {
			tasks: []task{pay, call, send},
			play: func(t *testing.T, i installation, r *orders, _ func(string)) {
				r.say("pay", plan.Blocked("get another card"), nil)
				r.say("call", plan.Blocked("nobody answers"), nil)
				_, err := i.run(t)
				require.Error(t, err)
				_, err = i.update(t, workflows.SkipStepMessage, workflows.StepDecision{Step: "pay", Reason: "it is a present"})
				require.ErrorContains(t, err, "is not delivered")
				_, err = i.update(t, workflows.SkipStepMessage, workflows.StepDecision{Step: "call", By: "dana", Reason: "they wrote"})
				require.NoError(t, err)
				r.say("pay", plan.Done(), nil)
				_, err = i.update(t, workflows.RetryStepMessage, workflows.StepDecision{Step: "pay", By: "dana"})
				require.NoError(t, err)
				end(t, i)
			},
		},
		"failed": {
			tasks: []task{pay, call, send}, runs: []string{"run"},
			play: func(t *testing.T, i installation, r *orders, keep func(string)) {
				r.say("pay", plan.Stand{}, apierr.Errorf(apierr.Denied, "the bank does not know us"))
				_, err := i.run(t)
				require.Error(t, err)
				keep("run")
				_, err = i.ended(t)
				require.ErrorContains(t, err, "the bank does not know us")
			},
		},
		"cancelled": {
			tasks: []task{pay, send},
			play: func(t *testing.T, i installation, r *orders, _ func(string)) {
				r.say("pay", plan.Waiting(waits), nil)
				_, err := i.run(t)
				require.NoError(t, err)
				require.NoError(t, i.SignalWorkflow(t.Context(), scopeID, "", workflows.CancelMessage, workflows.Decision{By: "dana", Comment: "wrong shop"}))
				_, err = i.ended(t)
				require.ErrorContains(t, err, "cancelled by dana: wrong shop")
			},
		},
		"expired": {
			tasks: []task{pay, call}, deadline: 2 * time.Second,
			play: func(t *testing.T, i installation, r *orders, _ func(string)) {
				r.say("pay", plan.Blocked("get another card"), nil)
				_, err := i.run(t)
				require.Error(t, err)
				_, err = i.ended(t)
				require.ErrorContains(t, err, "nothing came of it since")
			},
		},
		"continued": {
			play: func(t *testing.T, i installation, r *orders, _ func(string)) {
				r.tasks = []task{call, send}
				_, err := i.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: scopeID, TaskQueue: name}, name, workflows.Input{
					Scope:   &workflows.ScopeInput{Scope: plan.Scope{Integration: name, Name: "acme"}, Searchable: true},
					Carried: []workflows.Step{carried(t, call, workflows.StepWaiting), carried(t, send, workflows.StepPending)},
				})
				require.NoError(t, err)
				end(t, i)
				require.Equal(t, 1, r.looked("call"))
				require.Equal(t, 1, r.looked("send"))
			},
		},
	}
}

// carried is a step as it stands in the input of a workflow that goes on in a new history.
func carried(t *testing.T, of task, state workflows.StepState) workflows.Step {
	t.Helper()
	text, err := json.Marshal(of)
	require.NoError(t, err)
	item := json.RawMessage(text)
	step := workflows.Step{
		Change:       plan.Raw{Head: plan.Head{Action: plan.Create, Key: of.Name, Summary: "create " + of.Name, Wave: of.Order}, Desired: &item},
		StepProgress: workflows.StepProgress{Key: of.Name, Summary: "create " + of.Name, State: state, Since: time.Now().Truncate(time.Second)},
		Wake:         state == workflows.StepPending,
	}
	if state == workflows.StepWaiting {
		step.Words, step.Tries, step.Pause, step.Next = "nobody answers", 3, time.Millisecond, &step.Since
	}
	return step
}

// want is what is ordered from now on, or why that cannot be read.
func (r *orders) want(broken error, tasks ...task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks, r.broken = tasks, broken
}

// record plays the episode on a server. It returns the history of the scope, and those of the runs by name.
func (e episode) record(t *testing.T) (scope *history.History, runs map[string]*history.History) {
	t.Helper()
	r := newOrders(e.tasks...)
	i := install(t, r, "", func(o *host.Options) {
		set := e.options()
		o.FirstRetry, o.ApprovalDeadline = set.FirstRetry, set.ApprovalDeadline
	})
	latest := func(id string) *history.History {
		h := &history.History{Events: i.history(t, id)}
		anonymise(h)
		return h
	}
	runs = map[string]*history.History{}
	e.play(t, i, r, func(run string) { runs[run] = latest(name) })
	require.Len(t, runs, len(e.runs))
	require.Zero(t, i.objects(t), "a replay has no store of payloads")
	return latest(scopeID), runs
}

// recordEpisodes writes the histories of all episodes: those of the scopes to the folder of their version, whose other
// versions stay.
func recordEpisodes(t *testing.T) {
	t.Helper()
	scopes := map[string]*history.History{}
	for name, e := range episodes() {
		t.Run("record "+name, func(t *testing.T) {
			scope, runs := e.record(t)
			scopes[name] = scope
			for run, h := range runs {
				write(t, filepath.Join(recordings, name+"-"+run+".json.gz"), h)
			}
		})
	}
	require.Len(t, scopes, len(episodes()), "not all episodes could be recorded")
	folder := scopeRecordings(version(t, scopes))
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for name, h := range scopes {
		write(t, filepath.Join(folder, name+".json.gz"), h)
	}
}

// version is that of the workflow with which histories were recorded: 1, and 1 more for each version of each change that
// it tells apart by workflow.GetVersion.
func version(t *testing.T, recorded map[string]*history.History) int {
	t.Helper()
	payloads := pipeline(t)
	changes := map[string]int{}
	for _, h := range recorded {
		for _, event := range h.GetEvents() {
			marker := event.GetMarkerRecordedEventAttributes()
			if marker.GetMarkerName() != "Version" {
				continue
			}
			var change string
			var to int
			require.NoError(t, payloads.Converter.FromPayloads(marker.GetDetails()["change-id"], &change))
			require.NoError(t, payloads.Converter.FromPayloads(marker.GetDetails()["version"], &to))
			changes[change] = max(changes[change], to)
		}
	}
	latest := 1
	for _, to := range changes {
		latest += to
	}
	return latest
}

func TestScopesOfEachVersionReplay(t *testing.T) {
	folders, err := filepath.Glob(scopeRecordings("*"))
	require.NoError(t, err)
	require.NotEmpty(t, folders, "record them with make histories")
	known := episodes()
	for n := 1; n <= len(folders); n++ {
		files, err := filepath.Glob(filepath.Join(scopeRecordings(n), "*.json.gz"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "the histories of version %d have to stay", n)
		recorded := map[string]*history.History{}
		for _, file := range files {
			recorded[strings.TrimSuffix(filepath.Base(file), ".json.gz")] = read(t, file)
		}
		require.Equal(t, n, version(t, recorded), "version of the histories in %s", scopeRecordings(n))
		if n == len(folders) {
			require.Len(t, recorded, len(known), "record them with make histories")
		}
		for name, h := range recorded {
			t.Run(fmt.Sprintf("version %d/%s", n, name), func(t *testing.T) {
				require.Contains(t, known, name, "the episode of a history has to stay")
				err := replay(t, h, newOrders(), known[name].options())
				require.NoError(t, err, "a change of the workflow of a scope needs workflow.GetVersion")
			})
		}
	}
}

func TestAReplayFindsAnotherWorkflowOfAScope(t *testing.T) {
	for name, e := range episodes() {
		t.Run(name, func(t *testing.T) {
			h := read(t, filepath.Join(scopeRecordings(1), name+".json.gz"))
			for _, event := range h.GetEvents() {
				if scheduled := event.GetActivityTaskScheduledEventAttributes(); strings.HasSuffix(scheduled.GetActivityType().GetName(), "/advance") {
					scheduled.ActivityType.Name = "test-widgets/carry-on"
				}
			}
			require.ErrorContains(t, replay(t, h, newOrders(), e.options()), "nondetermin")
		})
	}
}
