package appinterface_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestFailureMode12_AnAppInterfaceThatNeverAnswersIsGivenUp(t *testing.T) {
	for name, call := range map[string]func(*testing.T, *appinterface.Client) error{
		"a query": func(t *testing.T, c *appinterface.Client) error {
			t.Helper()
			_, err := ask(t.Context(), c.For("quay-membership", sha, false), "Teams")
			return err
		},
		"the current bundle": func(t *testing.T, c *appinterface.Client) error {
			t.Helper()
			_, err := c.Pin(t.Context())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, err := appinterface.New(appinterface.Config{
					URL: "http://app-interface.example/graphql", HTTP: &http.Client{Transport: silence.Transport{}},
				})
				require.NoError(t, err)
				began := time.Now()
				err = call(t, client)
				require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
				require.ErrorContains(t, err, "app-interface.example")
				require.LessOrEqual(t, time.Since(began), 2*time.Minute)
			})
		})
	}
}
