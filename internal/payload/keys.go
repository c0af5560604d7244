package payload

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Keys encrypt payloads with the first of them and decrypt with all.
type Keys struct {
	current string
	ciphers map[string]cipher.AEAD
}

// keySize is that of AES-256 in bytes.
const keySize = 32

var keyIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ParseKeys reads one key a line: its ID, a space, and 32 random bytes in base64. Empty lines, and lines that begin
// with #, are left out. Errors name the line and never quote a key.
//
// To rotate, add the new key below the others everywhere, then move it to the top; take the old one out when no
// history is left that it encrypted. Nonces are random, so a key is good for 2^32 payloads (NIST SP 800-38D, 8.3).
func ParseKeys(text secret.Value) (*Keys, error) {
	keys := &Keys{ciphers: map[string]cipher.AEAD{}}
	number := 0
	for line := range strings.Lines(text.Reveal()) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := keys.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if keys.current == "" {
		return nil, errors.New("there is no key; expected lines such as `2026-11 <32 bytes in base64>`, made with `openssl rand -base64 32`")
	}
	return keys, nil
}

func (k *Keys) add(line string) error {
	id, encoded, _ := strings.Cut(line, " ")
	if !keyIDForm.MatchString(id) || encoded == "" {
		return errors.New("expected an ID of letters, digits and `._-`, a space, and the key in base64")
	}
	if k.ciphers[id] != nil {
		return fmt.Errorf("the key %s stands there twice", id)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil || len(raw) != keySize {
		return fmt.Errorf("the key %s is not %d bytes in base64", id, keySize)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return fmt.Errorf("the key %s: %w", id, err)
	}
	if k.ciphers[id], err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return fmt.Errorf("the key %s: %w", id, err)
	}
	if k.current == "" {
		k.current = id
	}
	return nil
}
