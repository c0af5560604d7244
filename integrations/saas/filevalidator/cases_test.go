package filevalidator_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/saas/filevalidator"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, filevalidator.Definition()) }
