package jinja

import (
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// unescaped are the characters that Python's urllib never escapes.
const unescaped = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"

// encodings are those that templates may name, as Python does.
func encodingOf(name *exec.Value) (encoding.Encoding, error) {
	if name == nil {
		return unicode.UTF8, nil
	}
	switch strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(name.String())) {
	case "utf-8", "utf8":
		return unicode.UTF8, nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1":
		return charmap.ISO8859_1, nil
	case "cp1252", "windows-1252":
		return charmap.Windows1252, nil
	}
	return nil, faultf("the encoding is not supported: name utf-8, latin-1 or windows-1252")
}

// urlescape escapes a text for a URL, all but the safe characters, which are / where nothing else is said.
func urlescape(given []*exec.Value) (any, error) {
	if !given[0].IsString() {
		return nil, faultf("urlescape takes text, and got %s", kind(given[0]))
	}
	known, err := encodingOf(given[2])
	if err != nil {
		return nil, err
	}
	safe := unescaped + "/"
	if given[1] != nil {
		safe = unescaped + given[1].String()
	}
	encoded, err := known.NewEncoder().String(given[0].String())
	if err != nil {
		return nil, faultf("urlescape got a text that the encoding has no characters for")
	}
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for _, char := range []byte(encoded) {
		if char < 0x80 && strings.IndexByte(safe, char) >= 0 {
			out.WriteByte(char)
			continue
		}
		out.Write([]byte{'%', digits[char>>4], digits[char&15]})
	}
	return out.String(), nil
}

// urlunescape is the text of what a URL has escaped. Bytes that are no characters become U+FFFD, and what is not escaped
// stays as it is.
func urlunescape(given []*exec.Value) (any, error) {
	if !given[0].IsString() {
		return nil, faultf("urlunescape takes text, and got %s", kind(given[0]))
	}
	known, err := encodingOf(given[1])
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	var pending []byte
	flush := func() error {
		decoded, err := known.NewDecoder().Bytes(pending)
		pending = pending[:0]
		out.Write(decoded)
		return err
	}
	for rest := given[0].String(); rest != ""; {
		char, found := escaped(rest)
		switch {
		case found:
			pending, rest = append(pending, char), rest[3:]
			continue
		case rest[0] < 0x80:
			pending, rest = append(pending, rest[0]), rest[1:]
			continue
		}
		if err := flush(); err != nil {
			return nil, faultf("urlunescape got bytes that the encoding does not have")
		}
		plain := strings.IndexFunc(rest, func(char rune) bool { return char < 0x80 })
		if plain < 0 {
			plain = len(rest)
		}
		out.WriteString(rest[:plain])
		rest = rest[plain:]
	}
	if err := flush(); err != nil {
		return nil, faultf("urlunescape got bytes that the encoding does not have")
	}
	return out.String(), nil
}

// escaped is the byte that a text begins with as % and two digits.
func escaped(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	value := byte(0)
	for _, digit := range []byte(s[1:3]) {
		at := strings.IndexByte("0123456789abcdef", digit|0x20)
		if digit <= '9' {
			at = strings.IndexByte("0123456789", digit)
		}
		if at < 0 {
			return 0, false
		}
		value = value<<4 | byte(at)
	}
	return value, true
}
