package upgradeschedulerorg_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, upgradeschedulerorg.Definition()) }
