package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/prcheck"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

// sample is a copy of the sample estate whose namespace platform-prod has a quota of its own.
type sample struct {
	folder, app string
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{folder: t.TempDir()}
	require.NoError(t, os.CopyFS(s.folder, os.DirFS("../deploy/sample")))
	quota, err := os.ReadFile(filepath.Join(s.folder, "data/openshift/quotas/small.yml"))
	require.NoError(t, err)
	s.write(t, "data/openshift/quotas/platform.yml", strings.ReplaceAll(string(quota), "name: small", "name: platform"))
	s.edit(t, "data/services/platform/namespaces/platform-prod.yml", "/openshift/quotas/small.yml", "/openshift/quotas/platform.yml")
	return s
}

func (s *sample) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600))
}

func (s *sample) edit(t *testing.T, name, from, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.folder, name))
	require.NoError(t, err)
	require.Contains(t, string(text), from, name)
	s.write(t, name, strings.Replace(string(text), from, to, 1))
}

// load serves the folder as it is now, and returns the sha of the bundle.
func (s *sample) load(t *testing.T) string {
	t.Helper()
	root := strings.TrimSuffix(s.app, "/graphql")
	reloaded := request(t, http.MethodPost, root+"/reload")
	require.Equal(t, http.StatusOK, reloaded.StatusCode)
	require.NoError(t, reloaded.Body.Close())
	current := request(t, http.MethodGet, root+"/sha256")
	sha, err := io.ReadAll(current.Body)
	require.NoError(t, err)
	require.NoError(t, current.Body.Close())
	require.Len(t, string(sha), 64)
	return string(sha)
}

func request(t *testing.T, method, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	return resp
}

func (a answer) report(t *testing.T) prcheck.Report {
	t.Helper()
	var report prcheck.Report
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &report), a.stdout+a.stderr)
	return report
}

// outcomes are the outcomes of a report by integration.
func outcomes(r prcheck.Report) map[string]workflows.Outcome {
	all := map[string]workflows.Outcome{}
	for _, result := range r.Integrations {
		all[result.Integration] = result.Outcome
	}
	return all
}

func result(t *testing.T, r prcheck.Report, integration string) *workflows.Result {
	t.Helper()
	for _, one := range r.Integrations {
		if one.Integration == integration {
			return one
		}
	}
	require.Fail(t, "the report lacks "+integration)
	return nil
}

// expected are the outcomes of a report on all integrations but those left out: skipped where not given.
func expected(t *testing.T, given map[string]workflows.Outcome, leftOut ...string) map[string]workflows.Outcome {
	t.Helper()
	registry, err := reconcile.NewRegistry(integrations.All()...)
	require.NoError(t, err)
	all := map[string]workflows.Outcome{}
	for _, name := range registry.Names() {
		if !slices.Contains(leftOut, name) {
			all[name] = cmp.Or(given[name], workflows.Skipped)
		}
	}
	return all
}

func TestCheck(t *testing.T) {
	s, count := newSample(t), len(expected(t, nil))
	address, app := open(t, s.folder, func(context.Context) (*servers.Kube, error) { return serverstest.Kube(t), nil })
	s.app = app
	check := func(t *testing.T, args ...string) answer {
		t.Helper()
		return starter(t, append([]string{"check", address, "--url", app}, args...)...)
	}
	for _, integration := range []string{"openshift-namespaces", "openshift-resourcequotas"} {
		a := starter(t, "run", address, "--integration", integration)
		require.Equal(t, exitSuccess, a.code, a.stdout+a.stderr)
	}
	base := s.load(t)
	s.edit(t, "data/openshift/quotas/platform.yml", "pods: 20", "pods: 25")
	head := s.load(t)
	require.NotEqual(t, base, head)
	const change = "update ResourceQuota platform-prod/platform in cluster prod-1"

	t.Run("one changed quota reruns only the integration that reads it, and the plan names the change", func(t *testing.T) {
		a := check(t, "--base", base, "-o", "json")
		require.Equal(t, exitSuccess, a.code, a.stdout+a.stderr)
		report := a.report(t)
		require.Equal(t, base, report.Base)
		require.Equal(t, head, report.Head)
		require.Equal(t, workflows.Planned, report.Outcome)
		require.Equal(t, expected(t, map[string]workflows.Outcome{"openshift-resourcequotas": workflows.Planned}), outcomes(report))
		quotas := result(t, report, "openshift-resourcequotas")
		require.Len(t, quotas.Changes, 1)
		require.Equal(t, change, quotas.Changes[0].Summary)
		require.Equal(t, head, quotas.Bundle)
		require.Equal(t, workflows.RunAll, quotas.Comparison.Verdict)
		skipped := result(t, report, "openshift-limitranges")
		require.Equal(t, "the desired state is the same in bundle "+base[:12], skipped.Comparison.Reason)
		require.Equal(t, skipped.Comparison.BaseHash, skipped.Comparison.HeadHash)
		require.Empty(t, report.LeftOut)
	})
	t.Run("people read the one change, and scripts can tell that there is one", func(t *testing.T) {
		a := check(t, "--base", base, "--detailed-exitcode")
		require.Equal(t, exitChanges, a.code)
		require.Equal(t, 1, strings.Count(a.stdout, change))
		require.Contains(t, a.stdout, fmt.Sprintf("planned: 1 of %d integrations ran, 0 to create, 1 to update, 0 to delete\n", count))
		require.Contains(t, a.stderr, "openshift-limitranges: skipped: the desired state is the same in bundle "+base[:12])
		require.Contains(t, a.stderr, fmt.Sprintf("%[1]d of %[1]d: ", count))
	})
	t.Run("the comment of a merge request has the change folded", func(t *testing.T) {
		a := check(t, "--base", base, "-o", "markdown")
		require.Contains(t, a.stdout, fmt.Sprintf("### planned: 1 of %d integrations ran", count))
		require.Contains(t, a.stdout, "<details><summary>openshift-resourcequotas: planned</summary>\n\n```diff\n! "+change)
		require.Equal(t, 1, strings.Count(a.stdout, "<details>"))
	})
	t.Run("only the affected cluster runs", func(t *testing.T) {
		report := check(t, "--base", base, "--check-only-affected-shards", "-o", "json").report(t)
		quotas := result(t, report, "openshift-resourcequotas")
		require.Equal(t, workflows.RunSome, quotas.Comparison.Verdict)
		require.Equal(t, []string{"prod-1"}, quotas.Comparison.Scopes)
		require.Len(t, quotas.Changes, 1)
	})
	t.Run("the bundle to check can be named", func(t *testing.T) {
		a := check(t, "--base", head, "--head", base, "--integration", "openshift-resourcequotas", "-o", "json")
		report := a.report(t)
		require.Equal(t, base, result(t, report, "openshift-resourcequotas").Bundle)
		require.Equal(t, workflows.Clean, report.Outcome, "the cluster is as the first bundle wants it")
		require.Len(t, report.Integrations, 1)
	})
	t.Run("a bundle with itself differs nowhere", func(t *testing.T) {
		a := check(t, "--base", head, "--detailed-exitcode", "-o", "json")
		require.Equal(t, exitSuccess, a.code, a.stdout)
		require.Equal(t, workflows.Skipped, a.report(t).Outcome)
	})
	t.Run("a bundle that is not served is named", func(t *testing.T) {
		a := check(t, "--base", "beef")
		require.Equal(t, exitFailure, a.code)
		require.Contains(t, a.stderr, "--base: bundle beef is no longer served")
	})
	t.Run("one run can be compared as well", func(t *testing.T) {
		a := starter(t, "plan", "openshift-limitranges", address, "--early-exit-compare-sha", base)
		require.Equal(t, exitSuccess, a.code, a.stderr)
		require.Contains(t, a.stdout, "skipped: the desired state is the same in bundle "+base[:12])
		a = starter(t, "plan", "openshift-limitranges", address, "--early-exit-compare-sha", "beef")
		require.Contains(t, a.stdout, "full run: the data of bundle beef cannot be compared: bundle beef is no longer served")
		require.Contains(t, a.stdout, "create LimitRange")
	})
	t.Run("datafiles leave integrations out, or have them run always", func(t *testing.T) {
		s.edit(t, "data/integrations/openshift-namespaces.yml", "schemas:", "pr_check:\n  cmd: openshift-namespaces\n  disabled: true\nschemas:")
		s.edit(t, "data/integrations/openshift-limitranges.yml", "schemas:", "pr_check:\n  cmd: openshift-limitranges\n  always_run: true\nschemas:")
		require.NoError(t, os.Remove(filepath.Join(s.folder, "data/integrations/quay-membership.yml")))
		s.load(t)
		report := check(t, "--base", base, "-o", "json").report(t)
		require.Equal(t, []prcheck.LeftOut{
			{Integration: "openshift-namespaces", Reason: "its datafile disables the check (pr_check.disabled)"},
			{Integration: "quay-membership", Reason: "app-interface has no datafile for it"},
		}, report.LeftOut)
		require.Equal(t, expected(t, map[string]workflows.Outcome{
			"openshift-limitranges": workflows.Planned, "openshift-resourcequotas": workflows.Planned, "integrations-manager": workflows.Planned,
		}, "openshift-namespaces", "quay-membership"), outcomes(report), "quay-membership has no schedule any more")
		require.Nil(t, result(t, report, "openshift-limitranges").Comparison)
		named := check(t, "--base", base, "--integration", "openshift-namespaces", "--integration", "quay-membership", "-o", "json")
		require.Equal(t, exitFailure, named.code)
		require.Equal(t, map[string]workflows.Outcome{
			"openshift-namespaces": workflows.Skipped, "quay-membership": workflows.Failed,
		}, outcomes(named.report(t)), "what is named is checked all the same")

		s.edit(t, "data/integrations/openshift-namespaces.yml", "cmd: openshift-namespaces\n  disabled: true", "cmd: openshift-namespaces --cluster-name no-such --no-such")
		s.load(t)
		wrong := check(t, "--base", base, "--integration", "openshift-namespaces", "-o", "json")
		require.Equal(t, exitFailure, wrong.code)
		require.Equal(t, "correct pr_check.cmd in the datafile of openshift-namespaces: unknown flag: --no-such", wrong.report(t).Integrations[0].Errors[0].Message)
		s.edit(t, "data/integrations/openshift-namespaces.yml", " --no-such", "")
		s.load(t)
		narrowed := check(t, "--base", base, "--integration", "openshift-namespaces", "-o", "json")
		require.Contains(t, narrowed.report(t).Integrations[0].Errors[0].Message, "--cluster-name no-such: app-interface has no namespace")
	})
}
