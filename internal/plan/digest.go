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
	var err error
	for i, held := range p.Held {
		if held.OwnKey() == "" {
			continue
		}
		if p.Held[i].Digest, err = digest([]Raw{held.Raw}); err != nil {
			return p, err
		}
	}
	if together := p.HeldTogether(); len(together) > 0 {
		p.Digest, err = digest(together)
	}
	return p, err
}

func digest(changes []Raw) (string, error) {
	text, err := json.Marshal(changes)
	if err != nil {
		return "", fmt.Errorf("digest of the held changes: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// HeldTogether are the held changes that are approved together, without what the guard said.
func (p Plan) HeldTogether() []Raw {
	var changes []Raw
	for _, held := range p.Held {
		if held.OwnKey() == "" {
			changes = append(changes, held.Raw)
		}
	}
	return changes
}
