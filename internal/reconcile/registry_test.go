package reconcile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func build(*clients.Set) (reconcile.Steps, error) { return reconcile.Steps{}, nil }

func definition(name string) reconcile.Definition {
	return reconcile.Definition{
		Name: name, Summary: "s", Reads: []reconcile.System{reconcile.AppInterface}, Every: time.Minute, Build: build,
		Params: []reconcile.Param{
			{Name: "take-over", Type: reconcile.Bool, Default: "true", Help: "h"},
			{Name: "internal", Opposite: "external", Type: reconcile.Tristate, Help: "h"},
			{Name: "thread-pool-size", Type: reconcile.Int, Default: "10", Help: "h"},
			{Name: "cluster-name", Type: reconcile.Strings, Help: "h"},
		},
	}
}

func registry(t *testing.T, names ...string) *reconcile.Registry {
	t.Helper()
	family := reconcile.Family{Name: "openshift"}
	for _, name := range names {
		family.Integrations = append(family.Integrations, definition(name))
	}
	r, err := reconcile.NewRegistry(family)
	require.NoError(t, err)
	return r
}

func TestARegistryIsSortedAndKnowsTheFamily(t *testing.T) {
	r := registry(t, "openshift-users", "openshift-groups")
	require.Equal(t, []string{"openshift-groups", "openshift-users"}, r.Names())
	d, err := r.Get("openshift-users")
	require.NoError(t, err)
	require.Equal(t, "openshift", d.Family)
}

func TestAMalformedDefinitionIsNamed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*reconcile.Definition)
		err    string
	}{
		{"a name with capitals", func(d *reconcile.Definition) { d.Name = "Openshift" }, "not lower-case words"},
		{"a name with an underscore", func(d *reconcile.Definition) { d.Name = "openshift_users" }, "not lower-case words"},
		{"no summary", func(d *reconcile.Definition) { d.Summary = "" }, "no summary"},
		{"no build", func(d *reconcile.Definition) { d.Build = nil }, "no Build"},
		{"nothing read", func(d *reconcile.Definition) { d.Reads = nil }, "reads from no system"},
		{"no interval", func(d *reconcile.Definition) { d.Every = 0 }, "no interval"},
		{"a flag without help", func(d *reconcile.Definition) { d.Params[0].Help = "" }, "--take-over has no help"},
		{"a default of the wrong type", func(d *reconcile.Definition) { d.Params[2].Default = "many" }, `--thread-pool-size takes a value of type int, not "many"`},
		{"a partition of nothing", func(d *reconcile.Definition) { d.Partition = &reconcile.Partition{Most: 1} }, "the partition has no roots"},
		{
			"a partition by no path", func(d *reconcile.Definition) {
				d.Partition = &reconcile.Partition{Roots: map[string]string{"namespaces": "cluster."}, Most: 1}
			}, `the partition's path "cluster." of namespaces is not names joined by dots`,
		},
		{
			"a partition that lets nothing run", func(d *reconcile.Definition) {
				d.Partition = &reconcile.Partition{Roots: map[string]string{"namespaces": "cluster.name"}}
			}, "the partition lets no scope run by itself",
		},
		{
			"a partition's flag that there is not", func(d *reconcile.Definition) {
				d.Partition = &reconcile.Partition{Roots: map[string]string{"namespaces": "cluster.name"}, Most: 1, Flag: "cluster"}
			}, "the partition's flag --cluster is none of the integration's; did you mean --cluster-name?",
		},
		{"one flag twice", func(d *reconcile.Definition) { d.Params = append(d.Params, d.Params[0]) }, "--take-over stands there twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := definition("openshift-users")
			tc.change(&d)
			_, err := reconcile.NewRegistry(reconcile.Family{Name: "openshift", Integrations: []reconcile.Definition{d}})
			require.ErrorContains(t, err, tc.err)
		})
	}
}

func TestOneNameInTwoFamiliesIsAnError(t *testing.T) {
	_, err := reconcile.NewRegistry(
		reconcile.Family{Name: "a", Integrations: []reconcile.Definition{definition("x")}},
		reconcile.Family{Name: "b", Integrations: []reconcile.Definition{definition("x")}},
	)
	require.ErrorContains(t, err, "integration x stands in the families a and b")
}

func TestAnUnknownNameSuggestsTheNearest(t *testing.T) {
	r := registry(t, "openshift-users", "openshift-groups", "quay-repos")
	_, err := r.Get("openshift-user")
	require.EqualError(t, err, `there is no integration "openshift-user"; did you mean openshift-users?`)
	_, err = r.Get("groups")
	require.EqualError(t, err, `there is no integration "groups"; did you mean openshift-groups?`)
	_, err = r.Get("terraform")
	require.EqualError(t, err, `there is no integration "terraform"`)
}

func TestSelect(t *testing.T) {
	r := registry(t, "openshift-groups", "openshift-users", "quay-repos")
	for _, tc := range []struct {
		globs string
		names []string
		err   string
	}{
		{globs: "*", names: []string{"openshift-groups", "openshift-users", "quay-repos"}},
		{globs: "openshift-*,!openshift-users", names: []string{"openshift-groups"}},
		{globs: "!quay-*", names: []string{"openshift-groups", "openshift-users"}},
		{globs: "quay-repos, openshift-users", names: []string{"openshift-users", "quay-repos"}},
		{globs: "opneshift-users", err: `"opneshift-users" matches no integration; did you mean openshift-users?`},
		{globs: "quay-*,!quay-repos", err: "leaves no integration"},
		{globs: "[", err: "syntax error in pattern"},
	} {
		t.Run(tc.globs, func(t *testing.T) {
			selected, err := r.Select(tc.globs)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			var names []string
			for _, d := range selected {
				names = append(names, d.Name)
			}
			require.Equal(t, tc.names, names)
		})
	}
}

func TestArgs(t *testing.T) {
	d := definition("openshift-users")
	for _, tc := range []struct {
		name  string
		given plan.Args
		args  plan.Args
		err   string
	}{
		{name: "defaults are filled in", args: plan.Args{"take-over": {"true"}, "thread-pool-size": {"10"}}},
		{
			name: "what was given counts", given: plan.Args{"take-over": {"false"}, "cluster-name": {"a", "b"}, "internal": {"true"}},
			args: plan.Args{"take-over": {"false"}, "thread-pool-size": {"10"}, "cluster-name": {"a", "b"}, "internal": {"true"}},
		},
		{name: "an unknown flag is refused", given: plan.Args{"cluster": {"a"}}, err: "openshift-users has no flag --cluster; did you mean --cluster-name?"},
		{name: "a value of the wrong type is refused", given: plan.Args{"take-over": {"maybe"}}, err: `--take-over takes a value of type bool, not "maybe"`},
		{name: "two values for one are refused", given: plan.Args{"thread-pool-size": {"1", "2"}}, err: "--thread-pool-size takes one value, not 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			args, err := d.Args(tc.given)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.args, args)
		})
	}
}

func TestWhatWritesNowhereIsAValidator(t *testing.T) {
	d := definition("x")
	require.Equal(t, reconcile.ClassValidator, d.Class())
	require.Equal(t, reconcile.AppInterface, d.System())
	d.Writes = []reconcile.System{reconcile.Quay}
	require.Equal(t, reconcile.ClassReconciler, d.Class())
	require.Equal(t, reconcile.Quay, d.System(), "activities run where the integration writes")
	require.Equal(t, []reconcile.System{reconcile.AppInterface, reconcile.Quay}, d.Systems())
	require.Equal(t, plan.DefaultGuard(), d.Brake())
}
