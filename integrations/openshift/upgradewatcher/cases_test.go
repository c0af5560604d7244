package upgradewatcher_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/upgradewatcher"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, upgradewatcher.Definition()) }
