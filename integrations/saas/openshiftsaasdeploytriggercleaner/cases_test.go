package openshiftsaasdeploytriggercleaner_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/saas/openshiftsaasdeploytriggercleaner"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, openshiftsaasdeploytriggercleaner.Definition()) }
