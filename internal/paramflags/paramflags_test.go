package paramflags_test

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/paramflags"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestArgs(t *testing.T) {
	d := reconcile.Definition{Name: "openshift-users", Params: append([]reconcile.Param{
		reconcile.TakeOver(), reconcile.Internal(), reconcile.ThreadPoolSize(), reconcile.ClusterName(),
		{Name: "org-id", Type: reconcile.String, Help: "h"},
	}, reconcile.Shards()...)}
	for _, tc := range []struct {
		name string
		line []string
		env  map[string]string
		args plan.Args
		err  string
	}{
		{name: "nothing given gives nothing, since defaults are the definition's", args: plan.Args{}},
		{name: "a bool is set", line: []string{"--take-over"}, args: plan.Args{"take-over": {"true"}}},
		{name: "a bool is unset by its opposite", line: []string{"--no-take-over"}, args: plan.Args{"take-over": {"false"}}},
		{name: "a bool takes a value", line: []string{"--take-over=false"}, args: plan.Args{"take-over": {"false"}}},
		{name: "one side of a pair", line: []string{"--internal"}, args: plan.Args{"internal": {"true"}}},
		{name: "the other side of a pair", line: []string{"--external"}, args: plan.Args{"internal": {"false"}}},
		{name: "a number", line: []string{"--thread-pool-size", "3"}, args: plan.Args{"thread-pool-size": {"3"}}},
		{name: "several values", line: []string{"--cluster-name", "a,b", "--cluster-name=c"}, args: plan.Args{"cluster-name": {"a,b", "c"}}},
		{name: "a text", line: []string{"--org-id", "42"}, args: plan.Args{"org-id": {"42"}}},
		{name: "the environment", env: map[string]string{"SHARDS": "3", "SHARD_ID": "1"}, args: plan.Args{"shards": {"3"}, "shard-id": {"1"}}},
		{name: "the command line before the environment", line: []string{"--shards=5"}, env: map[string]string{"SHARDS": "3"}, args: plan.Args{"shards": {"5"}}},
		{name: "a bad environment is refused", env: map[string]string{"SHARDS": "three"}, err: `--shards takes a value of type int, not "three"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
			values := paramflags.Add(flags, d.Params)
			require.NoError(t, flags.Parse(tc.line))
			args, err := values.Args(flags, d, func(name string) string { return tc.env[name] })
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.args, args)
		})
	}
}
