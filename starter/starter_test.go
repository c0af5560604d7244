package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
	"google.golang.org/grpc"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/rehearse"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// answer is what a command line came to.
type answer struct {
	code           int
	stdout, stderr string
}

func starter(t *testing.T, args ...string) answer {
	t.Helper()
	return starterSaying(t.Context(), t, func(string) {}, args...)
}

// starterSaying calls heard with everything that is written to the standard error. No planted secret may come to light
// in what the command prints, or in what it sends to Temporal.
func starterSaying(ctx context.Context, t *testing.T, heard func(string), args ...string) answer {
	t.Helper()
	watch := leaktest.New(t)
	var stdout bytes.Buffer
	stderr := &listener{heard: heard}
	code := execute(ctx, program{
		args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: stderr,
		getenv: func(string) string { return "" }, families: integrations.All(),
		dial: connect.Options{Calls: []grpc.UnaryClientInterceptor{watch.Calls(t, payload.Options{})}},
	})
	watch.Text("the output of starter", stdout.String())
	watch.Text("the errors of starter", stderr.String())
	return answer{code, stdout.String(), stderr.String()}
}

// listener is a buffer that passes on what is written.
type listener struct {
	bytes.Buffer
	heard func(string)
}

func (l *listener) Write(p []byte) (int, error) {
	l.heard(string(p))
	return l.Buffer.Write(p)
}

func (a answer) result(t *testing.T) workflows.Result {
	t.Helper()
	var result workflows.Result
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &result), a.stdout+a.stderr)
	return result
}

func TestUsageErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		says string
	}{
		{"an unknown integration suggests the nearest", []string{"run", "--integration", "quay-member"}, "did you mean quay-membership?"},
		{"an unknown flag suggests the nearest", []string{"run", "--integration", "quay-membership", "--dryrun"}, "did you mean --dry-run?"},
		{"another integration's flag is unknown", []string{"run", "--integration", "quay-membership", "--shards=2"}, "unknown flag: --shards"},
		{"a run names its integration", []string{"run"}, "no integration given"},
		{"a plan names its integration", []string{"plan"}, "expected the name of one integration"},
		{"flags may stand before the name in a plan", []string{"plan", "--external", "--internal=perhaps", "openshift-limitranges"}, "perhaps"},
		{"a value of the wrong type", []string{"run", "--integration=quay-membership", "--thread-pool-size=many"}, `invalid argument "many"`},
		{"an unknown format", []string{"list", "-o", "yaml"}, "-o yaml: expected one of table, json, names"},
		{"an unknown command", []string{"reconcile"}, `unknown command "reconcile"`},
		{"a description of nothing", []string{"describe", "nothing"}, `there is no integration "nothing"`},
		{"two sources to serve", []string{"appinterface", "serve"}, "expected one of --folder and --bundle"},
		{"a check names the bundle to compare with", []string{"check"}, "no bundle to compare with"},
		{"a check of an unknown integration", []string{"check", "--base", "abc", "--integration", "quay-member"}, "did you mean quay-membership?"},
		{"a check that runs nothing at a time", []string{"check", "--base", "abc", "--parallel", "0"}, "--parallel 0"},
		{"a check without time", []string{"check", "--base", "abc", "--timeout", "0s"}, "--timeout 0s"},
		{"a check in an unknown format", []string{"check", "--base", "abc", "-o", "html"}, "-o html: expected one of text, json, markdown"},
		{
			"a real run covers everything", []string{"run", "--integration", "quay-membership", "--early-exit-compare-sha", "abc"},
			"--early-exit-compare-sha: only a dry run can be compared with another bundle",
		},
		{
			"a run that is not pinned has nothing to compare", []string{"plan", "quay-membership", "--gql-sha-url=false", "--early-exit-compare-sha", "abc"},
			"--early-exit-compare-sha: a run that is not pinned",
		},
		{"affected scopes need a bundle to compare with", []string{"plan", "quay-membership", "--check-only-affected-shards"}, "--check-only-affected-shards needs --early-exit-compare-sha"},
		{"an entry of the cache has a source or a digest", []string{"early-exit-cache", "head", "-i", "x", "-v", "1"}, "expected one of --cache-source and --cache-source-digest"},
		{"an entry of the cache has a version", []string{"early-exit-cache", "get", "-i", "x", "-d", "abc"}, `the version is ""`},
		{"the source of an entry is JSON", []string{"early-exit-cache", "head", "-i", "x", "-v", "1", "-c", "{"}, "not JSON"},
		{"schedules are steered by a command", []string{"schedule", "restart"}, `unknown command "restart" for "starter schedule"`},
		{"a pause says why", []string{"schedule", "pause", "quay-membership"}, "say why: --reason"},
		{"a pause of nothing", []string{"schedule", "pause", "--reason", "x"}, "expected the ID of a schedule"},
		{"schedules in an unknown format", []string{"schedule", "list", "-o", "yaml"}, "-o yaml: expected one of table, json, names"},
		{"a promotion names its version", []string{"versions", "promote"}, "expected the build ID of one version"},
		{"a promotion to nobody", []string{"versions", "promote", "one", "--percentage", "0"}, "--percentage 0: expected 1 to 100"},
		{"the status of an unknown integration", []string{"status", "quay-member"}, `"quay-member" matches no integration; did you mean quay-membership?`},
		{"the status without a pause", []string{"status", "--every", "1ms"}, "--every 1ms: expected a second or more"},
		{"the status in an unknown format", []string{"status", "-o", "yaml"}, "-o yaml: expected one of table, json"},
		{"runs with an unknown outcome", []string{"runs", "--outcome", "good"}, "--outcome good: expected one of clean, planned, applied"},
		{"no runs at all", []string{"runs", "-n", "0"}, "-n 0: expected 1 or more"},
		{"runs of the future", []string{"runs", "--since", "-1h"}, "--since -1h0m0s"},
		{"a run without a name", []string{"show"}, "expected the ID of one workflow"},
		{"the address of no user interface", []string{"status", "--ui-url", "ui.example"}, `"ui.example" is not the address of Temporal's user interface`},
		{"a rollback names an environment", []string{"rollback", "cart"}, "expected the names of one saas file and one of its environments"},
		{"a rehearsal of nothing", []string{"rehearse"}, "expected the path of at least one case"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := starter(t, tc.args...)
			require.Equal(t, exitUsage, a.code)
			require.Contains(t, a.stderr, tc.says)
			require.Empty(t, a.stdout)
		})
	}
}

func TestListAndDescribe(t *testing.T) {
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	require.Equal(t, strings.Join(registry.Names(), "\n")+"\n", starter(t, "list", "-o", "names").stdout)

	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(starter(t, "list", "-o", "json", "--static").stdout), &all))
	require.Len(t, all, len(registry.Names()))

	require.Regexp(t, `(?m)^ quay-membership +quay +reconciler +every 10m `, starter(t, "list", "--static").stdout)

	var one map[string]any
	require.NoError(t, json.Unmarshal([]byte(starter(t, "describe", "openshift-namespaces", "-o", "json").stdout), &one))
	for _, field := range []string{"name", "family", "summary", "class", "systems", "schedule", "sharding", "flags", "guard"} {
		require.NotEmpty(t, one[field], field)
	}
	text := starter(t, "describe", "openshift-namespaces").stdout
	require.Contains(t, text, "--shards INT")
	require.Contains(t, text, "SHARD_ID")
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	p := program{families: integrations.All(), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	registry, err := reconcile.NewRegistry(p.families...)
	require.NoError(t, err)
	p.registry = registry
	root, err := p.root()
	require.NoError(t, err)
	commands := root.Commands()
	for len(commands) > 0 {
		cmd := commands[0]
		commands = append(commands[1:], cmd.Commands()...)
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		require.Contains(t, cmd.Example, "starter", cmd.CommandPath())
	}
}

func TestAnUnreachableTemporalIsNamedSoon(t *testing.T) {
	began := time.Now()
	a := starter(t, "run", "--integration", "quay-membership", "--address", "127.0.0.1:1")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "cannot reach Temporal at 127.0.0.1:1")
	require.Less(t, time.Since(began), 15*time.Second)
}

// estate starts a worker and the estate of testdata/estate.txtar, and returns the folder and the flag that leads
// to its Temporal, and the address of its app-interface.
func estate(t *testing.T) (folder, address, app string) {
	t.Helper()
	return estateOf(t, "testdata/estate.txtar")
}

// estateOf starts a worker and the estate of an archive.
func estateOf(t *testing.T, path string) (folder, address, app string) {
	t.Helper()
	folder = t.TempDir()
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	for _, file := range archive.Files {
		path := filepath.Join(folder, file.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, file.Data, 0o600))
	}
	address, app = open(t, folder, func(context.Context) (*servers.Kube, error) { return &servers.Kube{}, nil })
	return folder, address, app
}

// open starts a worker and the estate of a folder.
func open(t *testing.T, folder string, kube func(context.Context) (*servers.Kube, error)) (address, app string) {
	t.Helper()
	temporal := serverstest.OwnTemporal(t)
	t.Setenv(payload.EnvStore, payload.Folder(t.TempDir()))
	t.Setenv(payload.EnvKeys, "env:KEYS_OF_TEST")
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort})
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	stage, err := rehearse.NewStage(rehearse.Options{
		Temporal: c.Client, Converter: c.Payloads.Converter, Address: temporal.HostPort, Namespace: temporal.Namespace,
		Registry: registry, Integrations: registry.All(), Searchable: true, Kube: kube, VaultStandIn: true,
	})
	require.NoError(t, err)
	t.Cleanup(stage.Close)
	live, err := stage.Open(t.Context(), folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, live.Close()) })
	return "--address=" + temporal.HostPort, live.AppInterface()
}

func TestRuns(t *testing.T) {
	_, address, _ := estate(t)
	run := func(t *testing.T, args ...string) answer {
		t.Helper()
		return starter(t, append(args, address)...)
	}

	t.Run("a dry run plans and changes nothing", func(t *testing.T) {
		a := run(t, "run", "--integration", "quay-membership", "--dry-run", "-o", "json")
		require.Equal(t, exitHeld, a.code, a.stderr)
		result := a.result(t)
		require.True(t, result.DryRun)
		require.Equal(t, workflows.Held, result.Outcome)
		require.Len(t, result.Held, 12)
		require.Equal(t, "create membership of ann in team devs of quay.io/example", result.Changes[0].Summary)
		require.Equal(t, workflows.Planned, result.Changes[0].Outcome)
		require.Len(t, result.Bundle, 64)
	})
	t.Run("a run applies what is not held", func(t *testing.T) {
		a := run(t, "run", "--integration=quay-membership")
		require.Equal(t, exitHeld, a.code, a.stderr)
		require.Contains(t, a.stdout, "create membership of ann in team devs of quay.io/example")
		require.Contains(t, a.stdout, "held: 1 created, 0 updated, 0 deleted, 12 held")
	})
	t.Run("the next run has nothing left but what is held", func(t *testing.T) {
		result := run(t, "run", "--integration=quay-membership", "-o=json").result(t)
		require.Empty(t, result.Changes)
		require.Len(t, result.Held, 12)
	})
	t.Run("what is held is listed with its digest", func(t *testing.T) {
		waiting := listed(t, run(t, "list", "--held", "-o", "json"))
		require.Len(t, waiting, 1)
		require.Equal(t, "approval/quay-membership/quay.io/example", waiting[0].Workflow)
		require.Equal(t, "waiting", waiting[0].State)
		require.Equal(t, 12, waiting[0].Held)
		require.Contains(t, run(t, "list", "--held").stdout, waiting[0].Digest[:12])
	})
	t.Run("an approval of something else is refused", func(t *testing.T) {
		a := run(t, "approve", "quay-membership/quay.io/example", "--digest", "beef")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "not beef: look at it again")
	})
	t.Run("a rejection is recorded, and the next run asks again", func(t *testing.T) {
		a := run(t, "reject", "quay-membership/quay.io/example", "--comment", "not yet", "--by", "bob")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Contains(t, a.stdout, "rejected: 12 held changes")
		require.Equal(t, exitHeld, run(t, "run", "--integration=quay-membership").code)
		all := listed(t, run(t, "list", "--held", "-o", "json"))
		require.Len(t, all, 2)
		require.Equal(t, "rejected", all[1].State)
		require.Equal(t, "bob", all[1].By)
		require.Equal(t, "not yet", all[1].Comment)
	})
	t.Run("an approval applies exactly what was held", func(t *testing.T) {
		a := run(t, "approve", "quay-membership/quay.io/example", "--comment", "they have left", "-o", "json")
		require.Equal(t, exitSuccess, a.code, a.stdout+a.stderr)
		var shown workflows.Approval
		require.NoError(t, json.Unmarshal([]byte(a.stdout), &shown))
		require.Equal(t, workflows.ApprovalApplied, shown.State)
		require.Equal(t, "they have left", shown.Decision.Comment)
		require.Contains(t, shown.Decision.By, "@")
		after := run(t, "run", "--integration=quay-membership", "-o=json")
		require.Equal(t, exitSuccess, after.code)
		require.Equal(t, workflows.Clean, after.result(t).Outcome)
	})
	t.Run("there is nothing to approve then", func(t *testing.T) {
		a := run(t, "approve", "quay-membership/quay.io/example")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "nothing waits for a decision")
	})
	t.Run("findings end with 1", func(t *testing.T) {
		a := run(t, "run", "--integration", "service-dependencies")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stdout, "has missing dependencies: quay")
		require.Contains(t, a.stdout, "invalid: 1 finding\n")
	})
	t.Run("an integration that app-interface does not know ends with 4", func(t *testing.T) {
		a := run(t, "plan", "openshift-resourcequotas")
		require.Equal(t, exitUnknownIntegration, a.code, a.stdout+a.stderr)
		require.Contains(t, a.stdout, "does not know the integration openshift-resourcequotas")
	})
	t.Run("a schema that is not allowed ends with 5", func(t *testing.T) {
		a := run(t, "plan", "openshift-namespaces")
		require.Equal(t, exitForbiddenSchema, a.code, a.stdout+a.stderr)
		require.Contains(t, a.stdout, "/openshift/namespace-1.yml")
	})
	t.Run("a schema that is not allowed passes without validation, and the cluster is named", func(t *testing.T) {
		a := run(t, "plan", "openshift-namespaces", "--validate-schemas=false")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stdout, "[prod-1] has no automationToken")
	})
	t.Run("a run can be left alone and watched", func(t *testing.T) {
		a := run(t, "run", "--integration", "service-dependencies", "--wait=false", "-o", "json")
		require.Equal(t, exitSuccess, a.code, a.stderr)
		var started struct{ WorkflowID, RunID string }
		require.NoError(t, json.Unmarshal([]byte(a.stdout), &started))
		require.Equal(t, "service-dependencies", started.WorkflowID)
		watched := run(t, "watch", started.WorkflowID, "-o", "json")
		require.Equal(t, exitFailure, watched.code)
		require.Equal(t, started.RunID, watched.result(t).RunID)
	})
	t.Run("there is nothing to watch where there is no run", func(t *testing.T) {
		a := run(t, "watch", "no-such-run")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, `there is no workflow "no-such-run"`)
	})
}

// listed reads a list of approvals.
func listed(t *testing.T, a answer) []views.Approval {
	t.Helper()
	require.Equal(t, exitSuccess, a.code, a.stderr)
	var all []views.Approval
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &all))
	return all
}

func TestInterruptingDetaches(t *testing.T) {
	temporal := serverstest.OwnTemporal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	a := starterSaying(ctx, t, func(said string) {
		if strings.Contains(said, "waiting for a worker") {
			interrupt()
		}
	}, "run", "--integration", "quay-membership", "--address", temporal.HostPort)
	require.Equal(t, exitDetached, a.code)
	require.Contains(t, a.stderr, "No worker takes quay-membership")
	require.Contains(t, a.stderr, "`starter watch quay-membership` shows it again")

	again := starter(t, "run", "--integration", "quay-membership", "--address", temporal.HostPort)
	require.Equal(t, exitFailure, again.code)
	require.Contains(t, again.stderr, "a run of quay-membership is in progress already")
}

func TestBundlesAndQueries(t *testing.T) {
	folder, _, app := estate(t)
	file := filepath.Join(t.TempDir(), "bundle.json")
	a := starter(t, "appinterface", "bundle", "--folder", folder, "--commit", "c0ffee", "--output", file)
	require.Equal(t, exitSuccess, a.code, a.stderr)
	var bundle struct {
		Commit string         `json:"git_commit"`
		Data   map[string]any `json:"data"`
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &bundle))
	require.Equal(t, "c0ffee", bundle.Commit)
	require.Contains(t, bundle.Data, "/access/ann.yml")

	query := starter(t, "appinterface", "query", "{ users_v1 { name } }", "--url", app)
	require.Equal(t, exitSuccess, query.code, query.stderr)
	require.JSONEq(t, `{"users_v1": [{"name": "Ann"}]}`, query.stdout)
	wrong := starter(t, "appinterface", "query", "{ users_v1 { surname } }", "--url", app)
	require.Equal(t, exitFailure, wrong.code)
	require.Contains(t, wrong.stderr, "surname")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "data", "broken.yml"), []byte("name: [\n"), 0o600))
	a = starter(t, "appinterface", "bundle", "--folder", folder)
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "/broken.yml: not YAML")
}
