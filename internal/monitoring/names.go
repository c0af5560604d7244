package monitoring

import (
	"regexp"
	"slices"
	"strings"
)

// What of an expression is no metric: texts, selections of labels, lists of labels, durations and what comes after a dollar.
var (
	texts      = regexp.MustCompile(`"[^"]*"`)
	selections = regexp.MustCompile(`\{[^}]*\}`)
	lists      = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	ranges     = regexp.MustCompile(`\[[^\]]*\]`)
	words      = regexp.MustCompile(`\b[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
)

// Names returns the metrics that an expression of PromQL reads, sorted.
func Names(expr string) []string {
	for _, part := range []*regexp.Regexp{texts, selections, lists, ranges} {
		expr = part.ReplaceAllString(expr, " ")
	}
	var names []string
	for _, word := range words.FindAllString(expr, -1) {
		name := strings.TrimSpace(word)
		if !strings.HasSuffix(name, "(") && !slices.Contains([]string{"and", "or", "unless", "bool", "offset"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
