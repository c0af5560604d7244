package ocmapi

import (
	"slices"
	"strings"
	"time"
)

// Search is a condition in the search language of OCM's lists. The zero value is none.
// Source of the language: the parameter search in https://api.openshift.com, which is like the where clause of SQL.
type Search struct {
	text string
	// loose says that the text has an "or" that is not in parentheses.
	loose bool
}

// String is the condition as OCM takes it.
func (s Search) String() string { return s.text }

// Is is met where the field has the value.
func Is(field, value string) Search { return Search{text: field + " = " + literal(value)} }

// In is met where the field has one of the values; without any it is none at all.
func In(field string, values ...string) Search {
	if len(values) == 0 {
		return Search{}
	}
	if len(values) == 1 {
		return Is(field, values[0])
	}
	literals := make([]string, len(values))
	for i, value := range values {
		literals[i] = literal(value)
	}
	slices.Sort(literals)
	return Search{text: field + " in (" + strings.Join(literals, ", ") + ")"}
}

// mostValues bounds the values of one condition, so that its request fits into a URL.
const mostValues = 100

// Parts are the conditions that together are met where the field has one of the values, each of a size that OCM takes;
// none without any value.
func Parts(field string, values []string) []Search {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	var parts []Search
	for part := range slices.Chunk(values, mostValues) {
		parts = append(parts, In(field, part...))
	}
	return parts
}

// Like is met where the field matches the pattern, in which % stands for any text.
func Like(field, pattern string) Search { return Search{text: field + " like " + literal(pattern)} }

// Since is met where the field is this time or later.
func Since(field string, at time.Time) Search {
	return Search{text: field + " >= " + literal(at.UTC().Format(time.RFC3339))}
}

// All is met where every condition is; none of them counts for nothing.
func All(conditions ...Search) Search {
	return joined(conditions, " and ", func(s Search) string {
		if s.loose {
			return "(" + s.text + ")"
		}
		return s.text
	}, false)
}

// Any is met where one condition is.
func Any(conditions ...Search) Search {
	return joined(conditions, " or ", func(s Search) string { return "(" + s.text + ")" }, true)
}

func joined(conditions []Search, by string, text func(Search) string, loose bool) Search {
	conditions = slices.DeleteFunc(slices.Clone(conditions), func(s Search) bool { return s.text == "" })
	if len(conditions) == 0 {
		return Search{}
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	texts := make([]string, len(conditions))
	for i, condition := range conditions {
		texts[i] = text(condition)
	}
	return Search{text: strings.Join(texts, by), loose: loose}
}

func literal(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }
