package mergerequest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is how the requests of one integration are told from all others, by a label, and from each other, by data at the
// end of their description: a line that separates, and below it one line "* NAME: VALUE" a field.
type Kind struct {
	Label string
	// Separator is the line above the data. Where it is empty the kind has a label alone.
	Separator string
	// Fields are the names in the order in which they are written, the version's among them.
	Fields []string
	// VersionField is the name of the field that holds Version. Requests with another version are of an older program.
	VersionField, Version string
	// Purpose are the fields by which two requests are for the same; one of them is open at a time. Where the others
	// differ, the one that is open is out of date.
	Purpose []string
}

func (k Kind) hasData() bool { return k.Separator != "" }

var (
	// errForm is a description that does not have what all of the kind have.
	errForm = errors.New("the description has not the form that its label stands for")
	// errVersion is a description with the data of another version.
	errVersion = errors.New("the data in the description have another version")
)

// Parse reads the data from a description, without the version. A name is found at the end of a longer one too, and the
// first line with it counts, as in the reference.
func (k Kind) Parse(description string) (map[string]string, error) {
	parts := strings.Split(description, k.Separator)
	if !k.hasData() || len(parts) != 2 {
		return nil, errForm
	}
	data := map[string]string{}
	version, err := find(k.VersionField, parts[1])
	if err != nil {
		return nil, err
	}
	if version != k.Version {
		return nil, errVersion
	}
	for _, field := range k.Fields {
		if field == k.VersionField {
			continue
		}
		if data[field], err = find(field, parts[1]); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// find returns the value on the first line with the field. Where the line has it several times, the last one counts.
func find(field, text string) (string, error) {
	for line := range strings.SplitSeq(text, "\n") {
		if at := strings.LastIndex(line, field+": "); at >= 0 {
			return line[at+len(field)+2:], nil
		}
	}
	return "", fmt.Errorf("%w: it says nothing of %s", errForm, field)
}

// text writes the data as Parse reads them.
func (k Kind) text(data map[string]string) string {
	var out strings.Builder
	out.WriteString(k.Separator + "\n\n")
	for _, field := range k.Fields {
		value := data[field]
		if field == k.VersionField {
			value = k.Version
		}
		fmt.Fprintf(&out, "* %s: %s\n", field, value)
	}
	return out.String()
}

// purpose are the values that stand for it.
func (k Kind) purpose(data map[string]string) []string {
	values := make([]string, len(k.Purpose))
	for i, field := range k.Purpose {
		values[i] = data[field]
	}
	return values
}

// check finds data that would not be read back as they were written.
func (k Kind) check(data map[string]string) error {
	if k.Label == "" {
		return errors.New("its kind has no label")
	}
	if !k.hasData() {
		if len(data) > 0 {
			return fmt.Errorf("kind %s has no separator and takes no data", k.Label)
		}
		return nil
	}
	for field := range data {
		if !slices.Contains(k.Fields, field) || field == k.VersionField {
			return fmt.Errorf("kind %s has no field %q", k.Label, field)
		}
	}
	read, err := k.Parse(k.text(data))
	if err != nil {
		return fmt.Errorf("kind %s: %w", k.Label, err)
	}
	for _, field := range k.Fields {
		if value, given := data[field]; field != k.VersionField && (!given || read[field] != value) {
			return fmt.Errorf("kind %s needs %s, on one line: it is %q", k.Label, field, value)
		}
	}
	return nil
}
