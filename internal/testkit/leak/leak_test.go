package leak_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

func TestAPlantedSecretIsFoundInEveryForm(t *testing.T) {
	planted := leak.Plant("quay token")
	require.NotEqual(t, planted, leak.Plant("quay token"))
	encoded, err := json.Marshal(map[string][]byte{"data": []byte("token: " + planted)})
	require.NoError(t, err)
	for name, tc := range map[string]struct{ text, form string }{
		"in clear":                {"cannot log in with " + planted, "in clear"},
		"escaped in a path":       {url.PathEscape("a b/" + planted), "in clear"},
		"escaped in a query":      {url.Values{"token": {planted}}.Encode(), "in clear"},
		"in hex":                  {hex.EncodeToString([]byte("x" + planted)), "in hex"},
		"in hex, capitals":        {strings.ToUpper(hex.EncodeToString([]byte(planted))), "in hex"},
		"in base64":               {base64.StdEncoding.EncodeToString([]byte(planted)), "in base64"},
		"in base64 after a":       {base64.StdEncoding.EncodeToString([]byte("a" + planted)), "in base64"},
		"in base64 after ab":      {base64.StdEncoding.EncodeToString([]byte("ab" + planted)), "in base64"},
		"in base64 of URLs":       {base64.RawURLEncoding.EncodeToString([]byte("user:" + planted + "?")), "in base64"},
		"as bytes in JSON":        {string(encoded), "in base64"},
		"another secret":          {"hunter2", ""},
		"a word of the marker":    {"planted in the garden", ""},
		"what is shown instead":   {"[secret]", ""},
		"base64 of another thing": {base64.StdEncoding.EncodeToString([]byte("user:hunter2")), ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.form, leak.Find([]byte(tc.text))) })
	}
}
