package server

import (
	"fmt"

	"github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"
	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// engine answers queries over the bundles of one schema. Queries are parsed and validated by gqlparser, which follows the current
// GraphQL specification, and executed by graphql-go, whose own parser knows no null.
type engine struct {
	confs schema.Confs
	// declared is the schema that queries are validated against, executable the same schema with resolvers.
	declared   *gqlast.Schema
	executable graphql.Schema
	types      map[string]*typeEntry
	// bySchema names the type that stands for a $schema.
	bySchema map[string]string
	// filterable holds the fields that a filter on a type may name.
	filterable map[string]map[string]*schema.Field
	queries    queryCache
}

// typeEntry is one type of the schema with its executable form: object or iface is set.
type typeEntry struct {
	conf   *schema.Type
	object *graphql.Object
	iface  *graphql.Interface
}

// newEngine builds the executable schema. Everything that graphql-go computes on first use is computed here, so
// that concurrent queries only read.
func newEngine(confs schema.Confs) (*engine, error) {
	e := &engine{confs: confs, types: map[string]*typeEntry{}, bySchema: map[string]string{}}
	var err error
	e.declared, err = gqlparser.LoadSchema(&gqlast.Source{Name: "graphql section", Input: confs.Plain()})
	if err != nil {
		return nil, fmt.Errorf("the bundle's schema: %w", err)
	}
	for i := range confs {
		conf := &confs[i]
		e.types[conf.Name] = &typeEntry{conf: conf}
		// Differs from the reference: of several types for one $schema an interface wins, since it knows the right
		// type of each object. qontract-server takes whichever type comes last.
		if known, ok := e.bySchema[conf.Datafile]; conf.Datafile != "" && (!ok || !e.types[known].conf.IsInterface) {
			e.bySchema[conf.Datafile] = conf.Name
		}
	}
	e.filterable = filterableFields(confs)
	for i := range confs {
		e.defineType(&confs[i])
	}
	config := graphql.SchemaConfig{Query: e.types[schema.QueryType].object}
	for i := range confs {
		if object := e.types[confs[i].Name].object; object != nil {
			config.Types = append(config.Types, object)
		}
	}
	if e.executable, err = graphql.NewSchema(config); err != nil {
		return nil, fmt.Errorf("the bundle's schema: %w", err)
	}
	for _, entry := range e.types {
		if entry.iface != nil {
			e.executable.IsPossibleType(entry.iface, config.Query)
		}
	}
	return e, nil
}

// defineType makes the executable form of a type. Its fields are a function because types refer to each other.
func (e *engine) defineType(conf *schema.Type) {
	entry := e.types[conf.Name]
	if conf.IsInterface {
		entry.iface = graphql.NewInterface(graphql.InterfaceConfig{
			Name:        conf.Name,
			Fields:      graphql.FieldsThunk(func() graphql.Fields { return e.fields(conf) }),
			ResolveType: func(p graphql.ResolveTypeParams) *graphql.Object { return e.typeOf(conf, p.Value) },
		})
		return
	}
	entry.object = graphql.NewObject(graphql.ObjectConfig{
		Name:   conf.Name,
		Fields: graphql.FieldsThunk(func() graphql.Fields { return e.fields(conf) }),
		Interfaces: graphql.InterfacesThunk(func() []*graphql.Interface {
			var interfaces []*graphql.Interface
			for _, name := range e.confs.Implements(conf) {
				interfaces = append(interfaces, e.types[name].iface)
			}
			return interfaces
		}),
	})
}

func (e *engine) fields(conf *schema.Type) graphql.Fields {
	fields := graphql.Fields{}
	for i := range conf.Fields {
		field := &conf.Fields[i]
		fields[field.Name] = &graphql.Field{Type: e.outputType(field), Args: e.arguments(field), Resolve: e.resolver(field)}
	}
	return fields
}

func (e *engine) outputType(field *schema.Field) graphql.Output {
	var out graphql.Output
	switch field.Type {
	case schema.String:
		out = graphql.String
	case schema.Int:
		out = graphql.Int
	case schema.Float:
		out = graphql.Float
	case schema.Boolean:
		out = graphql.Boolean
	case schema.JSON:
		out = jsonScalar
	default:
		if entry := e.types[field.Type]; entry.iface != nil {
			out = entry.iface
		} else {
			out = entry.object
		}
	}
	if field.Resource() {
		return e.types[schema.ResourceType].object
	}
	if field.IsList {
		out = graphql.NewList(graphql.NewNonNull(out))
	}
	if field.IsRequired {
		out = graphql.NewNonNull(out)
	}
	return out
}

func (e *engine) arguments(field *schema.Field) graphql.FieldConfigArgument {
	if field.Resources() {
		return graphql.FieldConfigArgument{"path": {Type: graphql.String}, "schema": {Type: graphql.String}}
	}
	if field.DatafileSchema == "" || e.types[field.Type] == nil {
		return nil
	}
	args := graphql.FieldConfigArgument{}
	for _, name := range e.types[field.Type].conf.Searchable() {
		args[name] = &graphql.ArgumentConfig{Type: graphql.String}
	}
	args["filter"] = &graphql.ArgumentConfig{Type: jsonScalar}
	return args
}

// typeOf finds the type of an object behind an interface, or nil, which graphql-go reports as an error of the field.
func (e *engine) typeOf(conf *schema.Type, value any) *graphql.Object {
	source, ok := value.(*object)
	if !ok || conf.Resolve == nil {
		return nil
	}
	var name string
	switch conf.Resolve.Strategy {
	case schema.ByField:
		field, _ := source.get(conf.Resolve.Field)
		key, err := coerceString(field)
		if err != nil {
			return nil
		}
		name = conf.Resolve.FieldMap[key]
	case schema.BySchema:
		name = e.bySchema[source.text("$schema")]
	}
	target := e.types[name]
	switch {
	case target == nil:
		return nil
	case target.iface != nil && target.conf != conf && target.conf.Resolve.Strategy == schema.ByField:
		return e.typeOf(target.conf, source)
	default:
		return target.object
	}
}

// jsonScalar is app-interface's JSON type. Resolvers answer it as text; as input it takes anything.
var jsonScalar = graphql.NewScalar(graphql.ScalarConfig{
	Name:         "JSON",
	Serialize:    func(value any) any { return value },
	ParseValue:   func(value any) any { return value },
	ParseLiteral: func(value ast.Value) any { return value },
})
