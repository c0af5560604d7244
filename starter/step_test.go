package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/workflows"
)

func TestStepsOfAnAccount(t *testing.T) {
	_, address, _ := estateOf(t, "testdata/account.txtar")
	const shop = "aws-account-manager/payer/shop"
	run := func(args ...string) answer { return starter(t, append(args, address)...) }

	a := run("run", "--integration", "aws-account-manager")
	require.Equal(t, exitFailure, a.code, a.stderr)
	require.Contains(t, a.stdout, "create alias shop of AWS account shop")
	require.Contains(t, a.stdout, "ec2/L-1 to 20, which is DENIED: settle it with AWS and retry the step to ask again")

	watched := make(chan answer)
	blocked := make(chan struct{})
	go func() {
		seen := false
		watched <- starterSaying(t.Context(), t, func(said string) {
			if !seen && strings.Contains(said, "request-service-quota: blocked") {
				seen = true
				close(blocked)
			}
		}, "watch", shop, address)
	}()
	<-blocked

	a = run("skip-step", shop, "request-service-quota")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "give a reason")
	a = run("retry-step", shop, "account-alias")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "step account-alias is done")
	a = run("retry-step", shop, "make-coffee")
	require.Contains(t, a.stderr, `there is no step "make-coffee"; open are: request-service-quota`)

	first := stepOf(t, run("retry-step", shop, "request-service-quota", "-o", "json"))
	require.Equal(t, "request-service-quota", first.Key)
	require.Greater(t, first.Tries, 1)

	a = run("skip-step", shop, "request-service-quota", "--reason", "they manage without", "--by", "dana")
	require.Equal(t, exitSuccess, a.code, a.stderr)
	require.Equal(t, "request-service-quota: skipped: skipped by dana: they manage without\n", a.stdout)
	end := <-watched
	require.Equal(t, exitSuccess, end.code, end.stderr)
	require.Contains(t, end.stderr, "request-service-quota: skipped: skipped by dana: they manage without")

	a = run("skip-step", shop, "request-service-quota", "--reason", "once more")
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "no workflow "+shop+" is under way")
	a = run("cancel", shop)
	require.Equal(t, exitFailure, a.code)
	require.Contains(t, a.stderr, "no workflow "+shop+" is under way")

	result := run("run", "--integration", "aws-account-manager", "-o", "json").result(t)
	require.Equal(t, workflows.Clean, result.Outcome, "what a person took for done is done")
}

func stepOf(t *testing.T, a answer) workflows.StepProgress {
	t.Helper()
	var step workflows.StepProgress
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &step), a.stdout+a.stderr)
	return step
}
