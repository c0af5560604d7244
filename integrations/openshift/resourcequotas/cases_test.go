package resourcequotas_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, resourcequotas.Definition()) }

func TestFailureMode02_OneUnreachableClusterFailsAlone(t *testing.T) {
	testkit.RunCase(t, resourcequotas.Definition(), "testdata/an_unreachable_cluster_does_not_stop_the_other.txtar")
}
