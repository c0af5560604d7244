package main

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/workflows"
)

func TestWhatARunIsComparedWith(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		env  map[string]string
		in   workflows.Input
		with *workflows.CompareWith
	}{
		{name: "nothing is asked for", in: workflows.Input{DryRun: true}},
		{
			name: "the flags", args: []string{"--early-exit-compare-sha=abc", "--check-only-affected-shards"}, in: workflows.Input{DryRun: true},
			with: &workflows.CompareWith{Base: "abc", OnlyAffected: true},
		},
		{
			name: "the environment", env: map[string]string{"EARLY_EXIT_COMPARE_SHA": "abc", "CHECK_ONLY_AFFECTED_SHARDS": "true"}, in: workflows.Input{DryRun: true},
			with: &workflows.CompareWith{Base: "abc", OnlyAffected: true},
		},
		{
			name: "flags before the environment", args: []string{"--early-exit-compare-sha=def", "--check-only-affected-shards=false"},
			env: map[string]string{"EARLY_EXIT_COMPARE_SHA": "abc", "CHECK_ONLY_AFFECTED_SHARDS": "true"}, in: workflows.Input{DryRun: true},
			with: &workflows.CompareWith{Base: "def"},
		},
		{name: "an empty flag switches the environment off", args: []string{"--early-exit-compare-sha="}, env: map[string]string{"EARLY_EXIT_COMPARE_SHA": "abc"}, in: workflows.Input{DryRun: true}},
		{name: "the environment is for dry runs", env: map[string]string{"EARLY_EXIT_COMPARE_SHA": "abc"}},
		{name: "the environment is for pinned runs", env: map[string]string{"EARLY_EXIT_COMPARE_SHA": "abc"}, in: workflows.Input{DryRun: true, Unpinned: true}},
		{name: "affected scopes need another bundle", env: map[string]string{"CHECK_ONLY_AFFECTED_SHARDS": "true"}, in: workflows.Input{DryRun: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			flags, f := pflag.NewFlagSet("run", pflag.ContinueOnError), &compareFlags{}
			f.add(flags)
			require.NoError(t, flags.Parse(tc.args))
			require.NoError(t, f.apply(flags, func(name string) string { return tc.env[name] }, &tc.in))
			require.Equal(t, tc.with, tc.in.CompareWith)
		})
	}
}
