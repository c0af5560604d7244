package serviceaccounttokens

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestASecretHasTheBodyAndTheHashOfTheReference(t *testing.T) {
	got := body("foobar", secret.New("token"))
	require.Equal(t, map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": map[string]any{"name": "foobar"}, "data": map[string]any{"token": "dG9rZW4="},
	}, got)
	hash, err := kubeapi.Hash(got)
	require.NoError(t, err)
	require.Equal(t, "f3ae652112c42d5f5273095201b1bc04bbf127f9eab4879b94f2c0f00159cb8d", hash)
}

func TestANameIsDisputedWhereItStandsForSeveralAccounts(t *testing.T) {
	grafana, tekton := account{"prod-1", "observability", "grafana"}, account{"edge-1", "pipelines", "tekton"}
	require.Equal(t, map[string]bool{"metrics": true}, disputed([]spec{
		{namespace: "a", name: "metrics", account: grafana}, {namespace: "b", name: "metrics", account: tekton},
		{namespace: "a", name: "shared", account: grafana}, {namespace: "b", name: "shared", account: grafana},
	}))
}
