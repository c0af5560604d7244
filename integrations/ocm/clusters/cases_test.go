package clusters_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/clusters"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, clusters.Definition()) }
