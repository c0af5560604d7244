package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestFailureMode12_ABucketThatNeverAnswersIsGivenUp(t *testing.T) {
	plainAWS(t)
	for name, url := range map[string]string{
		"when it is opened": silence.Server(t),
		"when it is read":   silence.Server(t, "HEAD /estate"),
	} {
		t.Run(name, func(t *testing.T) {
			backend := state.New(state.Options{Timeout: 50 * time.Millisecond, Getenv: func(name string) string {
				return map[string]string{state.EnvURL: s3URL(url)}[name]
			}})
			_, err := backend.Store("sql-query").Get(t.Context(), "query")
			require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		})
	}
}
