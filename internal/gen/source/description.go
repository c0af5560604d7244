package source

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Description is what an integration's package says of itself.
type Description struct {
	// Name is the value of the package's constant Name.
	Name string
	// About is what the comment on Definition says after its first sentence.
	About string
	// KeepsTrue, Desired, Current, Writes and Reference are the five lines of the package comment.
	KeepsTrue, Desired, Current, Writes, Reference string
	// Differences are those of the package and of the family's internal packages that it imports, directly or through one another.
	Differences []Difference
}

// Undescribed stands in a package comment whose author has yet to answer the line.
const Undescribed = "to be described"

// labels are the lines of a package comment, in their order.
func labels() []string {
	return []string{"What it keeps true:", "Desired:", "Current:", "Writes:", "Reference module:"}
}

// Describe reads the package in a folder, slash-separated and relative to the root. Its error names the line of the
// package comment that is missing, out of order or yet to be written.
func Describe(root, name string) (Description, error) {
	f, err := parse(root, name)
	if err != nil {
		return Description{}, err
	}
	d := Description{Name: f.constant("Name"), Differences: f.differences()}
	_, d.About, _ = strings.Cut(oneLine(f.function("Definition")), ". ")
	lines, err := answers(f.comment())
	if err != nil {
		return d, fmt.Errorf("package comment of %s: %w", name, err)
	}
	d.KeepsTrue, d.Desired, d.Current, d.Writes, d.Reference = lines[0], lines[1], lines[2], lines[3], lines[4]
	inner, err := shared(root, f, path.Dir(name)+"/internal")
	for _, name := range slices.Sorted(maps.Keys(inner)) {
		d.Differences = append(d.Differences, inner[name].differences()...)
	}
	return d, err
}

// shared are the packages below a folder that a package imports, directly or through one another.
func shared(root string, f folder, below string) (map[string]folder, error) {
	found := map[string]folder{}
	for names := f.imports(below); len(names) > 0; names = names[1:] {
		if _, known := found[names[0]]; known {
			continue
		}
		inner, err := parse(root, names[0])
		if err != nil {
			return nil, err
		}
		found[names[0]] = inner
		names = append(names, inner.imports(below)...)
	}
	return found, nil
}

func (f folder) comment() string {
	for _, file := range f.files {
		if file.Doc != nil {
			return file.Doc.Text()
		}
	}
	return ""
}

// answers returns the text behind each label.
func answers(text string) ([]string, error) {
	order := labels()
	var found []string
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		next := slices.IndexFunc(order, func(label string) bool { return strings.HasPrefix(line, label) })
		switch {
		case next >= 0 && next != len(found):
			return nil, fmt.Errorf("the line %q stands at the wrong place; the order is %s", order[next], strings.Join(order, " "))
		case next >= 0:
			found, open = append(found, strings.TrimSpace(strings.TrimPrefix(line, order[next]))), true
		case line == "":
			open = false
		case open:
			found[len(found)-1] += " " + line
		}
	}
	if len(found) < len(order) {
		return nil, fmt.Errorf("the line %q is missing", order[len(found)])
	}
	for i, answer := range found {
		if answer == "" || strings.Contains(answer, Undescribed) {
			return nil, fmt.Errorf("the line %q is yet to be written", order[i])
		}
	}
	return found, nil
}
