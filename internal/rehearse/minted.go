package rehearse

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

// signed is a token that a server has signed (RFC 7519).
var signed = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// withoutMinted puts names in place of the tokens that clusters have made for service accounts: they are other ones in
// each run.
func withoutMinted(dump string) string {
	return signed.ReplaceAllStringFunc(dump, func(token string) string {
		claims, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil {
			return token
		}
		var of struct {
			Account string `json:"kubernetes.io/serviceaccount/service-account.name"`
		}
		if err := json.Unmarshal(claims, &of); err != nil || of.Account == "" {
			return token
		}
		return leak.Marker + "token-of-" + of.Account
	})
}
