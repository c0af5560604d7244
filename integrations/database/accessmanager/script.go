package accessmanager

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
)

// script is what psql is to run as the administrator, connected to the instance's default database. Run again, it changes
// nothing. It has the user's password.
func (a Access) script(user, admin connection) string {
	if gone(a.Wanted) {
		return a.deletion(admin)
	}
	statements := []string{
		`\set ON_ERROR_STOP on`,
		unless(fmt.Sprintf(`CREATE DATABASE "%s"`, a.Wanted.Database), "pg_database", "datname", a.Wanted.Database),
		"-- As from PostgreSQL 15 on: nobody but its users may do anything in the database.",
		fmt.Sprintf(`REVOKE ALL ON DATABASE "%s" FROM PUBLIC;`, a.Wanted.Database),
		fmt.Sprintf(`\connect "%s"`, a.Wanted.Database),
		unless(fmt.Sprintf(`CREATE ROLE "%s"`, a.Wanted.Username), "pg_roles", "rolname", a.Wanted.Username),
		fmt.Sprintf(`ALTER ROLE "%s" WITH LOGIN PASSWORD %s VALID UNTIL 'infinity';`, a.Wanted.Username, literal(user.password.Reveal())),
		fmt.Sprintf(`GRANT CONNECT ON DATABASE "%s" TO "%s";`, a.Wanted.Database, a.Wanted.Username),
		"-- An administrator that is no superuser, as in RDS, makes a schema for members of its own roles only.",
		fmt.Sprintf(`GRANT "%s" TO "%s";`, a.Wanted.Username, admin.user),
		fmt.Sprintf(`CREATE SCHEMA IF NOT EXISTS "%s" AUTHORIZATION "%s";`, a.Wanted.Username, a.Wanted.Username),
	}
	statements = append(statements, a.revocations()...)
	for _, grant := range a.Wanted.Access {
		statements = append(statements, fmt.Sprintf(`GRANT %s ON ALL TABLES IN SCHEMA "%s" TO "%s";`,
			strings.Join(grant.Grants, ","), grant.Target.DBSchema, a.Wanted.Username))
	}
	return strings.Join(statements, "\n") + "\n"
}

// revocations take back what state has and is not wanted any more.
//
// Differs from the reference: what is to be taken back in a schema that is gone is passed over. There the Job fails.
func (a Access) revocations() []string {
	if a.Was == nil || gone(*a.Was) {
		return nil
	}
	var statements []string
	for _, had := range a.Was.Access {
		schema, privileges := had.Target.DBSchema, []string{"ALL PRIVILEGES"}
		if at := slices.IndexFunc(a.Wanted.Access, func(g externalresources.DatabaseGrant) bool { return g.Target == had.Target }); at >= 0 {
			privileges = slices.DeleteFunc(slices.Clone(had.Grants), func(p string) bool { return slices.Contains(a.Wanted.Access[at].Grants, p) })
		}
		for _, privilege := range privileges {
			statements = append(statements, where(fmt.Sprintf(`REVOKE %s ON ALL TABLES IN SCHEMA "%s" FROM "%s"`, privilege, schema, a.Wanted.Username),
				"EXISTS", "pg_namespace", "nspname", schema))
		}
	}
	return statements
}

// deletion drops the user. What it owns is the administrator's from then on.
//
// Differs from the reference: all privileges of the user in the database are dropped first, without which PostgreSQL does
// not drop a user; there the Job fails. A database or user that is gone is no error.
func (a Access) deletion(admin connection) string {
	user, database := a.Wanted.Username, a.Wanted.Database
	return strings.Join([]string{
		`\set ON_ERROR_STOP on`,
		fmt.Sprintf(`SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s) AND EXISTS (SELECT FROM pg_roles WHERE rolname = %s) AS there \gset`,
			literal(database), literal(user)),
		`\if :there`,
		fmt.Sprintf(`\connect "%s"`, database),
		fmt.Sprintf(`REASSIGN OWNED BY "%s" TO "%s";`, user, admin.user),
		fmt.Sprintf(`DROP OWNED BY "%s";`, user),
		`\endif`,
		fmt.Sprintf(`DROP ROLE IF EXISTS "%s";`, user),
	}, "\n") + "\n"
}

// unless runs a statement where the catalogue has no row of a name.
func unless(statement, catalogue, column, name string) string {
	return where(statement, "NOT EXISTS", catalogue, column, name)
}

// where has psql run a statement if the catalogue has a row of a name, or has none.
func where(statement, condition, catalogue, column, name string) string {
	return fmt.Sprintf(`SELECT %s WHERE %s (SELECT FROM pg_catalog.%s WHERE %s = %s) \gexec`, literal(statement), condition, catalogue, column, literal(name))
}

// literal is a text in SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
