package supportcasessos_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/aws/supportcasessos"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, supportcasessos.Definition()) }
