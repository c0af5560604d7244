package datafile

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Scalar is a field with a text, a number or a truth value. Path are the names of the fields that lead to it.
type Scalar struct {
	Path  []string
	Value any
}

// SetScalars gives fields values: in the place of those that they have, or at the end of the mapping that they belong to,
// which has to be there. A datafile that has all of them already stays as it is.
func SetScalars(text []byte, fields ...Scalar) ([]byte, error) {
	want, err := Parse(text)
	if err != nil {
		return nil, err
	}
	edited := string(text)
	for _, field := range fields {
		in, err := mapping(want, field.Path)
		if err != nil {
			return nil, err
		}
		name := field.Path[len(field.Path)-1]
		if has, there := in[name]; there && reflect.DeepEqual(has, field.Value) {
			continue
		}
		in[name] = field.Value
		if edited, err = setScalar(edited, field); err != nil {
			return nil, err
		}
	}
	// Whatever the file looks like, the edits have done this and nothing else.
	got, err := Parse([]byte(edited))
	if err != nil || !reflect.DeepEqual(want, got) {
		return nil, errUnknownForm
	}
	return []byte(edited), nil
}

var errUnknownForm = errors.New("it has a form that is not known here")

// mapping is the one that a field belongs to.
func mapping(in map[string]any, path []string) (map[string]any, error) {
	for _, name := range path[:len(path)-1] {
		inner, ok := in[name].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("its %s is no mapping", name)
		}
		in = inner
	}
	return in, nil
}

// setScalar edits the text where the parser says that the field is, or its mapping ends.
func setScalar(text string, field Scalar) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", err
	}
	written, err := yaml.Marshal(field.Value)
	if err != nil {
		return "", err
	}
	value := strings.TrimSuffix(string(written), "\n")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	at, end := document.Content[0], len(lines)
	for depth, name := range field.Path {
		if at.Kind != yaml.MappingNode || at.Style&yaml.FlowStyle != 0 {
			return "", errUnknownForm
		}
		i := slices.IndexFunc(names(at), func(n *yaml.Node) bool { return n.Value == name })
		if i < 0 && depth == len(field.Path)-1 {
			for end > 0 && introduces(lines[end-1]) {
				end--
			}
			return strings.Join(slices.Insert(lines, end, indented(name+": "+value+"\n", at.Column)), ""), nil
		}
		if i < 0 {
			return "", errUnknownForm
		}
		if 2*i+2 < len(at.Content) {
			end = at.Content[2*i+2].Line - 1
		}
		key := at.Content[2*i]
		at = at.Content[2*i+1]
		if depth == len(field.Path)-1 {
			return replaceScalar(lines, key, at, value)
		}
	}
	return "", errUnknownForm
}

func names(mapping *yaml.Node) []*yaml.Node {
	var keys []*yaml.Node
	for i := 0; i < len(mapping.Content); i += 2 {
		keys = append(keys, mapping.Content[i])
	}
	return keys
}

// Texts in quotes, on one line.
var (
	doubleQuoted = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)
	singleQuoted = regexp.MustCompile(`^'(?:[^']|'')*'`)
)

// replaceScalar puts a value in the place of another one.
func replaceScalar(lines []string, key, old *yaml.Node, value string) (string, error) {
	if old.Kind != yaml.ScalarNode || old.Line != key.Line {
		return "", errUnknownForm
	}
	line := &lines[old.Line-1]
	if old.Value == "" && old.Tag == "!!null" {
		name, rest, found := strings.Cut(*line, ":")
		if !found {
			return "", errUnknownForm
		}
		*line = name + ": " + value + rest
		return strings.Join(lines, ""), nil
	}
	before, rest := (*line)[:old.Column-1], (*line)[old.Column-1:]
	written := old.Value
	if old.Style == yaml.DoubleQuotedStyle {
		written = doubleQuoted.FindString(rest)
	}
	if old.Style == yaml.SingleQuotedStyle {
		written = singleQuoted.FindString(rest)
	}
	if written == "" || !strings.HasPrefix(rest, written) {
		return "", errUnknownForm
	}
	*line = before + value + rest[len(written):]
	return strings.Join(lines, ""), nil
}
