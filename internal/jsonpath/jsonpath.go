// Package jsonpath reads JSONPaths as people write them for the reference: in the spelling of its library, which is not
// that of RFC 9535.
package jsonpath

import (
	"strings"

	"github.com/ohler55/ojg/jp"
)

// Parse reads a path in either spelling. Filters of its result find what they let pass from the end of a list on.
func Parse(path string) (jp.Expr, error) { return jp.ParseString(spelled(path)) }

// spelled is a path of the reference's library as RFC 9535 has it: a name in quotes, or with characters that a name has not
// there, stands in brackets, there is no dot before brackets, and a filter has && for & and == for =.
func spelled(path string) string {
	var out strings.Builder
	for rest := path; rest != ""; {
		switch {
		case strings.HasPrefix(rest, ".["):
			rest = rest[1:]
		case rest[0] == '[':
			end := closing(rest)
			out.WriteString(operators(rest[:end]))
			rest = rest[end:]
		case rest[0] == '\'' || rest[0] == '"':
			end := strings.IndexByte(rest[1:], rest[0]) + 2
			if end < 2 {
				return path
			}
			bracketed(&out, rest[1:end-1])
			rest = rest[end:]
		case isNamed(rest[0]):
			end := strings.IndexFunc(rest, func(char rune) bool { return char > 0x7f || !isNamed(byte(char)) })
			if end < 0 {
				end = len(rest)
			}
			if strings.Contains(rest[:end], "-") {
				bracketed(&out, rest[:end])
			} else {
				out.WriteString(rest[:end])
			}
			rest = rest[end:]
		default:
			out.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return out.String()
}

func isNamed(char byte) bool {
	return char == '_' || char == '-' || '0' <= char && char <= '9' || 'a' <= char && char <= 'z' || 'A' <= char && char <= 'Z'
}

// bracketed writes a name in brackets, in place of the dot before it.
func bracketed(out *strings.Builder, name string) {
	written := strings.TrimSuffix(out.String(), ".")
	if written == "" {
		written = "$"
	}
	out.Reset()
	out.WriteString(written + "['" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(name) + "']")
}

// closing is where the brackets end that a text begins with.
func closing(s string) int {
	depth, quote := 0, byte(0)
	for i := range len(s) {
		switch char := s[i]; {
		case quote != 0:
			if char == quote {
				quote = 0
			}
		case char == '\'' || char == '"':
			quote = char
		case char == '[':
			depth++
		case char == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// operators is a filter with && for & and == for =.
func operators(s string) string {
	var out strings.Builder
	quote := byte(0)
	for i := range len(s) {
		char := s[i]
		switch {
		case quote != 0:
			if char == quote {
				quote = 0
			}
		case char == '\'' || char == '"':
			quote = char
		case char == '&' && !strings.HasPrefix(s[i+1:], "&") && !strings.HasSuffix(s[:i], "&"):
			out.WriteByte('&')
		case char == '=' && !strings.ContainsAny(s[i+1:min(i+2, len(s))], "=~") && !strings.ContainsAny(s[max(i-1, 0):i], "=!<>~"):
			out.WriteByte('=')
		}
		out.WriteByte(char)
	}
	return out.String()
}
