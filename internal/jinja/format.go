package jinja

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// directive is a directive of Python's % that Go's fmt writes alike.
var directive = regexp.MustCompile(`%([-+ 0#]*)(\d{0,3})(?:\.(\d{1,3}))?(.)`)

func decimal(digits string) (int, error) { return strconv.Atoi(digits) }

// format is Python's pattern % arguments, for the directives s, r, d, i, x, X, o, f, F, e and E.
func format(pattern string, arguments []*exec.Value) (string, error) {
	var out strings.Builder
	rest, next := pattern, 0
	for {
		at := strings.IndexByte(rest, '%')
		if at < 0 {
			break
		}
		out.WriteString(rest[:at])
		found := directive.FindStringSubmatch(rest[at:])
		if found == nil || !strings.HasPrefix(rest[at:], found[0]) {
			return "", faultf("a directive of %% is not complete")
		}
		rest = rest[at+len(found[0]):]
		if found[4] == "%" {
			out.WriteByte('%')
			continue
		}
		if next >= len(arguments) {
			return "", faultf("%% has more directives than values")
		}
		written, err := directed(found, arguments[next])
		if err != nil {
			return "", err
		}
		out.WriteString(written)
		next++
	}
	if next < len(arguments) {
		return "", faultf("%% has more values than directives")
	}
	return out.String() + rest, nil
}

// directed writes one value. The parts of found are flags, width, precision and verb.
func directed(found []string, value *exec.Value) (string, error) {
	flags := "%" + found[1] + found[2]
	if found[3] != "" {
		flags += "." + found[3]
	}
	whole, float, numeric := number(value)
	switch verb := found[4]; verb {
	case "s", "r":
		written, err := text(value)
		if verb == "r" {
			written, err = repr(value)
		}
		return fmt.Sprintf(flags+"s", written), err
	case "d", "i", "x", "X", "o":
		if verb == "i" {
			verb = "d"
		}
		if whole != nil {
			return fmt.Sprintf(flags+verb, whole.Int64()), nil
		}
		if numeric && verb == "d" {
			return fmt.Sprintf(flags+verb, int64(float)), nil
		}
	case "f", "F", "e", "E":
		if numeric {
			return fmt.Sprintf(flags+verb, float), nil
		}
	default:
		return "", faultf("the directive %s of %% is not supported", verb)
	}
	return "", faultf("the directive %s of %% is for numbers", found[4])
}
