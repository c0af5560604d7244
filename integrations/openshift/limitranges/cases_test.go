package limitranges_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/limitranges"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, limitranges.Definition()) }
