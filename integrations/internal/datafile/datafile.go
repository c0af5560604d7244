// Package datafile edits app-interface's datafiles as text: what an edit is not about stays as people wrote it. The
// reference writes such files anew, with quotes, indentation and long lines of its own.
package datafile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Parse reads the one document of a datafile.
func Parse(text []byte) (map[string]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("it is no mapping in YAML: %w", err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has several documents")
	}
	if fields == nil {
		return nil, errors.New("it is empty")
	}
	return fields, nil
}

// SetList gives a field at the top of a datafile a list, in the place of what the field has, or at the end. Comments
// within the list that was there go with it. A datafile that has the list already stays as it is.
func SetList(text []byte, field string, list any) ([]byte, error) {
	want, err := Parse(text)
	if err != nil {
		return nil, err
	}
	written, read, err := write(list)
	if err != nil {
		return nil, fmt.Errorf("field %s gets no list: %w", field, err)
	}
	if has, there := want[field]; there && reflect.DeepEqual(has, any(read)) {
		return text, nil
	}
	edited, err := replace(string(text), field, written)
	if err != nil {
		return nil, err
	}
	// Whatever the file looks like, the edit has done this and nothing else.
	want[field] = read
	got, err := Parse([]byte(edited))
	if err != nil || !reflect.DeepEqual(want, got) {
		return nil, errors.New("it has a form that is not known here")
	}
	return []byte(edited), nil
}

// replace puts the list where the parser says that the field is.
func replace(text, field, list string) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", err
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	root := document.Content[0]
	begin, end, column := len(lines), len(lines), root.Column
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		if name.Value != field {
			continue
		}
		begin = name.Line - 1
		if i+2 < len(root.Content) {
			end = root.Content[i+2].Line - 1
		}
		for end > begin+1 && introduces(lines[end-1]) {
			end--
		}
		if value.Kind == yaml.SequenceNode && value.Style&yaml.FlowStyle == 0 {
			column = value.Column
		}
	}
	written := indented(field+":\n", root.Column) + indented(list, column)
	if list == "[]\n" {
		written = indented(field+": []\n", root.Column)
	}
	return strings.Join(slices.Replace(lines, begin, end, written), ""), nil
}

// introduces says whether a line between two fields belongs to the one that follows.
func introduces(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

func indented(text string, column int) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.Repeat(" ", column-1) + line)
	}
	return out.String()
}
