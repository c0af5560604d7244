package updaterecommendedversion_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/updaterecommendedversion"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, updaterecommendedversion.Definition()) }
