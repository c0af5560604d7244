package supportcasessos

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// addKey adds a key at the end of deleteKeys in the datafile of an account. A datafile that lists it already stays as it
// is; one that cannot be edited is Invalid.
//
// Differs from the reference: all else in an account's datafile stays as people wrote it. The reference writes the file
// anew, with quotes, indentation and long lines of its own.
func addKey(path string, current []byte, key string) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, apierr.Errorf(apierr.Invalid, "%s: access key %s cannot be added to its deleteKeys: %w: add it by hand", path, key, err)
	}
	want, err := datafile.Parse(current)
	if err != nil {
		return fail(err)
	}
	var keys []any
	if list := want[deleteKeys]; list != nil {
		var ok bool
		if keys, ok = list.([]any); !ok {
			return fail(errors.New("deleteKeys is no list"))
		}
	}
	if slices.Contains(keys, any(key)) {
		return current, nil
	}
	edited, err := insertKey(string(current), key)
	if err != nil {
		return fail(err)
	}
	// Whatever the file looks like, the edit has done this and nothing else.
	want[deleteKeys] = append(keys, key)
	got, err := datafile.Parse([]byte(edited))
	if err != nil || !reflect.DeepEqual(want, got) {
		return fail(errors.New("it has a form that is not known here"))
	}
	return []byte(edited), nil
}

const deleteKeys = "deleteKeys"

// insertKey edits the text where the parser says that deleteKeys are.
func insertKey(text, key string) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", err
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	lines := strings.SplitAfter(text, "\n")
	root := document.Content[0]
	indent := func(column int) string { return strings.Repeat(" ", column-1) }
	after := func(line int, added string) string {
		return strings.Join(slices.Insert(slices.Clone(lines), line, added), "")
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, list := root.Content[i], root.Content[i+1]
		switch {
		case name.Value != deleteKeys:
		case list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle != 0:
			return insertInFlow(lines, list, key)
		case list.Kind == yaml.SequenceNode:
			return after(list.Content[len(list.Content)-1].Line, indent(list.Column)+"- "+key+"\n"), nil
		case list.Value == "":
			return after(name.Line, indent(name.Column)+"- "+key+"\n"), nil
		default:
			line := &lines[list.Line-1]
			*line = strings.Replace(*line, list.Value, "["+key+"]", 1)
			return strings.Join(lines, ""), nil
		}
	}
	return text + indent(root.Column) + deleteKeys + ":\n" + indent(root.Column) + "- " + key + "\n", nil
}

// insertInFlow puts the key before the bracket that ends the list. The IDs of keys have no brackets.
func insertInFlow(lines []string, list *yaml.Node, key string) (string, error) {
	if len(list.Content) > 0 {
		key = ", " + key
	}
	for i := list.Line - 1; i < len(lines); i++ {
		if before, behind, found := strings.Cut(lines[i], "]"); found {
			lines[i] = before + key + "]" + behind
			return strings.Join(lines, ""), nil
		}
	}
	return "", errors.New("its list has no end")
}
