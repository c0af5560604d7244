package servicedependencies_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/appinterface/servicedependencies"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, servicedependencies.Definition()) }
