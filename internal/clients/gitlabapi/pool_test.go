package gitlabapi_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestPoolReadsTheTokenEachTime(t *testing.T) {
	s := serve(t, estate)
	tokens := vault{"gitlab/bot": "wrong"}
	pool := gitlabapi.NewPool(tokens)
	instance := gitlabapi.Instance{URL: s.url, Token: secret.Ref{Path: "gitlab/bot", Field: "token"}}
	client, err := pool.Connect(t.Context(), instance)
	require.NoError(t, err)
	_, err = client.CurrentUser(t.Context())
	require.True(t, apierr.Is(err, apierr.Denied))

	tokens["gitlab/bot"] = "hunter2"
	client, err = pool.Connect(t.Context(), instance)
	require.NoError(t, err)
	_, err = client.CurrentUser(t.Context())
	require.NoError(t, err)

	_, err = pool.Connect(t.Context(), gitlabapi.Instance{URL: s.url, Token: secret.Ref{Path: "none", Field: "token"}})
	require.ErrorContains(t, err, "token for gitlab "+s.url+": none#token")
	require.True(t, apierr.Is(err, apierr.Missing))
}

func TestCertificatesAreVerifiedUnlessTheInstanceSaysNot(t *testing.T) {
	s := serve(t, estate)
	server := httptest.NewTLSServer(s.Handler())
	defer server.Close()
	pool := gitlabapi.NewPool(vault{"gitlab/bot": "hunter2"})
	yes, no := true, false
	for _, tc := range []struct {
		verify *bool
		works  bool
	}{{nil, false}, {&yes, false}, {&no, true}} {
		client, err := pool.Connect(t.Context(), gitlabapi.Instance{URL: server.URL, Token: secret.Ref{Path: "gitlab/bot"}, SSLVerify: tc.verify})
		require.NoError(t, err)
		_, err = client.CurrentUser(t.Context())
		if tc.works {
			require.NoError(t, err)
		} else {
			require.True(t, apierr.Is(err, apierr.Unavailable))
			require.ErrorContains(t, err, "certificate")
		}
	}
}

// vault holds one field per path.
type vault map[string]string

func (v vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	text, ok := v[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New(text), nil
}

func (v vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }
