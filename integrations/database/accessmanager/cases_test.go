package accessmanager_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/database/accessmanager"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, accessmanager.Definition()) }
