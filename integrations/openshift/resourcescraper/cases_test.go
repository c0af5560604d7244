package resourcescraper_test

import (
	"testing"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcescraper"
	"github.com/app-sre/qontract-temporal/internal/testkit"
)

func TestCases(t *testing.T) { testkit.Run(t, resourcescraper.Definition()) }
