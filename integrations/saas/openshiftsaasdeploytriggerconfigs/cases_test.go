package openshiftsaasdeploytriggerconfigs_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploytriggerconfigs"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, openshiftsaasdeploytriggerconfigs.Definition()) }
