package accessmanager

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const postgres = "postgres"

// identifier is what psql and PostgreSQL take for a name between quotes, without anything that either of them could take
// for something else.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.$@-]{0,62}$`)

// privileges are those of tables.
var privileges = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "ALL", "ALL PRIVILEGES"}

// faults are what is wrong with an access as app-interface has it.
//
// Differs from the reference: names and privileges that cannot be written into SQL as they are, are refused. The reference
// leaves it to the Job to fail, or to do something else.
func faults(d externalresources.DatabaseAccess) reconcile.Problems {
	var problems reconcile.Problems
	refuse := func(format string, args ...any) {
		problems = append(problems, apierr.Errorf(apierr.Invalid, "access "+d.Name+": "+format, args...))
	}
	for what, name := range map[string]string{"username": d.Username, "database": d.Database} {
		if !identifier.MatchString(name) {
			refuse("the %s %q is no name: use up to 63 letters, digits and any of '_.$@-'", what, name)
		}
	}
	seen := map[string]bool{}
	for _, grant := range d.Access {
		schema := grant.Target.DBSchema
		if seen[schema] {
			refuse("the schema %s is listed twice: list all of its grants at once", schema)
		}
		seen[schema] = true
		if !identifier.MatchString(schema) {
			refuse("the schema %q is no name: use up to 63 letters, digits and any of '_.$@-'", schema)
		}
		if len(grant.Grants) == 0 {
			refuse("the schema %s has no grants: list some, or leave the schema out", schema)
		}
		for _, privilege := range grant.Grants {
			if !slices.Contains(privileges, strings.ToUpper(privilege)) {
				refuse("%q on the schema %s is no privilege of tables: use %s", privilege, schema, strings.Join(privileges, ", "))
			}
		}
	}
	return problems
}

// Vet implements reconcile.Vetter: an access stays with its database and its user, and both are not the instance's own.
//
// Differs from the reference: an access that has been deleted may come back with another database or user.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Access]) error {
	a := subject(c)
	if c.Current != nil && c.Current.Was != nil {
		if was := *c.Current.Was; was.Database != a.Wanted.Database {
			return apierr.Errorf(apierr.Invalid, "the database cannot be changed from %s to %s: delete the access, and add another one", was.Database, a.Wanted.Database)
		} else if was.Username != a.Wanted.Username {
			return apierr.Errorf(apierr.Invalid, "the username cannot be changed from %s to %s: delete the access, and add another one", was.Username, a.Wanted.Username)
		}
	}
	at, err := r.place(ctx, s, a)
	if err != nil {
		return err
	}
	admin, err := readConnection(ctx, at, a.AdminSecret)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.allowed(admin)
}

// allowed says why the access must not be made in the instance.
//
// Differs from the reference: the user of the administrator is refused. The reference would change its password, and drop
// it where the access is to be deleted.
func (a Access) allowed(admin connection) error {
	switch {
	case a.Wanted.Database == admin.database:
		return apierr.Errorf(apierr.Invalid, "the database %s is the default one of the instance: choose another", admin.database)
	case a.Wanted.Username == admin.user:
		return apierr.Errorf(apierr.Invalid, "the user %s is the administrator of the instance: choose another", admin.user)
	}
	return nil
}
