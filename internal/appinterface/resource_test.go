package appinterface_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

const oneResource = `{"path": "/app/cm.yaml", "content": "kind: ConfigMap\n", "sha256sum": "ab12"}`

func TestResource(t *testing.T) {
	for _, tc := range []struct {
		name, found string
		message     string
	}{
		{"the one resource is returned", oneResource, ""},
		{"none is an error", "", "no resource /app/cm.yaml: add the file"},
		{"several are an error", oneResource + "," + oneResource, "2 resources"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, variables map[string]string) {
				if variables["path"] != "/app/cm.yaml" {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				reply(w, `{"resources": [`+tc.found+`]}`)
			}}
			got, err := f.client(appinterface.Config{}).For("openshift-resources", sha, false).Resource(t.Context(), "/app/cm.yaml")
			if tc.message != "" {
				require.ErrorContains(t, err, tc.message)
				require.True(t, apierr.Is(err, apierr.Invalid), "Missing would let a delete pass for done")
				return
			}
			require.NoError(t, err)
			require.Equal(t, appinterface.Resource{Path: "/app/cm.yaml", Content: "kind: ConfigMap\n", SHA256: "ab12"}, got)
		})
	}
}

func TestResourcesAreExemptFromSchemaValidation(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, operation string, variables map[string]string) {
		switch {
		case operation == "Integrations":
			reply(w, `{"integrations": [{"name": "templates", "schemas": ["/a.yml"]}]}`)
		case variables["schema"] == "/b.yml":
			reply(w, `{"resources": [`+oneResource+`]}`, "/b.yml")
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	}}
	session := f.client(appinterface.Config{}).For("templates", sha, true)
	got, err := session.ResourcesBySchema(t.Context(), "/b.yml")
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Contains(t, session.Schemas(), "/b.yml")
}

func TestResourcesAreOnlyForKnownIntegrations(t *testing.T) {
	f := &world{t: t, graphql: func(w http.ResponseWriter, _, _ string, _ map[string]string) { reply(w, `{"integrations": []}`) }}
	_, err := f.client(appinterface.Config{}).For("nobody", sha, true).Resource(t.Context(), "/app/cm.yaml")
	var unknown *appinterface.UnknownIntegrationError
	require.ErrorAs(t, err, &unknown)
}
