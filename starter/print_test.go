package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/workflows"
)

func TestASkippedRunSaysWhyAndEndsWith0(t *testing.T) {
	result := &workflows.Result{Integration: "quay-membership", WorkflowID: "quay-membership", RunID: "r1", Outcome: workflows.Skipped, Reason: "the toggle is off"}
	var text, scripted bytes.Buffer
	require.NoError(t, (&program{stdout: &text}).print("text", result))
	require.Contains(t, text.String(), "skipped: the toggle is off\n")
	require.NoError(t, (&program{stdout: &scripted}).print("json", result))
	require.Contains(t, scripted.String(), `"outcome": "skipped"`)
	require.Contains(t, scripted.String(), `"reason": "the toggle is off"`)
	require.NoError(t, exitOf(result, true))
}
