package clusterrolebindings_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/clusterrolebindings"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, clusterrolebindings.Definition()) }
