package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// seal notes the digest of the held changes: the same changes of the same items have the same digest, whatever the
// guard said of them.
func (p Plan) seal() (Plan, error) {
	p.Digest = ""
	if len(p.Held) == 0 {
		return p, nil
	}
	text, err := json.Marshal(p.HeldChanges())
	if err != nil {
		return p, fmt.Errorf("digest of the held changes: %w", err)
	}
	sum := sha256.Sum256(text)
	p.Digest = hex.EncodeToString(sum[:])
	return p, nil
}

// HeldChanges are the held changes without what the guard said.
func (p Plan) HeldChanges() []Raw {
	changes := make([]Raw, len(p.Held))
	for i, held := range p.Held {
		changes[i] = held.Raw
	}
	return changes
}
