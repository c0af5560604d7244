package clusterbots_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterbots"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, clusterbots.Definition()) }
