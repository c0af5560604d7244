package integrationsmanager_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/integrations/appinterface/integrationsmanager"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, integrationsmanager.Definition(integrations.All)) }
