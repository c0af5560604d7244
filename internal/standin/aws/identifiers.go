package aws

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

// digest is what identifiers are made from, so that the same calls make the same ones.
func digest(parts []string) []byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return sum[:]
}

// identifier makes one of IAM's form: a prefix for the kind, then capital letters and digits.
func identifier(prefix string, length int, parts ...string) string {
	return prefix + base32.StdEncoding.EncodeToString(digest(append(parts, prefix)))[:length]
}

// lower makes one of lower-case letters and digits.
func lower(prefix string, length int, parts ...string) string {
	return prefix + hex.EncodeToString(digest(append(parts, prefix)))[:length]
}

// secretKey makes a secret of the length of AWS's, marked so that tests find it wherever it comes to light.
func secretKey(parts ...string) string {
	const length = 40
	return identifier(leak.Marker, length-len(leak.Marker), parts...)
}

// accountNumber makes twelve digits that no account has.
func (e Estate) accountNumber(email string) string {
	limit := big.NewInt(1_000_000_000_000)
	number := new(big.Int).SetBytes(digest([]string{email}))
	for {
		id := fmt.Sprintf("%012d", new(big.Int).Mod(number, limit))
		if e.Accounts[id] == nil {
			return id
		}
		number.Add(number, big.NewInt(1))
	}
}

func userARN(account, name string) string {
	return fmt.Sprintf("arn:aws:iam::%s:user/%s", account, name)
}

func userID(account, name string) string { return identifier("AIDA", 17, account, name) }
