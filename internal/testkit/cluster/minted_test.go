package cluster

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATokenThatAClusterHasMadeIsHiddenAndNothingElse(t *testing.T) {
	encode := base64.StdEncoding.EncodeToString
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"kubernetes.io/serviceaccount/service-account.name":"robot"}`))
	others := map[string]string{
		"plain": encode([]byte("qt-planted-x")), "dotted": encode([]byte("a.b.c")), "claims of somebody else": encode([]byte("e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) + ".c")),
	}
	content := map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{"qontract.sha256sum": "1"}},
		"data":     map[string]any{"token": encode([]byte("e30." + claims + ".c"))},
	}
	for name, value := range others {
		content["data"].(map[string]any)[name] = value
	}
	hideMinted(content)
	require.Equal(t, "the hash with that token", content["metadata"].(map[string]any)["annotations"].(map[string]any)["qontract.sha256sum"])
	require.Equal(t, "a token that the cluster made for service account robot", content["data"].(map[string]any)["token"])
	for name, value := range others {
		require.Equal(t, value, content["data"].(map[string]any)[name])
	}
}
