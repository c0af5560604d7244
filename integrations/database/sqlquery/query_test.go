package sqlquery

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func TestLongSQLIsSplit(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		size       int
		want       []string
	}{
		{"into characters", "test", 1, []string{"t", "e", "s", "t"}},
		{"into parts", "this is a longer string", 3, []string{"thi", "s i", "s a", " lo", "nge", "r s", "tri", "ng"}},
		{"not where it is short", "testtest", 100, []string{"testtest"}},
		{"where it has the size it is one part", "test", 4, []string{"test"}},
		{"between characters of several bytes", "aéé", 2, []string{"a", "é", "é"}},
		{"none is no part", "", 4, nil},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, split(tc.text, tc.size)) })
	}
	l := listed{definition: definition{Query: strings.Repeat("x", chunkSize+1), Queries: []string{"y"}}}
	var names []string
	for _, part := range l.chunks() {
		names = append(names, part.file)
	}
	require.Equal(t, []string{"q00000c00000", "q00000c00001", "q00001c00000"}, names)
}

func TestCommandLines(t *testing.T) {
	const whole = "cat '/configs'/q* > '/tmp/queries'; "
	for _, tc := range []struct {
		name, engine, output string
		has                  []string
	}{
		{"postgres", "postgres", stdout, []string{whole + `(time PGPASSWORD='$(db.password)' psql --host=$(db.host) --port=$(db.port) --username=$(db.user) --dbname=$(db.name) --file="/tmp/queries")`}},
		{"mysql", "mysql", stdout, []string{whole + `(time mysql --host=$(db.host) --port=$(db.port) --database=$(db.name) --user=$(db.user) --password='$(db.password)' < "/tmp/queries")`}},
		{"into a file", "mysql", filesystem, []string{`< "/tmp/queries") &>> /tmp/query-result.txt; `, "oc cp ${HOSTNAME}:tmp/query-result.txt", "; sleep 3600"}},
		{"encrypted", "postgres", encrypted, []string{
			`--file="/tmp/queries") &>> /tmp/query-result.txt; `, "base64 --decode /configs/gpg-key | gpg --homedir /tmp/.gnupg --import",
			"--trust-model always --armor -r 'dana@example.com' --encrypt /tmp/query-result.txt; rm /tmp/query-result.txt", "cat /tmp/query-result.txt.asc",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			made := command(programs()[tc.engine], tc.output, "dana@example.com")
			for _, part := range tc.has {
				require.Contains(t, made, part)
			}
			require.Equal(t, tc.output == encrypted, strings.Contains(made, "dana"))
		})
	}
}

func TestFaultsOfAQuery(t *testing.T) {
	no := false
	for _, tc := range []struct {
		name, fault string
		change      func(*listed)
	}{
		{"none", "", func(*listed) {}},
		{"no output is stdout", "", func(l *listed) { l.Output = "" }},
		{"encrypted", "", func(l *listed) {
			l.Output, l.mailAddress, l.Requestor = encrypted, "example.com", &requestor{OrgUsername: "dana", PublicGpgKey: "a2V5"}
		}},
		{"an unknown output", "the output fax is not supported", func(l *listed) { l.Output = "fax" }},
		{"encrypted without requestor", "needs a requestor", func(l *listed) { l.Output = encrypted }},
		{"encrypted without key", "dana has no public_gpg_key", func(l *listed) { l.Output, l.Requestor = encrypted, &requestor{OrgUsername: "dana"} }},
		{"encrypted without mail", "add smtp to app-interface-settings", func(l *listed) {
			l.Output, l.Requestor = encrypted, &requestor{OrgUsername: "dana", PublicGpgKey: "a2V5"}
		}},
		{"a recipient that bash takes for more", "is no mail address", func(l *listed) {
			l.Output, l.mailAddress, l.Requestor = encrypted, "example.com", &requestor{OrgUsername: "dana'; rm -r /; '", PublicGpgKey: "a2V5"}
		}},
		{"a key that is not base64", "is not base64", func(l *listed) {
			l.Output, l.mailAddress, l.Requestor = encrypted, "example.com", &requestor{OrgUsername: "dana", PublicGpgKey: "-----BEGIN"}
		}},
		{"an instance that is not there", "namespace team-a has no rds gone", func(l *listed) { l.Identifier = "gone" }},
		{"external resources that are not managed", "namespace team-a has no rds shop", func(l *listed) { l.definition.Namespace.ManagedExternalResources = &no }},
		{"an unknown engine", "the engine oracle is not supported", func(l *listed) {
			l.definition.Namespace.ExternalResources = []externalresources.Provided{{Resources: []externalresources.Resource{{Provider: "rds", Identifier: "shop", Defaults: "/oracle.yml"}}}}
		}},
		{"a name twice", "the name is that of another query too", func(l *listed) { l.twice = true }},
		{"no SQL", "it has no SQL", func(l *listed) { l.Query, l.Queries = "", nil }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := &listed{definition: sample()}
			tc.change(l)
			r := &reconciler{at: func(reconcile.Scope) session { return &bundle{} }}
			made, err := r.job(t.Context(), reconcile.Scope{}, l)
			if tc.fault == "" {
				require.NoError(t, err)
				require.Equal(t, "quay.io/app-sre/postgres:13.7", made.image)
				require.Equal(t, "shop-rds", made.adminSecret)
				return
			}
			require.ErrorContains(t, err, tc.fault)
			require.ErrorContains(t, err, "SQL query top (/queries/top.yml): ")
		})
	}
}

func TestOverridesTakeThePlaceOfTheSecret(t *testing.T) {
	l := &listed{definition: sample()}
	l.Overrides = &overrides{DbName: "other", DbPort: "6432"}
	got := map[string]any{}
	for _, entry := range l.container(job{adminSecret: "shop-rds"})["env"].([]any) {
		variable := entry.(map[string]any)
		got[variable["name"].(string)] = variable["value"]
	}
	require.Equal(t, map[string]any{"db.host": nil, "db.name": "other", "db.password": nil, "db.port": "6432", "db.user": nil}, got)
}

func TestTheInventoryCountsWhatShouldBeAndWhatIs(t *testing.T) {
	now := time.Unix(604800, 0)
	for _, tc := range []struct {
		name             string
		note             note
		schedule         string
		goes             bool
		current, desired int
	}{
		{"new", note{}, "", false, 0, 1},
		{"done", note{done: true}, "", false, 0, 0},
		{"to be deleted", note{since: time.Unix(0, 0)}, "", false, 1, 0},
		{"active", note{since: time.Unix(1, 0)}, "", false, 1, 1},
		{"a CronJob stays", note{since: time.Unix(0, 0)}, "@daily", false, 1, 1},
		{"a CronJob that is to be deleted", note{since: time.Unix(1, 0)}, "@daily", true, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := sample()
			d.Query, d.Schedule, d.Delete = "", tc.schedule, &tc.goes
			counts := inventory(map[string]*listed{"top": {definition: d}}, map[string]note{"top": tc.note}, now)
			runner, other := "Job", "CronJob"
			if tc.schedule != "" {
				runner, other = other, runner
			}
			for kind, objects := range map[string]int{"ConfigMap": 2, "ServiceAccount": 1, runner: 1, other: 0, "Secret": 0} {
				for state, times := range map[string]int{"current": tc.current, "desired": tc.desired} {
					count, ok := counts[counted{"prod-1", "team-a", kind, state}]
					require.True(t, ok, "%s %s", kind, state)
					require.Equal(t, times*objects, count, "%s %s", kind, state)
				}
			}
		})
	}
}
