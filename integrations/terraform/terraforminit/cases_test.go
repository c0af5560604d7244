package terraforminit_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/terraform/terraforminit"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, terraforminit.Definition()) }
