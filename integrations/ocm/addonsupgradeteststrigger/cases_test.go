package addonsupgradeteststrigger_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/addonsupgradeteststrigger"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, addonsupgradeteststrigger.Definition()) }
