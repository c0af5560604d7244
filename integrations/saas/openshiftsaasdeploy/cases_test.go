package openshiftsaasdeploy_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploy"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, openshiftsaasdeploy.Definition()) }
