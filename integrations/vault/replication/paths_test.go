package replication

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestPolicyPaths(t *testing.T) {
	for _, tc := range []struct {
		name, rules string
		paths       []string
		err         string
	}{
		{name: "a policy without rules has no paths"},
		{name: "each rule has one", rules: "path \"a/b\" {\n  capabilities = [\"read\"]\n}\npath \"c/*\" {\n  capabilities = [\"list\"]\n}\n", paths: []string{"a/b", "c/*"}},
		{name: "rules may share a line", rules: `path "a/b" { capabilities = ["read"] } path "c/d" { capabilities = ["read"] }`, paths: []string{"a/b", "c/d"}},
		{name: "a path that stands twice counts once", rules: `path "a" { policy = "read" }` + "\n" + `path "a" { policy = "write" }`, paths: []string{"a"}},
		{name: "comments and other keys are no rules", rules: "# path \"a/b\" {}\n/* path \"c\" {} */\nname = \"path\"\npath \"d\" {}", paths: []string{"d"}},
		{name: "JSON is read as well", rules: `{"path": {"a/b": {"capabilities": ["read"]}}}`, paths: []string{"a/b"}},
		{name: "what Vault cannot read is named", rules: `path "a/b" {`, err: "the rules of policy reader cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			paths, err := policyPaths(&vaultPolicy{Name: "reader", Rules: tc.rules})
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.paths, paths)
		})
	}
}

func TestCopyable(t *testing.T) {
	for path, want := range map[string]bool{
		"policy/p-a_th/3/secret1_1-1": true, "policy/path/1/*": true, "policy/path/1/": true,
		"policy/path*": false, "policy/p*th": false, "policy/+/path": false, "": false, "*": false, "a b": false,
	} {
		require.Equal(t, want, copyable.MatchString(path), path)
	}
}

func TestWithoutVerb(t *testing.T) {
	for path, want := range map[string]string{
		"kv/data/team/db": "kv/team/db", "kv/data/*": "kv/*", "kv/metadata/team/*": "kv/team/*", "kv/team/db": "kv/team/db", "kv/*": "kv/*", "kv": "kv",
		"kv/data": "kv/data", "kv/delete/team/db": "", "kv/undelete/*": "", "kv/destroy/a": "", "kv/subkeys/a": "", "kv/config": "",
	} {
		secrets, ok := withoutVerb(path)
		require.Equal(t, want != "", ok, path)
		require.Equal(t, want, secrets, path)
	}
}

func TestCovers(t *testing.T) {
	for _, tc := range []struct {
		policy, secret string
		want           bool
	}{
		{"team/db", "team/db", true},
		{"team/db", "team/d", false},
		{"team/d", "team/db", false},
		{"team/*", "team/db", true},
		{"team/*", "team/api/key", true},
		{"team/*", "team-b/db", false},
		{"team/", "team/db", true},
		{"team/d*", "team/db", true},
		{"+/db", "team/db", false},
		{"kv/+/db", "kv/team/db", true},
		{"kv/+/db", "kv/team/api/db", false},
		{"kv/+/*", "kv/team/api/db", true},
		{"a.b/*", "axb/c", false},
	} {
		require.Equal(t, tc.want, covers(tc.policy, tc.secret), "%s covers %s", tc.policy, tc.secret)
	}
}

func TestTemplates(t *testing.T) {
	secrets := []string{"app/example/path/test-1", "app/example/path2/test-1", "app/test/path/deep/er", "app/test/path/test-1", "app/test/path/test-2"}
	for _, tc := range []struct {
		name, path, folder string
		want               []string
	}{
		{"a variable with text behind", "app/test/path/{name}-1", "app/test/path/", []string{"app/test/path/test-1"}},
		{"a variable for the rest, however deep", "app/test/path/{name}", "app/test/path/", []string{"app/test/path/deep/er", "app/test/path/test-1", "app/test/path/test-2"}},
		{"two variables", "app/{env}/path/{name}-1", "app/", []string{"app/example/path/test-1", "app/test/path/test-1"}},
		{"a variable in the middle", "app/{env}/path/test-1", "app/", []string{"app/example/path/test-1", "app/test/path/test-1"}},
		{"a variable within a segment", "app/test/pa{th}/test-1", "app/test/", []string{"app/test/path/test-1"}},
		{"two braces on each side", "app/{{ env }}/path2/test-1", "app/", []string{"app/example/path2/test-1"}},
		{"text of the template keeps its order", "app/{env}/test-1/path", "app/", []string{}},
		{"signs of patterns are text", "app/.est/{name}", "app/.est/", []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			template, err := parseTemplate(tc.path)
			require.NoError(t, err)
			require.Equal(t, tc.folder, template.folder)
			require.Equal(t, tc.want, template.among(secrets))
		})
	}
	template, err := parseTemplate("app/test/path")
	require.NoError(t, err)
	require.Nil(t, template)
	for _, path := range []string{"{mount}/a", "ki{t}/a", "app/{a", "app/a}"} {
		_, err := parseTemplate(path)
		require.True(t, apierr.Is(err, apierr.Invalid), path)
		require.ErrorContains(t, err, path)
	}
}

func TestJenkinsPaths(t *testing.T) {
	config := func(instance, content string) jenkinsConfig {
		return jenkinsConfig{Instance: jenkinsConfigInstanceJenkinsInstanceV1{Name: instance}, ConfigPath: &jenkinsConfigConfigPathResourceV1{Content: content}}
	}
	configs := []jenkinsConfig{
		config("ci", "name: 'x'\n    secret-path: 'this/is/a/path'\n- secret-path:   \"path/{name}/secret\"  # 'why'\nsecret-path: unquoted\n"),
		config("other", "secret-path: 'not/mine'"),
		{Instance: jenkinsConfigInstanceJenkinsInstanceV1{Name: "ci"}},
		config("ci", "secret-path: 'this/is/a/path'\nsecret-path: 'one/more'"),
	}
	require.Equal(t, []string{"this/is/a/path", "path/{name}/secret", "one/more"}, jenkinsPaths(configs, "ci"))
	require.Empty(t, jenkinsPaths(configs, "nobody"))
}

func TestCopyComparesVersionsOrContents(t *testing.T) {
	want := Copy{Path: "kv/a", From: "primary", To: "replica", KV: 2, Version: 3}
	plain := Copy{Path: "kv/a", From: "primary", To: "replica", KV: 1}
	for _, tc := range []struct {
		name    string
		want    Copy
		current Copy
		equal   bool
		reason  string
	}{
		{"the same version", want, Copy{KV: 2, Version: 3}, true, ""},
		{"an older version", want, Copy{KV: 2, Version: 2}, false, "version 2 there, version 3 at the source"},
		{"a newer version stays", want, Copy{KV: 2, Version: 4}, true, ""},
		{"the same content", plain, Copy{KV: 1}, true, ""},
		{"another content", plain, Copy{KV: 1, Differs: true}, false, "its content differs"},
		{"another engine", want, Copy{KV: 1}, false, ""},
		{"another engine the other way round", plain, Copy{KV: 2, Version: 3}, false, ""},
		{"what cannot be read is no equal", want, Copy{KV: 2, Version: 3, Unreadable: "forbidden"}, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.equal, tc.want.Equal(tc.current))
			if !tc.equal {
				require.Equal(t, tc.reason, tc.want.Explain(tc.current))
			}
		})
	}
	require.Equal(t, "kv/a", want.Key())
	require.Equal(t, "secret kv/a of primary in replica", want.Title())
}

func TestSeveralReplicationsOfOnePairAreToldApart(t *testing.T) {
	one := replication{from: instance{name: "primary"}, to: instance{name: "replica"}}
	require.Equal(t, "primary/replica", one.name(0))
	require.Equal(t, "primary/replica/2", one.name(1))
}
