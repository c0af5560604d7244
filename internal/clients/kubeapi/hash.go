package kubeapi

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the SHA-256 in hex of the object's canonical form, as it stands in the annotation qontract.sha256sum.
// It fails only for values that are not JSON.
func Hash(body map[string]any) (string, error) {
	canonical, err := CanonicalText(body)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:]), nil
}

// CanonicalText is the JSON text of the canonical form: what is hashed.
func CanonicalText(body map[string]any) (string, error) {
	canonical, err := Canonical(body)
	if err != nil {
		return "", err
	}
	return text(canonical), nil
}
