package upgradeschedulerorgupdater_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorgupdater"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, upgradeschedulerorgupdater.Definition()) }
