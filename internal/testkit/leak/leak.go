// Package leak marks the secrets of tests, so that they are recognised wherever they come to light: all carry one
// marker, and whoever looks for leaks looks for the marker and needs no list of secrets. Package leaktest looks.
package leak

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Marker stands at the beginning of every planted secret. JSON and URLs write each of its characters as it is. In the
// files of cases it is written out.
const Marker = "qt-planted-"

// Plant makes a secret for a test. The name says what it opens.
func Plant(name string) string {
	return Marker + strings.ReplaceAll(name, " ", "-") + "-" + strings.ToLower(rand.Text())
}

// form is one way in which the marker can be written.
type form struct {
	name string
	text []byte
}

// forms are those in which programs write a secret without hiding it.
var forms = []form{
	{"in clear", []byte(Marker)},
	{"in hex", []byte(hex.EncodeToString([]byte(Marker)))},
	{"in hex", bytes.ToUpper([]byte(hex.EncodeToString([]byte(Marker))))},
	{"in base64", inBase64(0)},
	{"in base64", inBase64(1)},
	{"in base64", inBase64(2)},
}

// inBase64 is the marker where the encoded text has so many bytes before it, modulo three: a user's name, or a field's.
// The characters that its neighbours determine too are left out.
func inBase64(before int) []byte {
	const perByte, perCharacter = 8, 6
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), Marker...))
	first := (before*perByte + perCharacter - 1) / perCharacter
	last := (before + len(Marker)) * perByte / perCharacter
	return []byte(encoded[first:last])
}

// Find says in which form a planted secret stands in a text, or "" where there is none.
func Find(text []byte) string {
	for _, f := range forms {
		if bytes.Contains(text, f.text) {
			return f.name
		}
	}
	return ""
}
