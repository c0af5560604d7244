package routes_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/routes"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, routes.Definition()) }
