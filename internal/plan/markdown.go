package plan

import (
	"fmt"
	"strings"
)

// shown bounds the rows of a table that people read.
const shown = 200

// Markdown renders the plan as it stands in a workflow's current details.
func (p Plan) Markdown() string {
	var b strings.Builder
	b.WriteString(fmt.Sprintf("**%s** (%d desired, %d current)\n", p.Headline(), p.Desired, p.Current))
	if len(p.Changes) > 0 {
		b.WriteString("\n| change | reason |\n|---|---|\n")
		for i, change := range p.Changes {
			if i == shown {
				b.WriteString(fmt.Sprintf("| … %d more | |\n", len(p.Changes)-shown))
				break
			}
			b.WriteString(fmt.Sprintf("| %s | %s |\n", cell(change.Summary), cell(change.Reason)))
		}
	}
	list(&b, "Held for approval", p.Held, func(h Held) string { return h.Summary + ": " + h.Guard })
	list(&b, "Recurring", p.Recurring, func(r Recurring) string { return r.Subject + ": " + r.String() })
	list(&b, "Refused", p.Refused, func(r Refused) string { return r.Summary + ": " + r.Message })
	list(&b, "Problems", p.Problems, func(s string) string { return s })
	return b.String()
}

// Headline counts the plan's changes by action.
func (p Plan) Headline() string {
	if len(p.Changes)+len(p.Held) == 0 {
		return "nothing to change"
	}
	counts := map[Action]int{}
	for _, change := range p.Changes {
		counts[change.Action]++
	}
	s := fmt.Sprintf("%d to create, %d to update, %d to delete", counts[Create], counts[Update], counts[Delete])
	if len(p.Held) > 0 {
		s += fmt.Sprintf(", %d held for approval", len(p.Held))
	}
	return s
}

func list[T any](b *strings.Builder, heading string, items []T, text func(T) string) {
	if len(items) == 0 {
		return
	}
	b.WriteString(fmt.Sprintf("\n%s:\n", heading))
	for i, item := range items {
		if i == shown {
			b.WriteString(fmt.Sprintf("- … %d more\n", len(items)-shown))
			return
		}
		b.WriteString(fmt.Sprintf("- %s\n", cell(text(item))))
	}
}

func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(s)
}
