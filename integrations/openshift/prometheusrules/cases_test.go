package prometheusrules_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/prometheusrules"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, prometheusrules.Definition()) }
