package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const repository = "../../.."

// copied is the module in a folder of its own: what a build needs, no more.
func copied(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		copyFile(t, name, to)
	}
	for _, folder := range []string{"activities", "integrations", "internal", "workflows"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(repository, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "testdata" {
				return fs.SkipDir
			}
			name, err := filepath.Rel(repository, path)
			if err == nil && !entry.IsDir() {
				copyFile(t, name, to)
			}
			return err
		}))
	}
	return to
}

func copyFile(t *testing.T, name, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, name))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(to, name), text, 0o600))
}

func command(ctx context.Context, root string, env []string, words ...string) (string, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func TestANewIntegrationCompilesAndItsCaseFails(t *testing.T) {
	root := copied(t)
	var out bytes.Buffer
	require.NoError(t, run(root, options{name: "quay-repos", family: "quay", item: "Repo"}, &out))
	require.Contains(t, out.String(), "wrote integrations/quay/repos/integration.go")
	require.Contains(t, out.String(), "wrote integrations/quay/repos/generated.go")
	require.NoError(t, run(root, options{name: "sendgrid-teammates", item: "Item"}, &out), "a family that is new")

	output, err := command(t.Context(), root, nil, "go", "vet", "./integrations/quay/...", "./integrations/sendgrid/...", "./integrations")
	require.NoError(t, err, output)

	temporal, err := servers.Find("temporal")
	if err != nil {
		t.Skip(err)
	}
	output, err = command(t.Context(), root, []string{"PATH=" + filepath.Dir(temporal) + ":" + os.Getenv("PATH")}, "go", "test", "./integrations/quay/repos")
	require.Error(t, err)
	require.Contains(t, output, "--- FAIL: TestCases/nothing_to_do.txtar")
	require.Contains(t, output, "Desired of quay-repos is yet to be written")
}

func TestWhatCannotBeBegunIsRefused(t *testing.T) {
	for _, tc := range []struct {
		sentence string
		options  options
		message  string
	}{
		{"no name", options{item: "Repo"}, "no name is given: make new NAME="},
		{"a name that the reference does not have", options{name: "quay-repo", item: "Repo"}, `has no integration "quay-repo"; did you mean quay-repos`},
		{"another family", options{name: "quay-repos", family: "registry", item: "Repo"}, "quay-repos belongs to the family quay, not registry"},
		{"an integration that is there", options{name: "quay-membership", item: "Entry"}, "integrations/quay/membership is there already"},
		{"an item that is no exported name", options{name: "quay-repos", item: "repo"}, `the item "repo" is no name of an exported Go type`},
		{"an item whose file is taken", options{name: "quay-repos", item: "Desired"}, "the item Desired would have the file desired.go"},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			files, _, err := scaffold(repository, tc.options)
			require.ErrorContains(t, err, tc.message)
			require.Empty(t, files)
		})
	}
}

func TestAListStaysInOrder(t *testing.T) {
	const before = `package quay

import (
	"example.com/quay/b"
	"example.com/quay/d"
	"example.com/reconcile"
)

func Family() reconcile.Family {
	return reconcile.Family{Name: "quay", Integrations: []reconcile.Definition{
		b.Definition(),
		// d comes last.
		d.Definition(),
	}}
}
`
	for _, tc := range []struct{ sentence, name, before, after string }{
		{"first", "a", "\t\tb.Definition()", "\t\ta.Definition(),\n\t\tb.Definition()"},
		{"in the middle", "c", "\t\tb.Definition(),\n", "\t\tb.Definition(),\n\t\tc.Definition(),\n"},
		{"last", "e", "\t\td.Definition(),\n", "\t\td.Definition(),\n\t\te.Definition(),\n"},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			got, err := insert("quay.go", []byte(before), "Definition", "example.com/quay/"+tc.name, tc.name+".Definition()")
			require.NoError(t, err)
			want := strings.Replace(before, tc.before, tc.after, 1)
			require.Equal(t, lines(want), lines(strings.Replace(string(got), "\t\"example.com/quay/"+tc.name+"\"\n", "", 1)))
			require.Contains(t, string(got), "\t\"example.com/quay/"+tc.name+"\"\n")
		})
	}
}

func TestAListOnOneLineStaysOne(t *testing.T) {
	for _, tc := range []struct{ sentence, list, want string }{
		{"with one element", "{d.Definition()}", "{d.Definition(), e.Definition()}"},
		{"empty", "{}", "{e.Definition()}"},
		{"with a greater element", "{f.Definition()}", "{e.Definition(), f.Definition()}"},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			text := "package quay\n\nvar all = []reconcile.Definition" + tc.list + "\n"
			got, err := insert("quay.go", []byte(text), "Definition", "example.com/quay/e", "e.Definition()")
			require.NoError(t, err)
			require.Contains(t, string(got), "[]reconcile.Definition"+tc.want)
		})
	}
}

func TestAFileWithoutAListIsNamed(t *testing.T) {
	_, err := insert("quay.go", []byte("package quay\n"), "Definition", "example.com/quay/e", "e.Definition()")
	require.EqualError(t, err, "quay.go has no []reconcile.Definition{...} to add e.Definition() to")
}

func lines(text string) []string { return strings.Split(text, "\n") }
