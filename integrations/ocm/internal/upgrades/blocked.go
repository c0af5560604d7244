package upgrades

import (
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// longestMatch bounds one comparison with a regular expression, which may be one that never ends.
const longestMatch = time.Second

// pattern is a regular expression of blockedVersions. Those that people write use what Go's own package does not know,
// such as (?!...).
type pattern struct {
	text string
	*regexp2.Regexp
}

// compile reads regular expressions. The error is Invalid.
func compile(texts []string) ([]pattern, error) {
	patterns := make([]pattern, 0, len(texts))
	for _, text := range texts {
		compiled, err := regexp2.Compile(text, regexp2.None)
		if err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "blocked version %q is not a regular expression: %w", text, err)
		}
		compiled.MatchTimeout = longestMatch
		patterns = append(patterns, pattern{text, compiled})
	}
	return patterns, nil
}

// blocks returns the pattern that blocks a version of the spec, "" where none does. A pattern may match any part of the
// version. For an add-on only patterns that begin with <add-on>/ or ^<add-on>/ count, and they are compared with
// <add-on>/<version>.
//
// Differs from the reference: a pattern on which a comparison does not come to an end blocks; there it stops all.
func blocks(patterns []pattern, addon *Addon, version string) string {
	for _, p := range patterns {
		if addon != nil && !strings.HasPrefix(strings.TrimPrefix(p.text, "^"), addon.ID+"/") {
			continue
		}
		subject := version
		if addon != nil {
			subject = addon.ID + "/" + version
		}
		if matched, err := p.MatchString(subject); matched || err != nil {
			return quoted(p.text)
		}
	}
	return ""
}

// quoted shows a pattern; the empty one blocks everything and would not be seen.
func quoted(text string) string { return `"` + text + `"` }
