package monitoring_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/internal/monitoring"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const folder = "../../deploy/monitoring"

// promtool runs Prometheus' own check.
func promtool(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	program, err := servers.Find("promtool")
	require.NoError(t, err)
	text, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	return string(text), err
}

func TestTheAlertsFireWhenTheyShould(t *testing.T) {
	output, err := promtool(t, "test", "rules", filepath.Join(folder, "alerts_test.yaml"))
	require.NoError(t, err, output)
	output, err = promtool(t, "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(folder, "alerts.yaml"))
	require.NoError(t, err, output)
}

// TestEveryAlertHasATest fails where a kind of alert was added that alerts_test.yaml does not know.
func TestEveryAlertHasATest(t *testing.T) {
	text, err := monitoring.Rules([]reconcile.Definition{{Name: "quay-membership", Every: time.Minute, Writes: []reconcile.System{reconcile.Quay}}})
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, For, Expr    string
				Labels, Annotations map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	tests, err := os.ReadFile(filepath.Join(folder, "alerts_test.yaml"))
	require.NoError(t, err)
	require.Len(t, file.Groups, 2)
	for _, group := range file.Groups {
		require.NotEmpty(t, group.Rules)
		for _, rule := range group.Rules {
			name := rule.Alert
			if strings.HasPrefix(name, "QontractSt") {
				name = `"` + name + `"`
			}
			require.Contains(t, string(tests), name, rule.Alert)
			require.Contains(t, []string{"critical", "warning", "info"}, rule.Labels["severity"], rule.Alert)
			page, section, _ := strings.Cut(strings.TrimPrefix(rule.Annotations["runbook_url"], "https://github.com/app-sre/qontract-temporal/blob/main/"), "#")
			guide, err := os.ReadFile(filepath.Join("../..", page))
			require.NoError(t, err, rule.Alert)
			require.Contains(t, strings.ToLower(string(guide)), "# "+strings.ReplaceAll(section, "-", " "), "%s leads to %s", rule.Alert, section)
		}
	}
}

func TestTheTimesOfAnIntegrationComeFromItsDefinition(t *testing.T) {
	text, err := monitoring.Rules([]reconcile.Definition{{Name: "x", Family: "f", Every: time.Hour, Writes: []reconcile.System{reconcile.Quay}}})
	require.NoError(t, err)
	for _, line := range []string{"name: qontract-temporal x", "for: 125m", "for: 190m", "family: f", "system: quay", `{integration="x"}`} {
		require.Contains(t, string(text), line)
	}
}

// TestDashboards checks every query with Prometheus' parser, as a rule that records it, and what Grafana wants of the rest.
func TestDashboards(t *testing.T) {
	type recording struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	uids := map[string]bool{}
	for _, dashboard := range monitoring.Dashboards() {
		t.Run(dashboard.UID, func(t *testing.T) {
			require.False(t, uids[dashboard.UID])
			uids[dashboard.UID] = true
			var rules []recording
			for _, expr := range dashboard.Expressions() {
				rules = append(rules, recording{"x", expr})
			}
			require.NotEmpty(t, rules)
			text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "x", "rules": rules}}})
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "rules.yaml")
			require.NoError(t, os.WriteFile(path, text, 0o600))
			output, err := promtool(t, "check", "rules", "--lint=none", path)
			require.NoError(t, err, output)

			text, err = dashboard.JSON()
			require.NoError(t, err)
			kept, err := os.ReadFile(filepath.Join(folder, "dashboards", dashboard.UID+".json"))
			require.NoError(t, err)
			require.Equal(t, string(kept), string(text), "run make generate")
			requireSchema(t, text)
		})
	}
}

// requireSchema requires what Grafana needs to show a dashboard.
func requireSchema(t *testing.T, text []byte) {
	t.Helper()
	var d struct {
		UID, Title    string
		SchemaVersion int
		Templating    struct {
			List []struct{ Name, Type string }
		}
		Panels []struct {
			ID          int
			Title, Type string
			Datasource  struct{ Type, UID string }
			GridPos     struct{ H, W, X, Y int }
			Targets     []struct{ RefID, Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &d))
	require.NotEmpty(t, d.Title)
	require.LessOrEqual(t, len(d.UID), 40, "Grafana's limit")
	require.Positive(t, d.SchemaVersion)
	variables := map[string]bool{}
	for _, variable := range d.Templating.List {
		variables[variable.Name] = true
	}
	require.True(t, variables["datasource"])
	ids := map[int]bool{}
	taken := map[[2]int]bool{}
	for _, panel := range d.Panels {
		require.False(t, ids[panel.ID], panel.Title)
		ids[panel.ID] = true
		require.Contains(t, []string{"stat", "table", "timeseries"}, panel.Type)
		require.Equal(t, "prometheus", panel.Datasource.Type)
		require.NotEmpty(t, panel.Targets)
		require.Equal(t, strings.Contains(panel.Targets[0].Expr, "$integration"), strings.Contains(panel.Targets[0].Expr, "$"), panel.Title)
		require.True(t, variables["integration"] || !strings.Contains(panel.Targets[0].Expr, "$integration"), panel.Title)
		require.LessOrEqual(t, panel.GridPos.X+panel.GridPos.W, 24, panel.Title)
		for x := range panel.GridPos.W {
			for y := range panel.GridPos.H {
				at := [2]int{panel.GridPos.X + x, panel.GridPos.Y + y}
				require.False(t, taken[at], "%s lies on another panel", panel.Title)
				taken[at] = true
			}
		}
	}
}

func TestNames(t *testing.T) {
	for expr, want := range map[string][]string{
		`a`: {"a"},
		`max by (integration, shard_id) (a{integration="b"}) > 0`:                         {"a"},
		`a and on (x) max by (y) (b) unless c offset 5m`:                                  {"a", "b", "c"},
		`histogram_quantile(0.95, sum by (le) (rate(a_bucket{x="$y"}[5m]))) or vector(0)`: {"a_bucket"},
		`time() - a > 5 * 86400`: {"a"},
	} {
		require.Equal(t, want, monitoring.Names(expr), expr)
	}
}
