package kubeapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestFailureMode12_AClusterThatNeverAnswersIsGivenUp(t *testing.T) {
	t.Run("when it is connected to", func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		_, err := kubeapi.New(t.Context(), kubeapi.Config{Cluster: "east", Server: silence.Server(t)})
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "[east] is unreachable at")
		require.Less(t, time.Since(began), 20*time.Second)
	})
	t.Run("when it is asked for something", func(t *testing.T) {
		t.Parallel()
		client, err := kubeapi.New(t.Context(), kubeapi.Config{
			Cluster: "east", Server: silence.Server(t, "/version"), RequestTimeout: 50 * time.Millisecond,
		})
		require.NoError(t, err)
		_, err = client.Namespaces(t.Context())
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		err = client.DeleteNamespace(readonly.Grant(t.Context()), "shop")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	})
}
