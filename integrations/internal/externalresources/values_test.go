package externalresources_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// files are resource files by path.
type files map[string]string

func (f files) Resource(_ context.Context, path string) (appinterface.Resource, error) {
	content, ok := f[path]
	if !ok {
		return appinterface.Resource{}, apierr.Errorf(apierr.Invalid, "app-interface has no resource %s", path)
	}
	return appinterface.Resource{Path: path, Content: content}, nil
}

func TestValuesAreThoseOfTheDefaultsAndInTheirPlaceTheOverrides(t *testing.T) {
	known := files{
		"/defaults.yml": "$schema: /aws/rds-defaults-1.yml\nengine: postgres\nengine_version: 13.7\nport: 5432\nendpoint.host: db\nendpoint.port: 5432\n",
		"/list.yml":     "- engine\n",
	}
	for _, tc := range []struct {
		name, defaults, overrides string
		want                      map[string]string
		err                       string
	}{
		{"defaults alone", "/defaults.yml", `null`, map[string]string{"engine": "postgres", "engine_version": "13.7", "port": "5432", "$schema": "none"}, ""},
		{"an override counts", "/defaults.yml", `{"engine_version": "15"}`, map[string]string{"engine": "postgres", "engine_version": "15"}, ""},
		{"a number in an override is its text", "/defaults.yml", `{"engine_version": 16}`, map[string]string{"engine_version": "16"}, ""},
		{"neither defaults nor overrides", "", `null`, map[string]string{"engine": "none"}, ""},
		{"a file that is not there", "/missing.yml", `null`, nil, "no resource /missing.yml"},
		{"a file that is a list", "/list.yml", `null`, nil, "/list.yml is no YAML of names and values"},
		{"overrides that are a list", "/defaults.yml", `["engine"]`, nil, "the overrides of rds shop are not names and values"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := externalresources.Resource{Provider: "rds", Identifier: "shop", Defaults: tc.defaults}
			require.NoError(t, json.Unmarshal([]byte(tc.overrides), &r.Overrides))
			values, err := r.Values(t.Context(), known)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			for name, want := range tc.want {
				require.Equal(t, want, values.Text(name, "none"), name)
			}
		})
	}
	r := externalresources.Resource{Defaults: "/defaults.yml"}
	values, err := r.Values(t.Context(), known)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"host": "db", "port": json.Number("5432")}, values["endpoint"], "a dot nests")
}

func TestAResourceIsFoundByKindAndIdentifier(t *testing.T) {
	var provided []externalresources.Provided
	require.NoError(t, json.Unmarshal([]byte(`[
		{"provider": "cloudflare"},
		{"provider": "aws", "resources": [
			{"provider": "elasticache", "identifier": "shop"},
			{"provider": "rds", "identifier": "shop", "output_resource_name": "shop-db"},
			{"provider": "rds", "identifier": "other"}]}]`), &provided))
	shop, ok := externalresources.Find(provided, "rds", "shop")
	require.True(t, ok)
	require.Equal(t, "shop-db", shop.SecretName())
	other, ok := externalresources.Find(provided, "rds", "other")
	require.True(t, ok)
	require.Equal(t, "other-rds", other.SecretName())
	_, ok = externalresources.Find(provided, "rds", "gone")
	require.False(t, ok)
	require.Equal(t, "keys-s3-cloudfront", externalresources.Resource{Provider: "s3_cloudfront", Identifier: "keys"}.SecretName())
}
