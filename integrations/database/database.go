// Package database lists the integrations of the family database.
package database

import (
	"github.com/app-sre/qontract-temporal/integrations/database/accessmanager"
	"github.com/app-sre/qontract-temporal/integrations/database/gabiauthorizedusers"
	"github.com/app-sre/qontract-temporal/integrations/database/sqlquery"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Family is the family's list.
func Family() reconcile.Family {
	return reconcile.Family{Name: "database", Integrations: []reconcile.Definition{
		accessmanager.Definition(),
		gabiauthorizedusers.Definition(),
		sqlquery.Definition(),
	}}
}
