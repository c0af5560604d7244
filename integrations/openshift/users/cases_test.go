package users_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/users"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, users.Definition()) }
