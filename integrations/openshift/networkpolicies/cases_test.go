package networkpolicies_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/networkpolicies"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, networkpolicies.Definition()) }
