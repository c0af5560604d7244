package uilink_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/uilink"
)

func TestLinks(t *testing.T) {
	links, err := uilink.New("https://temporal.example/", "prod.a1b2")
	require.NoError(t, err)
	for _, tc := range []struct{ name, got, want string }{
		{"a run", links.Run("quay-membership", "r1"), "https://temporal.example/namespaces/prod.a1b2/workflows/quay-membership/r1/history"},
		{"the slashes of an ID are escaped", links.Run("approval/quay/quay.io/x y", "r1"), "https://temporal.example/namespaces/prod.a1b2/workflows/approval%2Fquay%2Fquay.io%2Fx%20y/r1/history"},
		{"the latest run", links.Run("quay-membership", ""), "https://temporal.example/namespaces/prod.a1b2/workflows/quay-membership"},
		{"a schedule", links.Schedule("openshift-users-prod-1"), "https://temporal.example/namespaces/prod.a1b2/schedules/openshift-users-prod-1"},
		{"all workflows", links.Workflows(), "https://temporal.example/namespaces/prod.a1b2/workflows"},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, tc.got) })
	}
}

func TestWithoutAnAddressThereAreNoLinks(t *testing.T) {
	links, err := uilink.New("", "default")
	require.NoError(t, err)
	require.Empty(t, links.Run("quay-membership", "r1"))
	require.Empty(t, links.Schedule("quay-membership"))
	require.Empty(t, links.Workflows())
}

func TestTheNamespaceIsDefaultWhereNoneIsGiven(t *testing.T) {
	links, err := uilink.New("http://localhost:8233", "")
	require.NoError(t, err)
	require.Equal(t, "http://localhost:8233/namespaces/default/workflows", links.Workflows())
}

func TestAnAddressThatIsNone(t *testing.T) {
	for _, base := range []string{"temporal.example", "ftp://temporal.example", "https://", "://"} {
		_, err := uilink.New(base, "default")
		require.True(t, apierr.Is(err, apierr.Invalid), base)
		require.ErrorContains(t, err, "QONTRACT_UI_URL")
	}
}

func TestTheInterfaceOfADevelopmentServer(t *testing.T) {
	for hostPort, want := range map[string]string{
		"localhost:7233": "http://localhost:8233", "127.0.0.1:7300": "http://localhost:8300", "[::1]:7233": "http://localhost:8233",
		"temporal.example:7233": "", "10.0.0.1:7233": "", "localhost": "", "localhost:x": "", "": "",
	} {
		require.Equal(t, want, uilink.Local(hostPort), hostPort)
	}
}
