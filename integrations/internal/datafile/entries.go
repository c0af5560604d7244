package datafile

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EditList adds entries at the end of the list that a field at the top of a datafile has, and removes those of its entries
// that drop says. The others stay as people wrote them, and so do comments. A list in brackets, or none, is written anew.
func EditList(text []byte, field string, add []any, drop func(entry any) bool) ([]byte, error) {
	fields, err := Parse(text)
	if err != nil {
		return nil, err
	}
	list, isList := fields[field].([]any)
	if fields[field] != nil && !isList {
		return nil, errors.New("its " + field + " are no list")
	}
	kept := slices.DeleteFunc(slices.Clone(list), drop)
	if len(add) == 0 && len(kept) == len(list) {
		return text, nil
	}
	at, err := find(text, field)
	if err != nil {
		return nil, err
	}
	if at == nil || len(kept) == 0 {
		all := make([]any, 0, len(kept)+len(add))
		return SetList(text, field, append(append(all, kept...), add...))
	}
	var written string
	var read []any
	if len(add) > 0 {
		if written, read, err = write(add); err != nil {
			return nil, err
		}
	}
	edited := at.edit(list, drop, written)
	// Whatever the file looks like, the edit has done this and nothing else.
	fields[field] = append(kept, read...)
	got, err := Parse([]byte(edited))
	if err != nil || !reflect.DeepEqual(fields, got) {
		return nil, errors.New("it has a form that is not known here")
	}
	return []byte(edited), nil
}

// write writes a list, and reads it again.
func write(list any) (text string, read []any, err error) {
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(list); err != nil {
		return "", nil, err
	}
	err = yaml.Unmarshal([]byte(out.String()), &read)
	return out.String(), read, err
}

// block is a list whose entries are on lines of their own.
type block struct {
	lines []string
	// begins are the indices of the entries' first lines; end is the index of the line after the last entry.
	begins []int
	end    int
	column int
}

// find finds the list of a field; nil where it is no block.
func find(text []byte, field string) (*block, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	root := document.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		list := root.Content[i+1]
		if root.Content[i].Value != field {
			continue
		}
		if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
			return nil, nil //nolint:nilnil // there is no block, and nothing is wrong.
		}
		b := &block{lines: strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n"), column: list.Column}
		b.lines[len(b.lines)-1] += "\n"
		b.end = len(b.lines)
		if i+2 < len(root.Content) {
			b.end = root.Content[i+2].Line - 1
		}
		for _, entry := range list.Content {
			b.begins = append(b.begins, entry.Line-1)
		}
		b.end = b.before(b.end)
		return b, nil
	}
	return nil, nil //nolint:nilnil // the field is not there, and nothing is wrong.
}

// before is the index of the line after the last one before a line that is neither empty nor a comment.
func (b *block) before(line int) int {
	for line > 0 && introduces(b.lines[line-1]) {
		line--
	}
	return line
}

// edit leaves out the lines of entries that are dropped, and puts text behind the others.
func (b *block) edit(list []any, drop func(any) bool, text string) string {
	kept := slices.Clone(b.lines[:b.begins[0]])
	for i, begin := range b.begins {
		next, end := b.end, b.end
		if i+1 < len(b.begins) {
			next = b.begins[i+1]
			end = b.before(next)
		}
		if !drop(list[i]) {
			kept = append(kept, b.lines[begin:end]...)
		}
		kept = append(kept, b.lines[end:next]...)
	}
	kept = append(kept, indented(text, b.column))
	return strings.Join(append(kept, b.lines[b.end:]...), "")
}
