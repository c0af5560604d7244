package tools_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"

	"github.com/app-sre/qontract-temporal/internal/tools"
)

func TestVersionsAreWhatTheModulesPin(t *testing.T) {
	for name, source := range map[string]struct{ folder, module string }{
		"temporal":                {"temporal", "github.com/temporalio/cli"},
		"etcd":                    {"etcd", "go.etcd.io/etcd/server/v3"},
		"kube-apiserver":          {"kubernetes", "k8s.io/kubernetes"},
		"kube-controller-manager": {"kubernetes", "k8s.io/kubernetes"},
		"golangci-lint":           {"golangci-lint", "github.com/golangci/golangci-lint/v2"},
		"workflowcheck":           {"workflowcheck", "go.temporal.io/sdk/contrib/tools/workflowcheck"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(source.folder, "go.mod")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			parsed, err := modfile.Parse(file, text, nil)
			require.NoError(t, err)
			pinned := map[string]string{}
			for _, module := range parsed.Require {
				pinned[module.Mod.Path] = module.Mod.Version
			}
			version, ok := tools.Version(name)
			require.True(t, ok)
			require.Equal(t, pinned[source.module], "v"+version)
		})
	}
	_, ok := tools.Version("vi")
	require.False(t, ok)
}
