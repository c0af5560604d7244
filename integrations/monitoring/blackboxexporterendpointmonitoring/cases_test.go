package blackboxexporterendpointmonitoring_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/monitoring/blackboxexporterendpointmonitoring"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, blackboxexporterendpointmonitoring.Definition()) }
