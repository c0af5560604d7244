package versiongateapprover_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/ocm/versiongateapprover"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, versiongateapprover.Definition()) }
