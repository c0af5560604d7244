package rolebindings_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/rolebindings"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, rolebindings.Definition()) }
