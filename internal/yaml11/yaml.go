// Package yaml11 reads YAML by version 1.1, as the reference's parser does: the hashes of live objects are made of what that
// gives.
package yaml11

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds what aliases may unfold to.
const maxNodes = 1_000_000

// Parse reads one YAML document, of which JSON is a part: yes and on are booleans, 0644 is a number of octal digits. It
// returns maps, lists, texts, json.Number, booleans and nil.
//
// Differs from the reference: a date is text. There it is an object that has no hash and ends the run.
func Parse(text string) (any, error) {
	documents, err := ParseAll(text)
	switch {
	case err != nil:
		return nil, err
	case len(documents) > 1:
		return nil, errors.New("it is not one YAML document: put each object into a file of its own")
	case len(documents) == 0:
		return nil, nil
	}
	return documents[0], nil
}

// ParseAll reads all documents of a text as Parse does one. Documents without content are nil.
func ParseAll(text string) ([]any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var documents []any
	for r := (reading{}); ; {
		var document yaml.Node
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			return nil, fmt.Errorf("it is not YAML: %w", err)
		}
		value, err := r.value(document.Content[0], 0)
		if err != nil {
			return nil, err
		}
		documents = append(documents, value)
	}
}

// reading counts the nodes of a document.
type reading struct{ nodes int }

func (r *reading) value(node *yaml.Node, aliases int) (any, error) {
	const mostAliases = 100
	if r.nodes++; r.nodes > maxNodes || aliases > mostAliases {
		return nil, fmt.Errorf("line %d: aliases unfold to too much", node.Line)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return r.value(node.Alias, aliases+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, child := range node.Content {
			item, err := r.value(child, aliases)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	case yaml.MappingNode:
		return r.mapping(node, aliases)
	default:
		return scalar(node)
	}
}

// mapping reads a map. Of a key that stands twice the last value counts, and what is merged gives way to the map's own.
func (r *reading) mapping(node *yaml.Node, aliases int) (any, error) {
	read, merged := map[string]any{}, map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		at := node.Content[i]
		value, err := r.value(node.Content[i+1], aliases)
		if err != nil {
			return nil, err
		}
		if at.ShortTag() == "!!merge" {
			if err := merge(merged, value); err != nil {
				return nil, fmt.Errorf("line %d: %w", at.Line, err)
			}
			continue
		}
		name, err := key(at)
		if err != nil {
			return nil, err
		}
		read[name] = value
	}
	for name, value := range merged {
		if _, own := read[name]; !own {
			read[name] = value
		}
	}
	return read, nil
}

// merge adds the keys of a map, or of several, that are not there yet.
func merge(into map[string]any, value any) error {
	sources, ok := value.([]any)
	if !ok {
		sources = []any{value}
	}
	for _, source := range sources {
		all, ok := source.(map[string]any)
		if !ok {
			return errors.New("a merge key takes maps only")
		}
		for name, value := range all {
			if _, there := into[name]; !there {
				into[name] = value
			}
		}
	}
	return nil
}

// key is the name that a key has in JSON.
func key(node *yaml.Node) (string, error) {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("line %d: a key has to be text", node.Line)
	}
	value, err := scalar(node)
	if err != nil {
		return "", err
	}
	switch value := value.(type) {
	case nil:
		return "null", nil
	case bool:
		return fmt.Sprint(value), nil
	case json.Number:
		return value.String(), nil
	}
	return value.(string), nil
}
