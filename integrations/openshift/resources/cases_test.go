package resources_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resources"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, resources.Definition()) }
