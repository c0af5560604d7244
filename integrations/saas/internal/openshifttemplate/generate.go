package openshifttemplate

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	letters  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	specials = "~!@#$%^&*()-_+={}[]\\|<,>.?/\"';:`"

	// longest is the largest number of characters that one expression makes.
	longest = 255
)

// expression is a set of characters with how many of them to draw, such as [A-Z0-9]{8}.
var expression = regexp.MustCompile(`\[([a-zA-Z0-9\-\\]+)\]\{([0-9]+)\}`)

// generate makes a value: from with its expressions replaced.
func generate(generator, from string, random io.Reader) (string, error) {
	if generator != "expression" {
		return "", apierr.Errorf(apierr.Invalid, "there is no generator %q: use expression, or give it a value", generator)
	}
	var failed error
	made := expression.ReplaceAllStringFunc(from, func(match string) string {
		if failed != nil {
			return ""
		}
		parts := expression.FindStringSubmatch(match)
		length, err := strconv.Atoi(parts[2])
		if err != nil || length < 1 || length > longest {
			failed = apierr.Errorf(apierr.Invalid, "%s draws %s characters: write a number from 1 to %d", match, parts[2], longest)
			return ""
		}
		var alphabet, drawn string
		if alphabet, failed = characters(parts[1]); failed != nil {
			return ""
		}
		drawn, failed = draw(alphabet, length, random)
		return drawn
	})
	return made, failed
}

// characters are those of a set, each once: ranges, single characters, and the classes \w (letters, digits and the
// underscore), \d (digits), \a (letters and digits) and \A (punctuation).
func characters(set string) (string, error) {
	var all strings.Builder
	for at := 0; at < len(set); {
		switch rest := set[at:]; {
		case rest[0] == '\\' && len(rest) > 1:
			class, known := map[byte]string{'w': letters + digits + "_", 'd': digits, 'a': letters + digits, 'A': specials}[rest[1]]
			if !known {
				return "", apierr.Errorf(apierr.Invalid, "[%s] has the class \\%c: there are \\w, \\d, \\a and \\A", set, rest[1])
			}
			all.WriteString(class)
			at += 2
		case len(rest) > 2 && rest[1] == '-':
			if rest[0] > rest[2] || !strings.Contains(letters+digits, rest[:1]) || !strings.Contains(letters+digits, rest[2:3]) {
				return "", apierr.Errorf(apierr.Invalid, "[%s] has the range %s: write the first character before the last one", set, rest[:3])
			}
			for c := rest[0]; c <= rest[2]; c++ {
				if strings.IndexByte(letters+digits, c) >= 0 {
					all.WriteByte(c)
				}
			}
			at += 3
		default:
			all.WriteByte(rest[0])
			at++
		}
	}
	seen, once := map[rune]bool{}, strings.Builder{}
	for _, c := range all.String() {
		if !seen[c] {
			once.WriteRune(c)
		}
		seen[c] = true
	}
	return once.String(), nil
}

// draw takes characters of an alphabet, each as likely as the others.
func draw(alphabet string, length int, random io.Reader) (string, error) {
	fair := 256 - 256%len(alphabet)
	drawn := make([]byte, 0, length)
	for one := make([]byte, 1); len(drawn) < length; {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", fmt.Errorf("draw a value: %w", err)
		}
		if int(one[0]) < fair {
			drawn = append(drawn, alphabet[int(one[0])%len(alphabet)])
		}
	}
	return string(drawn), nil
}
