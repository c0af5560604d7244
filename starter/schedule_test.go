package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

// scheduleWorld is a fresh Temporal, and an app-interface with a datafile for each integration.
type scheduleWorld struct {
	app        *server.Server
	files      fstest.MapFS
	flags      []string
	registered []string
}

func newScheduleWorld(t *testing.T) *scheduleWorld {
	t.Helper()
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	w := &scheduleWorld{files: fstest.MapFS{}, registered: registry.Names()}
	w.app, err = server.New(server.Options{})
	require.NoError(t, err)
	for name, text := range map[string]string{
		"prod-1.yml":  "$schema: /openshift/cluster-1.yml\nname: prod-1\nserverUrl: ''\nauth: []\n",
		"stage-1.yml": "$schema: /openshift/cluster-1.yml\nname: stage-1\nserverUrl: ''\nauth: []\n",
		"prod.yml":    "$schema: /app-sre/environment-1.yml\nname: prod\ndescription: d\nlabels: {}\n",
		"app.yml":     "$schema: /app-sre/app-1.yml\nname: a\ndescription: d\nonboardingStatus: o\n",
		"ns.yml":      "$schema: /openshift/namespace-1.yml\nname: qontract\ndescription: d\ncluster: {$ref: /prod-1.yml}\napp: {$ref: /app.yml}\nenvironment: {$ref: /prod.yml}\n",
	} {
		w.files["data/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, name := range w.registered {
		w.datafile(name, "")
	}
	w.load(t)
	serving := httptest.NewServer(w.app.Handler())
	t.Cleanup(serving.Close)
	t.Setenv(payload.EnvStore, payload.Folder(t.TempDir()))
	t.Setenv(payload.EnvKeys, "env:KEYS_OF_TEST")
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	t.Chdir(t.TempDir())
	w.flags = []string{"--url", serving.URL + "/graphql", "--address", serverstest.OwnTemporal(t).HostPort}
	return w
}

// datafile writes an integration's datafile with further lines.
func (w *scheduleWorld) datafile(name, more string) {
	w.files["data/integrations/"+name+".yml"] = &fstest.MapFile{Data: []byte(
		"$schema: /app-sre/integration-1.yml\nname: " + name + "\ndescription: d\nschemas: []\n" + more)}
}

// managed writes a datafile that runs the integration in the namespace.
func (w *scheduleWorld) managed(name, spec, sharding string) {
	more := "managed:\n- namespace: {$ref: /ns.yml}\n  spec: {" + spec + "}\n"
	if sharding != "" {
		more += "  sharding: {" + sharding + "}\n"
	}
	w.datafile(name, more)
}

func (w *scheduleWorld) load(t *testing.T) {
	t.Helper()
	bundle, err := server.ReadFolder(w.files, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	w.app.Load(bundle)
}

// wishes runs apply or diff.
func (w *scheduleWorld) wishes(t *testing.T, args ...string) answer {
	t.Helper()
	return starter(t, append(append([]string{"schedule"}, args...), w.flags...)...)
}

// steer runs a command that needs no app-interface.
func (w *scheduleWorld) steer(t *testing.T, args ...string) answer {
	t.Helper()
	return starter(t, append(append([]string{"schedule"}, args...), w.flags[2:]...)...)
}

// list is what `schedule list` says, by ID.
func (w *scheduleWorld) list(t *testing.T) map[string]shownSchedule {
	t.Helper()
	a := w.steer(t, "list", "-o", "json")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	var all []shownSchedule
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &all))
	byID := map[string]shownSchedule{}
	for _, one := range all {
		byID[one.ID] = one
	}
	return byID
}

func TestSchedulesFollowAppInterface(t *testing.T) {
	w := newScheduleWorld(t)
	t.Run("a dry run on a fresh Temporal makes nothing", func(t *testing.T) {
		a := w.wishes(t, "apply", "--dry-run", "--detailed-exitcode")
		require.Equal(t, exitChanges, a.code, a.stderr)
		require.Contains(t, a.stdout, "create schedule quay-membership: every 10m\n")
		require.Empty(t, w.list(t))
	})
	t.Run("an apply makes every schedule", func(t *testing.T) {
		a := w.wishes(t, "apply")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		for _, name := range w.registered {
			require.Contains(t, a.stdout, "create schedule "+name+": ")
		}
		all := w.list(t)
		require.Len(t, all, len(w.registered))
		next := map[time.Time]int{}
		for _, one := range all {
			require.NotNil(t, one.Next, one.ID)
			next[*one.Next]++
		}
		require.Greater(t, len(next), 1, "they do not start together")
	})
	t.Run("a second apply has nothing to do", func(t *testing.T) {
		a := w.wishes(t, "apply", "--detailed-exitcode")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Equal(t, "nothing to do; "+plural(len(w.registered), "schedule")+" as wanted, 0 left out\n", a.stdout)
	})
	t.Run("a change of a datafile is one line", func(t *testing.T) {
		w.managed("quay-membership", "sleepDurationSecs: '300'", "")
		w.load(t)
		a := w.wishes(t, "diff", "--detailed-exitcode")
		require.Equal(t, exitChanges, a.code, a.stderr)
		require.Equal(t, "update schedule quay-membership: every 10m -> every 5m\n0 to create, 1 to update, 0 to delete; "+
			plural(len(w.registered)-1, "schedule")+" as wanted, 0 left out\n", a.stdout)
		require.Equal(t, exitSuccess, w.wishes(t, "apply").code)
		require.Equal(t, "every 5m", w.list(t)["quay-membership"].Timing)
		require.Contains(t, w.wishes(t, "diff").stdout, "nothing to do")
	})
	t.Run("shards have schedules of their own, and what they replace goes", func(t *testing.T) {
		w.managed("openshift-namespaces", "extraArgs: --thread-pool-size 5", "strategy: per-openshift-cluster")
		w.load(t)
		a := w.wishes(t, "apply")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Equal(t, []string{
			"delete schedule openshift-namespaces: its integration no longer has this shard",
			"create schedule openshift-namespaces-prod-1: every 10m; --cluster-name=prod-1 --thread-pool-size=5",
			"create schedule openshift-namespaces-stage-1: every 10m; --cluster-name=stage-1 --thread-pool-size=5",
		}, strings.Split(a.stdout, "\n")[:3])
		all := w.list(t)
		require.NotContains(t, all, "openshift-namespaces")
		require.Equal(t, "stage-1", all["openshift-namespaces-stage-1"].Shard)
		require.Equal(t, "openshift-namespaces", all["openshift-namespaces-stage-1"].Queue)
	})
	t.Run("a mistake in one datafile leaves its schedules and applies the others", func(t *testing.T) {
		w.managed("openshift-namespaces", "extraArgs: --thread-pool 5", "strategy: per-openshift-cluster")
		w.managed("quay-membership", "cron: 0 8 * * *", "")
		w.load(t)
		a := w.wishes(t, "apply")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "correct the datafile /integrations/openshift-namespaces.yml of openshift-namespaces: extraArgs: openshift-namespaces has no flag --thread-pool")
		require.Contains(t, a.stdout, "schedule openshift-namespaces-prod-1 stays as it is")
		require.Contains(t, a.stdout, `update schedule quay-membership: every 5m -> cron "0 8 * * *"`)
		require.Contains(t, w.list(t), "openshift-namespaces-prod-1")
		require.Equal(t, 8, w.list(t)["quay-membership"].Next.UTC().Hour())
	})
	t.Run("an integration that goes to another upstream loses its schedule", func(t *testing.T) {
		w.datafile("quay-membership", "upstream: https://example.com/other\n")
		w.datafile("openshift-namespaces", "")
		w.load(t)
		a := w.wishes(t, "diff", "-o", "json")
		var report scheduleReport
		require.NoError(t, json.Unmarshal([]byte(a.stdout), &report))
		require.Contains(t, report.Changes, changedSchedule{
			Action: "delete", Schedule: "quay-membership", Differences: []string{"its upstream is https://example.com/other"}, Outcome: "planned",
		})
		require.Len(t, report.LeftOut, 1)
		require.Equal(t, exitSuccess, w.wishes(t, "apply").code)
		require.NotContains(t, w.list(t), "quay-membership")
		require.Contains(t, w.steer(t, "list").stdout, "no schedule")
	})
}

func TestPeopleSteerSchedules(t *testing.T) {
	w := newScheduleWorld(t)
	require.Equal(t, exitSuccess, w.wishes(t, "apply").code)
	t.Run("a pause says who and why", func(t *testing.T) {
		a := w.steer(t, "pause", "openshift-*", "quay-membership", "--reason", "prod-1 is rebuilt", "--by", "ann")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Contains(t, a.stdout, "openshift-namespaces: paused\n")
		for id, one := range w.list(t) {
			if !strings.HasPrefix(id, "openshift-") && id != "quay-membership" {
				require.Nil(t, one.Pause, id)
				continue
			}
			require.NotNil(t, one.Pause, id)
			require.Equal(t, "ann: prod-1 is rebuilt", one.Pause.String())
			require.Nil(t, one.Next)
		}
		require.Contains(t, w.steer(t, "list").stdout, "paused: ann: prod-1 is rebuilt")
		require.Contains(t, w.steer(t, "pause", "quay-membership", "--reason", "x").stdout, "is paused already: ann: prod-1 is rebuilt")
	})
	t.Run("an apply keeps it, also where it changes the schedule", func(t *testing.T) {
		w.managed("quay-membership", "sleepDurationSecs: '300'", "")
		w.load(t)
		require.Equal(t, exitSuccess, w.wishes(t, "apply").code)
		is := w.list(t)["quay-membership"]
		require.Equal(t, "every 5m", is.Timing)
		require.NotNil(t, is.Pause)
		require.Equal(t, "ann", is.Pause.By)
	})
	t.Run("a paused schedule can be triggered, and not twice at a time", func(t *testing.T) {
		require.Equal(t, "quay-membership: triggered\n", w.steer(t, "trigger", "quay-membership").stdout)
		require.Eventually(t, func() bool { return len(w.list(t)["quay-membership"].Running) == 1 }, 20*time.Second, 50*time.Millisecond)
		require.Contains(t, w.steer(t, "trigger", "quay-membership").stdout, "skipped: under way already: workflow scheduled/quay-membership-")
		text := w.steer(t, "describe", "quay-membership").stdout
		require.Contains(t, text, "scheduled/quay-membership-")
		require.Contains(t, text, "paused: ann: prod-1 is rebuilt")
	})
	t.Run("it is resumed", func(t *testing.T) {
		require.Equal(t, "quay-membership: resumed\n", w.steer(t, "resume", "quay-membership").stdout)
		require.Nil(t, w.list(t)["quay-membership"].Pause)
		require.Contains(t, w.steer(t, "resume", "quay-membership", "-o", "json").stdout, `"is not paused"`)
	})
	t.Run("what is deleted comes back with the next apply", func(t *testing.T) {
		require.Equal(t, "quay-membership: deleted\n", w.steer(t, "delete", "quay-membership").stdout)
		require.NotContains(t, w.list(t), "quay-membership")
		require.Contains(t, w.wishes(t, "apply").stdout, "create schedule quay-membership: every 5m\n")
	})
	t.Run("names that match nothing are mistakes", func(t *testing.T) {
		for _, command := range [][]string{{"trigger"}, {"resume"}, {"delete"}, {"pause", "--reason", "x"}, {"describe"}} {
			a := w.steer(t, append(command, "quay-member")...)
			require.Equal(t, exitUsage, a.code, command)
			require.Contains(t, a.stderr, "did you mean quay-membership?")
		}
	})
}

func TestTheLocalFileOverridesSchedules(t *testing.T) {
	w := newScheduleWorld(t)
	write := func(text string) { require.NoError(t, os.WriteFile(scheduleFile, []byte(text), 0o600)) }
	write("integrations:\n  quay-membership: {every: 1h, paused: quay moves}\n  vault-replication: {disabled: true}\n")
	a := w.wishes(t, "apply")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.Contains(t, a.stdout, "create schedule quay-membership: every 1h; paused: quay moves\n")
	require.NotContains(t, a.stdout, "vault-replication")
	require.Contains(t, w.wishes(t, "diff").stdout, "no schedule for vault-replication: disabled in schedules.yaml")
	require.Equal(t, "schedules.yaml: quay moves", w.list(t)["quay-membership"].Pause.String())

	write("integrations:\n  quay-membership: {every: 1h}\n")
	a = w.wishes(t, "apply")
	require.Equal(t, []string{"update schedule quay-membership: resume", "create schedule vault-replication: every 10m"}, changesOf(a))
	require.Nil(t, w.list(t)["quay-membership"].Pause)
	require.Contains(t, w.wishes(t, "apply").stdout, "nothing to do")

	write("integrations:\n  quay-membershop: {}\n")
	a = w.wishes(t, "apply")
	require.Equal(t, exitUsage, a.code)
	require.Contains(t, a.stderr, `schedules.yaml: line 2: there is no integration "quay-membershop"; did you mean quay-membership?`)
	require.Equal(t, exitUsage, w.wishes(t, "apply", "--file", filepath.Join(t.TempDir(), "none.yaml")).code)
}

// changesOf are the lines about single schedules.
func changesOf(a answer) []string {
	var lines []string
	for _, line := range strings.Split(a.stdout, "\n") {
		if strings.Contains(line, " schedule ") && !strings.Contains(line, ";") || strings.HasPrefix(line, "create ") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestManyDeletesAreHeld(t *testing.T) {
	w := newScheduleWorld(t)
	text := "$schema: /openshift/cluster-1.yml\nname: %\nserverUrl: ''\nauth: []\n"
	for _, c := range strings.Split("abcdefghijklmnop", "") {
		w.files["data/c-"+c+".yml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, "%", "c-"+c, 1))}
	}
	w.managed("openshift-namespaces", "", "strategy: per-openshift-cluster")
	w.load(t)
	require.Equal(t, exitSuccess, w.wishes(t, "apply").code)
	w.datafile("openshift-namespaces", "")
	w.load(t)
	a := w.wishes(t, "apply")
	require.Equal(t, exitHeld, a.code, a.stderr)
	require.Contains(t, a.stdout, "held: delete schedule openshift-namespaces-c-a: ")
	require.Contains(t, a.stdout, "1 created, 0 updated, 0 deleted, 18 held (18 of ")
	require.Contains(t, w.list(t), "openshift-namespaces-c-a")
	require.Equal(t, exitSuccess, w.wishes(t, "apply", "--allow-deletes").code)
	require.NotContains(t, w.list(t), "openshift-namespaces-c-a")
}
