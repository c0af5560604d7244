package expiration_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/expiration"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

func TestVectors(t *testing.T) {
	all, err := vectors.Load("rolebinding-identity")
	require.NoError(t, err)
	seen := 0
	for _, v := range all {
		var in struct {
			Kind, Today, ExpirationDate string
		}
		require.NoError(t, vectors.Decode(v.Input, &in))
		if in.Kind != "expiration" {
			continue
		}
		seen++
		t.Run(v.ID, func(t *testing.T) {
			today, err := time.Parse(time.DateOnly, in.Today)
			require.NoError(t, err)
			expired, err := expiration.Expired(in.ExpirationDate, today)
			if v.Fails() {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			var out struct{ Kept bool }
			require.NoError(t, vectors.Decode(v.Output, &out))
			require.Equal(t, out.Kept, !expired)
		})
	}
	require.NotZero(t, seen)
}

func TestADateIsReadInUTC(t *testing.T) {
	lateEvening := time.Date(2031, 3, 13, 23, 0, 0, 0, time.FixedZone("west", -5*60*60))
	expired, err := expiration.Expired("2031-03-14", lateEvening)
	require.NoError(t, err)
	require.True(t, expired, "in UTC it is the 14th already")
	expired, err = expiration.Expired("", lateEvening)
	require.NoError(t, err)
	require.False(t, expired)
}
