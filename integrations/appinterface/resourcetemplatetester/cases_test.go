package resourcetemplatetester_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/appinterface/resourcetemplatetester"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, resourcetemplatetester.Definition()) }
