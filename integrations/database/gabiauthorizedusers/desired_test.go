package gabiauthorizedusers

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// gabi is an instance with two users, and its database in a cluster with an auth service.
func gabi(t *testing.T, expiration, identifier, service string) (instance, database) {
	t.Helper()
	var of instance
	require.NoError(t, json.Unmarshal([]byte(`{
		"name": "gabi1", "path": "/services/gabi/gabi1.yml", "expirationDate": "`+expiration+`",
		"users": [{"github_username": "user1", "org_username": "org1"}, {"github_username": "user2", "org_username": "org2"}],
		"instances": [{"account": "app-sre", "identifier": "`+identifier+`", "namespace": {
			"name": "gabi-db", "managedExternalResources": true, "cluster": {"name": "server"},
			"login": {"name": "server", "auth": [`+service+`]},
			"externalResources": [
				{"provider": "cloudflare"},
				{"provider": "aws", "provisioner": {"name": "other"}, "resources": [{"provider": "rds", "identifier": "of-another-account"}]},
				{"provider": "aws", "provisioner": {"name": "app-sre"}, "resources": [
					{"provider": "elasticache", "identifier": "no-rds"}, {"provider": "rds", "identifier": "gabi-db"}]}]}}]}`), &of))
	return of, of.Instances[0]
}

func at(day string) func() time.Time {
	return func() time.Time {
		when, _ := time.Parse(time.DateTime, day+" 23:59:59")
		return when
	}
}

const (
	github = `{"service": "github-org-team"}`
	rhidp  = `{"service": "rhidp"}`
	oidc   = `{"service": "oidc"}`
)

func TestAnInstanceHasTheConfigMapAndTheHashOfTheReference(t *testing.T) {
	of, db := gabi(t, "2023-01-01", "gabi-db", github)
	got, err := (&source{now: at("2022-06-01")}).configMap(of, db)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "gabi1", "annotations": map[string]any{"qontract.recycle": "true"}},
		"data":     map[string]any{"config.json": `{"expiration":"2023-01-01","users":["user1","user2"]}`},
	}, got)
	hash, err := kubeapi.Hash(got)
	require.NoError(t, err)
	require.Equal(t, "af58adb091f59451c9dbea1e77b7660c73b44ef9cdb4c363fc10338285cbfc01", hash)
}

func TestWhatAnInstanceSays(t *testing.T) {
	for name, tc := range map[string]struct {
		expiration, identifier, service string
		// config is what comes of it, or err.
		config, err string
	}{
		"access may end 365 days ahead":         {"2023-06-01", "gabi-db", github, `{"expiration":"2023-06-01","users":["user1","user2"]}`, ""},
		"access may not end a day later":        {"2023-06-02", "gabi-db", github, "", "more than 365 days ahead"},
		"access that has ended is said":         {"2020-01-01", "gabi-db", github, `{"expiration":"2020-01-01","users":["user1","user2"]}`, ""},
		"a day without zeros is the same":       {"2023-1-1", "gabi-db", github, `{"expiration":"2023-01-01","users":["user1","user2"]}`, ""},
		"what is no day is refused":             {"soon", "gabi-db", github, "", `expirationDate "soon" is no day`},
		"an unknown database is refused":        {"2023-01-01", "gabi-db1", github, "", "account app-sre has no RDS gabi-db1 for namespace gabi-db"},
		"a database of another account":         {"2023-01-01", "of-another-account", github, "", "has no RDS of-another-account"},
		"another kind of resource":              {"2023-01-01", "no-rds", github, "", "has no RDS no-rds"},
		"a cluster without auth knows GitHub's": {"2023-01-01", "gabi-db", "", `{"expiration":"2023-01-01","users":["user1","user2"]}`, ""},
		"a cluster with an identity provider":   {"2023-01-01", "gabi-db", rhidp, `{"expiration":"2023-01-01","users":["org1","org2"]}`, ""},
		"a cluster with several services": {
			"2023-01-01", "gabi-db", github + "," + oidc + "," + rhidp, `{"expiration":"2023-01-01","users":["user1","org1","user2","org2"]}`, "",
		},
		"an unknown service is refused": {"2023-01-01", "gabi-db", `{"service": "ldap"}`, "", "ldap"},
	} {
		t.Run(name, func(t *testing.T) {
			of, db := gabi(t, tc.expiration, tc.identifier, tc.service)
			got, err := (&source{now: at("2022-06-01")}).configMap(of, db)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.ErrorContains(t, err, "Gabi instance gabi1 (/services/gabi/gabi1.yml)")
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			require.Equal(t, map[string]any{"config.json": tc.config}, got["data"])
		})
	}
	of, db := gabi(t, "2023-01-01", "gabi-db", github)
	off := false
	db.Namespace.ManagedExternalResources = &off
	_, err := (&source{now: at("2022-06-01")}).configMap(of, db)
	require.ErrorContains(t, err, "has no RDS gabi-db", "what is not managed is not there")
}
