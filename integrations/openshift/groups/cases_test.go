package groups_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/groups"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, groups.Definition()) }
