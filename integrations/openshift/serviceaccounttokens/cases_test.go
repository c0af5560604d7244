package serviceaccounttokens_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/serviceaccounttokens"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, serviceaccounttokens.Definition()) }
