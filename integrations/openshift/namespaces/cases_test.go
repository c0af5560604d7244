package namespaces_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/namespaces"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, namespaces.Definition()) }
