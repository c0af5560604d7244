package namespacelabels_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/namespacelabels"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, namespacelabels.Definition()) }
