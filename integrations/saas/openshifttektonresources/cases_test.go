package openshifttektonresources_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/saas/openshifttektonresources"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, openshifttektonresources.Definition()) }
