package server

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decodeYAML reads a datafile. It is stricter than YAML asks for: one document, string keys, and no key twice in one
// mapping. Dates stay strings. Errors name the line; all that can be found in one pass are returned together.
func decodeYAML(data []byte) (any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	} else if err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	var next yaml.Node
	switch err := decoder.Decode(&next); {
	case err == nil:
		return nil, fmt.Errorf("line %d: a second document: put each datafile into a file of its own", next.Line)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	c := yamlConverter{}
	value := c.convert(&doc, 0)
	return value, errors.Join(c.errs...)
}

// maxYAMLNodes bounds what aliases may unfold to.
const maxYAMLNodes = 1_000_000

type yamlConverter struct {
	errs  []error
	nodes int
}

func (c *yamlConverter) fail(node *yaml.Node, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("line %d: %w", node.Line, fmt.Errorf(format, args...)))
}

func (c *yamlConverter) convert(node *yaml.Node, aliases int) any {
	c.nodes++
	if c.nodes > maxYAMLNodes || aliases > 100 {
		if c.nodes <= maxYAMLNodes+1 {
			c.fail(node, "aliases unfold to too many values")
		}
		return nil
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return c.convert(node.Content[0], aliases)
	case yaml.AliasNode:
		return c.convert(node.Alias, aliases+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, child := range node.Content {
			list = append(list, c.convert(child, aliases))
		}
		return list
	case yaml.MappingNode:
		return c.mapping(node, aliases)
	default:
		return c.scalar(node)
	}
}

func (c *yamlConverter) mapping(node *yaml.Node, aliases int) *object {
	o := newObject()
	lines := map[string]int{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			c.fail(key, "key %q must be a string: quote it", key.Value)
			continue
		}
		if line, twice := lines[key.Value]; twice {
			c.fail(key, "key %q stands twice in one mapping, first in line %d", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		o.set(key.Value, c.convert(value, aliases))
	}
	for _, node := range merged {
		c.merge(o, node, aliases)
	}
	return o
}

// merge adds the keys of a merge key's mapping, or of several, that o lacks.
func (c *yamlConverter) merge(o *object, node *yaml.Node, aliases int) {
	switch value := c.convert(node, aliases).(type) {
	case *object:
		for _, key := range value.keys {
			if _, own := o.values[key]; !own {
				o.set(key, value.values[key])
			}
		}
	case []any:
		for _, element := range value {
			source, ok := element.(*object)
			if !ok {
				c.fail(node, "a merge key takes mappings only")
				return
			}
			for _, key := range source.keys {
				if _, own := o.values[key]; !own {
					o.set(key, source.values[key])
				}
			}
		}
	default:
		c.fail(node, "a merge key takes mappings only")
	}
}

func (c *yamlConverter) scalar(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if err := node.Decode(&b); err != nil {
			c.fail(node, "%q is no boolean", node.Value)
		}
		return b
	case "!!int", "!!float":
		var f float64
		if err := node.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			c.fail(node, "%q is no number that JSON can hold", node.Value)
			return nil
		}
		return f
	case "!!str", "!!timestamp":
		return node.Value
	default:
		c.fail(node, "tag %s is not supported", node.Tag)
		return nil
	}
}
