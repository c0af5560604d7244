package membership_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/quay/membership"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, membership.Definition()) }
