package accountmanager_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/aws/accountmanager"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, accountmanager.Definition()) }
