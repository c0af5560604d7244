package clusterdeploymentmapper_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterdeploymentmapper"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, clusterdeploymentmapper.Definition()) }
