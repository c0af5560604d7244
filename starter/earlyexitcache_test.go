package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/earlyexit"
	"github.com/app-sre/qontract-temporal/internal/state"
)

func TestTheEarlyExitCache(t *testing.T) {
	url := "file://" + t.TempDir()
	run := func(args ...string) answer {
		var stdout, stderr bytes.Buffer
		code := execute(t.Context(), program{
			args: append([]string{"early-exit-cache"}, args...), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
			getenv:   func(name string) string { return map[string]string{state.EnvURL: url}[name] },
			families: integrations.All(),
		})
		return answer{code, stdout.String(), stderr.String()}
	}
	entry := func(verb string, more ...string) answer {
		return run(append([]string{verb, "-i", "terraform-resources", "-v", "0.5.2", "-s", "prod", "-c", `{"a": [1]}`}, more...)...)
	}
	digest, err := earlyexit.Digest(map[string]any{"a": []int{1}})
	require.NoError(t, err)
	head := func(more ...string) earlyexit.Status {
		a := entry("head", append(more, "-o", "json")...)
		require.Equal(t, exitSuccess, a.code, a.stderr)
		var shown entryHead
		require.NoError(t, json.Unmarshal([]byte(a.stdout), &shown))
		require.Equal(t, digest, shown.Digest)
		return shown.Status
	}

	require.Equal(t, earlyexit.Miss, head())
	missing := entry("get")
	require.Equal(t, exitFailure, missing.code)
	require.Contains(t, missing.stderr, "state/early-exit-cache/terraform-resources/0.5.2/no-dry-run/prod/latest")

	a := entry("set", "--payload", `{"n": 1}`, "--log-output", "all fine", "-o", "json")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.JSONEq(t, `{"key": "terraform-resources/0.5.2/no-dry-run/prod/latest", "done": "stored"}`, a.stdout)
	require.Equal(t, earlyexit.Hit, head())
	require.Equal(t, earlyexit.Hit, head("--no-dry-run"))
	require.Equal(t, earlyexit.Miss, head("--dry-run"), "a dry run has an entry of its own")
	require.Equal(t, "applied 0\npayload {\"n\":1}\nall fine\n", entry("get").stdout)
	require.Contains(t, entry("head").stdout, "HIT\ndigest "+digest)

	require.Equal(t, exitSuccess, entry("set", "--dry-run", "--applied-count", "3").code)
	require.Equal(t, earlyexit.Expired, head("--dry-run"))
	removed := run("delete", "-i", "terraform-resources", "-v", "0.5.2", "-s", "prod", "-d", digest, "--dry-run")
	require.Equal(t, exitSuccess, removed.code, removed.stderr)
	require.Equal(t, "removed: terraform-resources/0.5.2/dry-run/prod/"+digest+"\n", removed.stdout)
	require.Equal(t, earlyexit.Miss, head("--dry-run"))
	require.Equal(t, exitUsage, entry("set", "--payload", "{").code)
}
