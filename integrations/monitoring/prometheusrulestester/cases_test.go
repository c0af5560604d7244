package prometheusrulestester_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/monitoring/prometheusrulestester"
	"github.com/app-sre/qontract-temporal/internal/testkit"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// TestMain puts the promtool that the tests install where a worker looks for it.
func TestMain(m *testing.M) {
	if program, err := servers.Find("promtool"); err == nil {
		_ = os.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	os.Exit(m.Run())
}

func TestCases(t *testing.T) { testkit.Run(t, prometheusrulestester.Definition()) }
