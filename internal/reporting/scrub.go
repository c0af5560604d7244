package reporting

import (
	"regexp"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"
)

// longest is the size of a message.
const longest = 8 << 10

// shapes are those of credentials in texts of others. Ours have none: errors name a secret by its path.
var shapes = []struct {
	found *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`(--token[ =])\S+`), "${1}***"},
	{regexp.MustCompile(`(--(?:src|dest)-creds=[^:\s]+):\S+`), "${1}:***"},
	{regexp.MustCompile(`(://[^/\s:@]*):[^/\s@]+@`), "${1}:***@"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9+/=._~-]{8,}`), "${1} ***"},
	{regexp.MustCompile(`(?i)\b((?:[a-z_]*(?:token|password|secret|api_?key))["']?\s*[=:]\s*["']?)[^\s"',;&]+`), "${1}***"},
}

// scrub leaves of an event what was put there, without what looks like a credential.
func scrub(event *sentry.Event, _ *sentry.EventHint) *sentry.Event {
	event.ServerName, event.Request, event.Breadcrumbs, event.User = "", nil, nil, sentry.User{}
	event.Message = clean(event.Message)
	for i := range event.Exception {
		event.Exception[i].Value = clean(event.Exception[i].Value)
	}
	return event
}

func clean(text string) string {
	for _, shape := range shapes {
		text = shape.found.ReplaceAllString(text, shape.shown)
	}
	if len(text) <= longest {
		return text
	}
	text = text[:longest]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}
