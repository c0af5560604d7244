package sqlquery_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/database/sqlquery"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, sqlquery.Definition()) }
