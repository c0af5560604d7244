package advancedupgradescheduler_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/advancedupgradescheduler"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, advancedupgradescheduler.Definition()) }
