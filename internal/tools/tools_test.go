package tools_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"

	"github.com/app-sre/qontract-temporal/internal/tools"
)

func TestVersionsAreWhatTheModulesPin(t *testing.T) {
	for name, source := range map[string]struct{ folder, module string }{
		"temporal":                     {"temporal", "github.com/temporalio/cli"},
		"etcd":                         {"etcd", "go.etcd.io/etcd/server/v3"},
		"kube-apiserver":               {"kubernetes", "k8s.io/kubernetes"},
		"kube-controller-manager":      {"kubernetes", "k8s.io/kubernetes"},
		"vault":                        {"vault", "github.com/hashicorp/vault"},
		"vault-plugin-auth-kubernetes": {"vault", "github.com/hashicorp/vault-plugin-auth-kubernetes"},
		"helm":                         {"helm", "helm.sh/helm/v3"},
		"promtool":                     {"prometheus", "github.com/prometheus/prometheus"},
		"golangci-lint":                {"golangci-lint", "github.com/golangci/golangci-lint/v2"},
		"workflowcheck":                {"workflowcheck", "go.temporal.io/sdk/contrib/tools/workflowcheck"},
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
			release, replaced, _ := strings.Cut(version, "+sqlite")
			require.Equal(t, pinned[source.module], "v"+release)
			if replaced != "" {
				require.Equal(t, pinned["modernc.org/sqlite"], "v"+replaced)
			}
		})
	}
	t.Run("unleash", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join("unleash", "package.json"))
		require.NoError(t, err)
		var pinned struct{ Dependencies map[string]string }
		require.NoError(t, json.Unmarshal(text, &pinned))
		version, ok := tools.Version("unleash")
		require.True(t, ok)
		require.Equal(t, map[string]string{"unleash-server": version}, pinned.Dependencies)
		text, err = os.ReadFile(filepath.Join("unleash", "package-lock.json"))
		require.NoError(t, err)
		var locked struct {
			Packages map[string]struct{ Version, Integrity string }
		}
		require.NoError(t, json.Unmarshal(text, &locked))
		require.Equal(t, version, locked.Packages["node_modules/unleash-server"].Version)
		for name, one := range locked.Packages {
			require.True(t, name == "" || one.Integrity != "", name)
		}
	})
	_, ok := tools.Version("vi")
	require.False(t, ok)
}
