package signalfxprometheusendpointmonitoring_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/monitoring/signalfxprometheusendpointmonitoring"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, signalfxprometheusendpointmonitoring.Definition()) }
