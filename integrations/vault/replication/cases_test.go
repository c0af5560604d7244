package replication_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/vault/replication"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, replication.Definition()) }
