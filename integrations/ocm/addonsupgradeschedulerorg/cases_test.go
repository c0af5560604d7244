package addonsupgradeschedulerorg_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/addonsupgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, addonsupgradeschedulerorg.Definition()) }
