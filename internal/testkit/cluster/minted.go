package cluster

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// hideMinted puts words in place of the tokens in a Secret that the cluster has made for service accounts, and of the hash
// that integrations keep of such a Secret: both are other ones in each run.
func hideMinted(content map[string]any) {
	data := field(content, "data")
	for key := range data {
		account, minted := mintedFor(textOf(data[key]))
		if !minted {
			continue
		}
		data[key] = "a token that the cluster made for service account " + account
		marks := field(field(content, "metadata"), "annotations")
		if _, hashed := marks["qontract.sha256sum"]; hashed {
			marks["qontract.sha256sum"] = "the hash with that token"
		}
	}
}

// mintedFor returns whose token a Secret's value is, where it is one that an API server has signed for a service account.
func mintedFor(value string) (account string, minted bool) {
	token, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "", false
	}
	parts := strings.Split(string(token), ".")
	if len(parts) != 3 {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", false
	}
	var claims struct {
		Account string `json:"kubernetes.io/serviceaccount/service-account.name"`
	}
	return claims.Account, json.Unmarshal(text, &claims) == nil && claims.Account != ""
}
