package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// FromBundle reads the "graphql" section of a bundle: a list of types, or an object that holds the list as "confs".
// The error lists everything that is wrong with the schema.
func FromBundle(section json.RawMessage) (Confs, error) {
	section = bytes.TrimSpace(section)
	if len(section) == 0 {
		return nil, errors.New("the bundle has no graphql section")
	}
	var confs Confs
	var err error
	if section[0] == '[' {
		err = json.Unmarshal(section, &confs)
	} else {
		var object struct {
			Confs Confs `json:"confs"`
		}
		err = json.Unmarshal(section, &object)
		confs = object.Confs
	}
	if err != nil {
		return nil, fmt.Errorf("graphql section: want a list of types, or an object with the list as confs: %w", err)
	}
	for i := range confs {
		confs[i].Fields = lastOfEach(confs[i].Fields)
	}
	return confs, confs.Validate()
}

// lastOfEach keeps the last of several fields of one name, in the place of the first: the published schema has such
// a type, and qontract-server reads it so.
func lastOfEach(fields []Field) []Field {
	place := map[string]int{}
	kept := fields[:0]
	for _, field := range fields {
		if i, twice := place[field.Name]; twice {
			kept[i] = field
			continue
		}
		place[field.Name] = len(kept)
		kept = append(kept, field)
	}
	return kept
}

// ForBundle returns the schema as the "graphql" section of a bundle, in the object form.
func (c Confs) ForBundle() (json.RawMessage, error) {
	return json.Marshal(struct {
		Schema string `json:"$schema"`
		Confs  Confs  `json:"confs"`
	}{BundleSchema, c})
}

// Validate reports all that would keep the schema from being executed: types defined twice, fields of unknown types,
// interfaces without a way to resolve them, no query root.
func (c Confs) Validate() error {
	known := map[string]bool{}
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("graphql section: "+format, args...)) }
	for _, t := range c {
		if known[t.Name] {
			fail("type %s is defined twice", t.Name)
		}
		known[t.Name] = true
	}
	if !known[QueryType] {
		fail("there is no type %s", QueryType)
	}
	for _, t := range c {
		if t.IsInterface && (t.Resolve == nil || (t.Resolve.Strategy != ByField && t.Resolve.Strategy != BySchema)) {
			fail("interface %s: interfaceResolve.strategy must be %s or %s", t.Name, ByField, BySchema)
		}
		for _, f := range t.Fields {
			if !known[f.Type] && scalarNames[f.Type] == "" {
				fail("field %s.%s has the unknown type %q", t.Name, f.Name, f.Type)
			}
			if f.Resource() && !known[ResourceType] {
				fail("field %s.%s is a resource, but there is no type %s", t.Name, f.Name, ResourceType)
			}
			if f.Synthetic != nil && (f.Synthetic.Schema == "" || f.Synthetic.SubAttr == "") {
				fail("field %s.%s: synthetic needs schema and subAttr", t.Name, f.Name)
			}
		}
	}
	return errors.Join(errs...)
}
