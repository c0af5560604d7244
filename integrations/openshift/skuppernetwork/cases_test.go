package skuppernetwork_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/skuppernetwork"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, skuppernetwork.Definition()) }
