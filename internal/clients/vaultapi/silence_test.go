package vaultapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

func TestFailureMode12_AVaultThatNeverAnswersIsGivenUp(t *testing.T) {
	for name, answered := range map[string][]string{
		"nothing":                nil,
		"nothing but the log in": {"/v1/auth/approle/login"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := vaultapi.New(vaultapi.Config{
				Address: silence.Server(t, answered...), Timeout: 100 * time.Millisecond,
				Login: vaultapi.AppRole{RoleID: secret.New("a role"), SecretID: secret.New("its secret")},
			})
			require.NoError(t, err)
			defer c.Close()
			began := time.Now()
			_, err = c.Fetch(t.Context(), "kv/team", vaultapi.Latest)
			require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
			require.Less(t, time.Since(began), 20*time.Second)
		})
	}
}
