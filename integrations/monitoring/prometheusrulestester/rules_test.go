package prometheusrulestester

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestAPrometheusRuleIsNoLargerThanTheOperatorTakes(t *testing.T) {
	object := map[string]any{"kind": "PrometheusRule"}
	require.NoError(t, fits(object, len("kind: PrometheusRule\n")))
	err := fits(object, 1)
	require.ErrorContains(t, err, "it has 21 bytes, and Prometheus' operator takes 1: split it")
	require.True(t, apierr.Is(err, apierr.Invalid))
}

func TestAWorkerWithoutPromtoolSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := checkRules(t.Context(), rules{path: "/r.yml", spec: map[string]any{}})
	require.ErrorContains(t, err, "promtool is not on the worker's PATH: install it there")
}

// program puts a program of that name and text on the PATH alone.
func program(t *testing.T, text string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, promtool), []byte("#!/bin/sh\n"+text), 0o700))
	t.Setenv("PATH", folder)
}

func TestAPromtoolThatIsKilledIsTriedAgain(t *testing.T) {
	program(t, "kill -9 $$\n")
	err := checkRules(t.Context(), rules{path: "/r.yml", spec: map[string]any{}})
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
}

func TestPromtoolSeesNothingOfTheWorkersEnvironment(t *testing.T) {
	program(t, "echo \"[$WORKER_TOKEN]\" rules.yaml\nexit 1\n")
	t.Setenv("WORKER_TOKEN", "hunter2")
	err := checkRules(t.Context(), rules{path: "/r.yml", spec: map[string]any{}})
	require.EqualError(t, err, "promtool check rules: [] /r.yml")
}
