package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest identifies the held changes of a plan: the same changes of the same items have the same digest, whatever the
// guard said of them. It is "" where nothing is held.
func (p Plan) Digest() (string, error) {
	if len(p.Held) == 0 {
		return "", nil
	}
	text, err := json.Marshal(p.HeldChanges())
	if err != nil {
		return "", fmt.Errorf("digest of the held changes: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// HeldChanges are the held changes without what the guard said.
func (p Plan) HeldChanges() []Raw {
	changes := make([]Raw, len(p.Held))
	for i, held := range p.Held {
		changes[i] = held.Raw
	}
	return changes
}
