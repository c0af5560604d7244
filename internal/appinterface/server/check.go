package server

import (
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// check finds references to missing datafiles and resources, notes in each resource which datafiles use it, and
// returns warnings about datafiles that no query can reach.
func (f *folderReader) check(confs schema.Confs) Problems {
	known := reachableSchemas(confs)
	types := map[string]*schema.Type{}
	for i := range confs {
		if t := &confs[i]; t.Datafile != "" && (types[t.Datafile] == nil || t.IsInterface) {
			types[t.Datafile] = t
		}
	}
	for _, field := range queryFields(confs) {
		if types[field.DatafileSchema] == nil {
			types[field.DatafileSchema] = confs.Find(field.Type)
		}
	}
	referenced := map[string]bool{}
	for _, name := range f.datafiles.keys {
		datafile, _ := f.datafiles.values[name].(*object)
		f.references(name, "", datafile, referenced)
		if t := types[datafile.text("$schema")]; t != nil {
			u := resourceUses{reader: f, confs: confs, datafile: name, schema: datafile.text("$schema")}
			u.walk(t, datafile, "")
		}
	}
	var warnings Problems
	for _, name := range f.datafiles.keys {
		datafile, _ := f.datafiles.values[name].(*object)
		if declared := datafile.text("$schema"); !known[declared] && !referenced[name] && declared != "" {
			warnings.add(name, "$schema", "no type stands for %s and no datafile refers to this one: no query can read it", declared)
		}
	}
	return warnings
}

// reachableSchemas are those whose datafiles a query can list.
func reachableSchemas(confs schema.Confs) map[string]bool {
	known := map[string]bool{}
	for _, t := range confs {
		known[t.Datafile] = true
		for _, field := range t.Fields {
			known[field.DatafileSchema] = true
			if field.Synthetic != nil {
				known[field.Synthetic.Schema] = true
			}
		}
	}
	return known
}

func queryFields(confs schema.Confs) []schema.Field {
	if query := confs.Find(schema.QueryType); query != nil {
		return query.Fields
	}
	return nil
}

// references checks that every reference below value names a datafile.
func (f *folderReader) references(file, at string, value any, referenced map[string]bool) {
	switch v := value.(type) {
	case *object:
		if target, ok := v.reference(); ok {
			referenced[target] = true
			if _, ok := f.datafiles.get(target); !ok {
				f.problems.add(file, child(at, "$ref"), "no datafile %s", target)
			}
			return
		}
		for _, key := range v.keys {
			f.references(file, child(at, key), v.values[key], referenced)
		}
	case []any:
		for i, element := range v {
			f.references(file, child(at, fmt.Sprintf("[%d]", i)), element, referenced)
		}
	}
}

// resourceUses finds the resources that one datafile uses.
type resourceUses struct {
	reader           *folderReader
	confs            schema.Confs
	datafile, schema string
}

func (u *resourceUses) walk(t *schema.Type, value *object, at string) {
	if t.IsInterface && t.Resolve != nil && t.Resolve.Strategy == schema.ByField {
		if target := u.confs.Find(t.Resolve.FieldMap[value.text(t.Resolve.Field)]); target != nil {
			t = target
		}
	}
	for i := range t.Fields {
		field := &t.Fields[i]
		content, _ := value.get(field.Name)
		if list, ok := content.([]any); ok {
			for i, element := range list {
				u.element(t, field, element, child(child(at, field.Name), fmt.Sprintf("[%d]", i)))
			}
			continue
		}
		u.element(t, field, content, child(at, field.Name))
	}
}

func (u *resourceUses) element(t *schema.Type, field *schema.Field, value any, at string) {
	switch v := value.(type) {
	case string:
		if field.IsResource {
			u.note(t, v, at)
		}
	case *object:
		target := u.confs.Find(field.Type)
		if _, ok := v.reference(); target != nil && !ok {
			u.walk(target, v, at)
		}
	}
}

// note writes a back reference into the resource. The path is spelled as jsonpath-ng spells it, which the bundler of
// qontract-server uses.
func (u *resourceUses) note(t *schema.Type, path, at string) {
	value, _ := u.reader.resources.get(path)
	resource, ok := value.(*object)
	if !ok {
		u.reader.problems.add(u.datafile, at, "no resource %s", path)
		return
	}
	use := newObject()
	use.set("path", u.datafile)
	use.set("datafileSchema", u.schema)
	use.set("type", t.Name)
	use.set("jsonpath", at)
	uses, _ := resource.values["backrefs"].([]any)
	resource.set("backrefs", append(uses, use))
}

func child(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}
