// Package schema reads the GraphQL schema of app-interface in its two spellings and brings both into one form.
// A bundle carries a list of type descriptions ("confs"), which say more than GraphQL can: which datafiles a type
// stands for, which fields are back-references, how an interface is resolved. This repository writes its schema
// as SDL, the GraphQL schema language, and says the same with directives. The app-interface server executes
// queries against Confs, so it behaves alike whichever spelling the schema came in.
package schema

import "slices"

// Names that carry meaning beyond their fields.
const (
	// QueryType is the root of every query.
	QueryType = "Query"
	// DatafileObject is the interface of all types that stand for a datafile.
	DatafileObject = "DatafileObject_v1"
	// ResourceType is the type of a resource file.
	ResourceType = "Resource_v1"
	// BundleSchema is the $schema of the object form in which a bundle carries its schema.
	BundleSchema = "/app-interface/graphql-schemas-1.yml"
)

// Strategies by which an interface finds the type of an object.
const (
	// ByField looks the value of a field up in a map of types.
	ByField = "fieldMap"
	// BySchema takes the type that stands for the datafile's $schema.
	BySchema = "schema"
)

// Scalar types as a bundle spells them.
const (
	String  = "string"
	Int     = "int"
	Float   = "float"
	Boolean = "boolean"
	JSON    = "json"
)

// Confs is a whole schema, one entry per type, in the order of its source. The JSON form is the one that
// qontract-server reads from a bundle's "graphql" section.
type Confs []Type

// Type describes an object type or an interface.
type Type struct {
	Name string `json:"name"`
	// Datafile is the $schema of the datafiles that the type stands for, empty for other types.
	Datafile string `json:"datafile,omitempty"`
	// Interface names the interface that the type implements, besides DatafileObject.
	Interface   string   `json:"interface,omitempty"`
	IsInterface bool     `json:"isInterface,omitempty"`
	Resolve     *Resolve `json:"interfaceResolve,omitempty"`
	Fields      []Field  `json:"fields"`
}

// Resolve says how an interface finds the type of an object.
type Resolve struct {
	// Strategy is ByField or BySchema.
	Strategy string `json:"strategy"`
	// Field and FieldMap belong to ByField: the field's name, and the type for each of its values.
	Field    string            `json:"field,omitempty"`
	FieldMap map[string]string `json:"fieldMap,omitempty"`
}

// Field describes one field of a type.
type Field struct {
	Name string `json:"name"`
	// Type is a scalar's bundle spelling or the name of a type.
	Type        string `json:"type"`
	IsRequired  bool   `json:"isRequired,omitempty"`
	IsList      bool   `json:"isList,omitempty"`
	IsInterface bool   `json:"isInterface,omitempty"`
	// IsResource marks a string that is the path of a resource, or the query field that lists resources.
	IsResource bool `json:"isResource,omitempty"`
	// ResolveResource makes a query answer the resource itself instead of its path.
	ResolveResource bool `json:"resolveResource,omitempty"`
	// IsSearchable gives the queries that list the type an argument of the field's name.
	IsSearchable bool `json:"isSearchable,omitempty"`
	// DatafileSchema makes the field list all datafiles of this $schema.
	DatafileSchema string     `json:"datafileSchema,omitempty"`
	Synthetic      *Synthetic `json:"synthetic,omitempty"`
}

// Synthetic makes a field list the datafiles that refer to the object's own datafile.
type Synthetic struct {
	// Schema is the $schema of the referring datafiles.
	Schema string `json:"schema"`
	// SubAttr is the dotted path of the reference in them. Lists on the way are searched element by element.
	SubAttr string `json:"subAttr"`
}

// Find returns the type of that name, or nil.
func (c Confs) Find(name string) *Type {
	for i := range c {
		if c[i].Name == name {
			return &c[i]
		}
	}
	return nil
}

// Find returns the field of that name, or nil.
func (t *Type) Find(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

// Searchable returns the names of the arguments that select datafiles by an equal string: the searchable fields,
// then path.
func (t *Type) Searchable() []string {
	var names []string
	for _, field := range t.Fields {
		if field.IsSearchable {
			names = append(names, field.Name)
		}
	}
	if !slices.Contains(names, "path") {
		names = append(names, "path")
	}
	return names
}

// Resource says whether a query answers the field with the resource that its value names.
func (f *Field) Resource() bool { return f.IsResource && f.ResolveResource && f.Type == String }

// Resources says whether the field lists resource files.
func (f *Field) Resources() bool { return f.IsResource && f.Type == ResourceType }

// Implements returns the interfaces of a type: its own, and DatafileObject where the type or its interface stands
// for datafiles.
//
// Differs from the reference: a type that stands for datafiles but lacks a field of DatafileObject simply does not
// implement it. qontract-server refuses such a schema as a whole, although six types of the published
// app-interface schema are like that.
func (c Confs) Implements(t *Type) []string {
	var names []string
	datafile := t.Datafile != ""
	if own := c.Find(t.Interface); own != nil && own.IsInterface {
		names = append(names, own.Name)
		datafile = datafile || own.Datafile != ""
	}
	object := c.Find(DatafileObject)
	if datafile && object != nil && object.IsInterface && t.Name != DatafileObject && t.Interface != DatafileObject && t.covers(object) {
		names = append(names, DatafileObject)
	}
	return names
}

func (t *Type) covers(iface *Type) bool {
	for _, want := range iface.Fields {
		have := t.Find(want.Name)
		if have == nil || have.Type != want.Type || have.IsList != want.IsList || (want.IsRequired && !have.IsRequired) {
			return false
		}
	}
	return true
}
