package gabiauthorizedusers_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/database/gabiauthorizedusers"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, gabiauthorizedusers.Definition()) }
