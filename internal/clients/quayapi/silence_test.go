package quayapi_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestFailureMode12_AnInstanceThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := quayapi.New(quayapi.Config{URL: "quay.io", Transport: silence.Transport{}})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.ListTeamMembers(t.Context(), "acme", "dev")
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.ErrorContains(t, err, "quay.io")
		require.Equal(t, time.Minute, time.Since(began))
	})
}
