package registry_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/registry"
)

const estate = `
registries:
  quay.io: {logins: {bot: hunter2}, images: [team/shop:v1, team/shop:v2]}
  registry.example.com:5000: {images: [base:latest]}
`

func TestRegistriesAreToldByTheirHosts(t *testing.T) {
	parsed, err := registry.ParseEstate([]byte(estate))
	require.NoError(t, err)
	digests := map[string]string{}
	for range 2 {
		served, err := registry.New(parsed)
		require.NoError(t, err)
		require.Equal(t, parsed, served.Dump())
		server := httptest.NewServer(served)
		defer server.Close()
		view := registryapi.New(registryapi.Options{Through: func() (string, error) { return server.URL, nil }}).NewView()
		login := registryapi.Login{User: secret.New("bot"), Password: secret.New("hunter2"), Server: "quay.io"}
		for _, image := range []string{"quay.io/team/shop:v1", "quay.io/team/shop:v2", "registry.example.com:5000/base:latest"} {
			digest, err := view.Digest(t.Context(), image, login)
			require.NoError(t, err)
			if known := digests[image]; known != "" {
				require.Equal(t, known, digest, "it is the same in each world")
			}
			digests[image] = digest
		}
		require.NotEqual(t, digests["quay.io/team/shop:v1"], digests["quay.io/team/shop:v2"])
		for image, kind := range map[string]apierr.Kind{"quay.io/team/shop:v3": apierr.Missing, "quay.io/base:latest": apierr.Missing, "other.example.com/team/shop:v1": apierr.Missing} {
			_, err := view.Digest(t.Context(), image, login)
			require.True(t, apierr.Is(err, kind), "%v", err)
		}
		_, err = view.Digest(t.Context(), "quay.io/team/shop:v1", registryapi.Login{})
		require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	}
}

func TestEstatesThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct{ from, to, says string }{
		"an unknown key":         {"logins", "users", "unknown field"},
		"an image without a tag": {"base:latest", "base", "registry estate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := registry.ParseEstate([]byte(strings.Replace(estate, tc.from, tc.to, 1)))
			require.ErrorContains(t, err, tc.says)
		})
	}
}
