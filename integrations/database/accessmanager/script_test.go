package accessmanager

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// wanted reads an access to the database test of the user test.
func wanted(t *testing.T, fields string) externalresources.DatabaseAccess {
	t.Helper()
	d := externalresources.DatabaseAccess{Name: "test", Username: "test", Database: "test"}
	require.NoError(t, json.Unmarshal([]byte("{"+fields+"}"), &d))
	return d
}

const (
	none    = `"access": []`
	fooRW   = `"access": [{"grants": ["INSERT", "SELECT"], "target": {"dbschema": "foo"}}]`
	fooAll  = `"access": [{"grants": ["SELECT", "INSERT", "UPDATE"], "target": {"dbschema": "foo"}}]`
	bar     = `"access": [{"grants": ["SELECT"], "target": {"dbschema": "bar"}}]`
	deleted = `"delete": true, ` + fooRW
)

func TestTheScriptLeadsFromWhatWasToWhatIsWanted(t *testing.T) {
	for _, tc := range []struct {
		name, wanted, was string
		has, lacks        []string
	}{
		{"a new user without grants", none, "", []string{
			`'CREATE DATABASE "test"' WHERE NOT EXISTS`, `REVOKE ALL ON DATABASE "test" FROM PUBLIC;`, `\connect "test"`,
			`'CREATE ROLE "test"' WHERE NOT EXISTS`, `ALTER ROLE "test" WITH LOGIN PASSWORD 'it''s secret' VALID UNTIL 'infinity';`,
			`GRANT CONNECT ON DATABASE "test" TO "test";`, `GRANT "test" TO "admin";`, `CREATE SCHEMA IF NOT EXISTS "test" AUTHORIZATION "test";`,
		}, []string{"ON ALL TABLES", "DROP"}},
		{"a new user with grants", fooRW, "", []string{`GRANT INSERT,SELECT ON ALL TABLES IN SCHEMA "foo" TO "test";`}, []string{"TABLES IN SCHEMA \"foo\" FROM"}},
		{"nothing that was there is taken back", fooRW, none, []string{`GRANT INSERT,SELECT`}, []string{"TABLES IN SCHEMA \"foo\" FROM"}},
		{"a grant that is not wanted any more", fooRW, fooAll, []string{`'REVOKE UPDATE ON ALL TABLES IN SCHEMA "foo" FROM "test"' WHERE EXISTS`},
			[]string{"REVOKE INSERT", "REVOKE ALL PRIVILEGES"}},
		{"a schema that is not wanted any more", fooRW, bar, []string{`'REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA "bar" FROM "test"' WHERE EXISTS`},
			[]string{`PRIVILEGES ON ALL TABLES IN SCHEMA "foo"`}},
		{"an access that comes back has nothing to take back", fooRW, `"delete": true, ` + bar, []string{`GRANT INSERT,SELECT`}, []string{`SCHEMA "bar"`}},
		{"a user that goes", deleted, fooRW, []string{
			`\connect "test"`, `REASSIGN OWNED BY "test" TO "admin";`, `DROP OWNED BY "test";`, `DROP ROLE IF EXISTS "test";`,
		}, []string{"CREATE", "GRANT", "secret"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := Access{Wanted: wanted(t, tc.wanted)}
			if tc.was != "" {
				was := wanted(t, tc.was)
				a.Was = &was
			}
			script := a.script(connection{user: "test", password: secret.New("it's secret")}, connection{user: "admin"})
			require.True(t, strings.HasPrefix(script, `\set ON_ERROR_STOP on`), "no statement fails unnoticed")
			for _, part := range tc.has {
				require.Contains(t, script, part)
			}
			for _, part := range tc.lacks {
				require.NotContains(t, script, part)
			}
		})
	}
}

func TestFaultsOfAnAccess(t *testing.T) {
	for _, tc := range []struct{ name, fields, fault string }{
		{"none", fooRW, ""},
		{"none without grants", none, ""},
		{"privileges in lower case are none", `"access": [{"grants": ["select"], "target": {"dbschema": "foo"}}]`, ""},
		{"a schema twice", `"access": [{"grants": ["SELECT"], "target": {"dbschema": "foo"}}, {"grants": ["INSERT"], "target": {"dbschema": "foo"}}]`, "the schema foo is listed twice"},
		{"an unknown privilege", `"access": [{"grants": ["SELECT; DROP TABLE x"], "target": {"dbschema": "foo"}}]`, "is no privilege of tables"},
		{"no privileges", `"access": [{"grants": [], "target": {"dbschema": "foo"}}]`, "the schema foo has no grants"},
		{"a schema that ends its quotes", `"access": [{"grants": ["SELECT"], "target": {"dbschema": "foo\"; --"}}]`, "is no name"},
		{"a username that ends its quotes", `"username": "x\" SUPERUSER"`, "the username"},
		{"a database that psql takes for a connection", `"database": "host=elsewhere"`, "the database"},
		{"a database without name", `"database": ""`, "the database"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := faults(wanted(t, tc.fields))
			if tc.fault == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.ErrorContains(t, found[0], tc.fault)
		})
	}
}

func TestWhatIsTheSameForTheReferenceIsTheSameHere(t *testing.T) {
	for _, tc := range []struct {
		name, one, other string
		same             bool
	}{
		{"as it was stored", fooRW, fooRW, true},
		{"null and empty", `"access": null, "delete": null`, `"access": [], "delete": false`, true},
		{"another grant", fooRW, fooAll, false},
		{"another schema", fooRW, bar, false},
		{"a user that is to go", fooRW, deleted, false},
		{"another user", fooRW, `"username": "other", ` + fooRW, false},
		{"another database", fooRW, `"database": "other", ` + fooRW, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			one, other := Access{Wanted: wanted(t, tc.one)}, wanted(t, tc.other)
			require.Equal(t, tc.same, one.Equal(Access{Was: &other}))
		})
	}
	require.False(t, Access{}.Equal(Access{}), "what state does not have is not there")

	text, err := json.Marshal(wanted(t, fooRW))
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "test", "username": "test", "database": "test", "delete": null,
		"access": [{"grants": ["INSERT", "SELECT"], "target": {"dbschema": "foo"}}]}`, string(text), "the form in state")
	text, err = json.Marshal(wanted(t, `"delete": false`))
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "test", "username": "test", "database": "test", "delete": false, "access": null}`, string(text))
}

func TestAPasswordIsLongAndNeverTheSame(t *testing.T) {
	one, err := generatePassword()
	require.NoError(t, err)
	other, err := generatePassword()
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z0-9]{32}$`, one.Reveal())
	require.NotEqual(t, one.Reveal(), other.Reveal())
}
