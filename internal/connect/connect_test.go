package connect_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/payload"
)

func TestFailureMode12_ATemporalThatNeverAnswersIsGivenUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, silent.Close()) }()
	began := time.Now()
	_, err = connect.Local(t.Context(), connect.Options{
		Address: silent.Addr().String(), Payloads: payload.Options{Store: payload.Folder(t.TempDir())},
	})
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "cannot reach Temporal at "+silent.Addr().String())
	require.Less(t, time.Since(began), 30*time.Second)
}
