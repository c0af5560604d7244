package vaultsecrets_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/vaultsecrets"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, vaultsecrets.Definition()) }
