package server

import (
	"github.com/graphql-go/graphql/language/ast"
	"github.com/graphql-go/graphql/language/kinds"
	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// translate turns a validated query of gqlparser into the form that graphql-go executes. Each field gets its number
// as position; positions holds where the field of that number stands in the query.
func translate(doc *gqlast.QueryDocument) (out *ast.Document, positions []*gqlast.Position) {
	var t translator
	out = ast.NewDocument(&ast.Document{})
	for _, operation := range doc.Operations {
		out.Definitions = append(out.Definitions, t.operation(operation))
	}
	for _, fragment := range doc.Fragments {
		out.Definitions = append(out.Definitions, ast.NewFragmentDefinition(&ast.FragmentDefinition{
			Name:          name(fragment.Name),
			TypeCondition: named(fragment.TypeCondition),
			Directives:    t.directives(fragment.Directives),
			SelectionSet:  t.selections(fragment.SelectionSet),
		}))
	}
	return out, t.positions
}

// translator numbers the fields in the order of the query, so that no two share a position.
type translator struct {
	positions []*gqlast.Position
}

func (t *translator) operation(operation *gqlast.OperationDefinition) *ast.OperationDefinition {
	out := ast.NewOperationDefinition(&ast.OperationDefinition{
		Operation:    string(operation.Operation),
		Directives:   t.directives(operation.Directives),
		SelectionSet: t.selections(operation.SelectionSet),
	})
	if operation.Name != "" {
		out.Name = name(operation.Name)
	}
	for _, variable := range operation.VariableDefinitions {
		// Defaults are applied, and required values demanded, when the variables are checked before execution.
		out.VariableDefinitions = append(out.VariableDefinitions, ast.NewVariableDefinition(&ast.VariableDefinition{
			Variable: ast.NewVariable(&ast.Variable{Name: name(variable.Variable)}),
			Type:     typeOf(variable.Type),
		}))
	}
	return out
}

func (t *translator) selections(set gqlast.SelectionSet) *ast.SelectionSet {
	if len(set) == 0 {
		return nil
	}
	out := ast.NewSelectionSet(&ast.SelectionSet{})
	for _, selection := range set {
		switch s := selection.(type) {
		case *gqlast.Field:
			number := len(t.positions)
			t.positions = append(t.positions, s.Position)
			field := ast.NewField(&ast.Field{
				Name:       name(s.Name),
				Arguments:  t.arguments(s.Arguments),
				Directives: t.directives(s.Directives),
				Loc:        ast.NewLocation(&ast.Location{Start: number, End: number}),
			})
			if s.Alias != "" && s.Alias != s.Name {
				field.Alias = name(s.Alias)
			}
			field.SelectionSet = t.selections(s.SelectionSet)
			out.Selections = append(out.Selections, field)
		case *gqlast.FragmentSpread:
			out.Selections = append(out.Selections, ast.NewFragmentSpread(&ast.FragmentSpread{
				Name:       name(s.Name),
				Directives: t.directives(s.Directives),
			}))
		case *gqlast.InlineFragment:
			fragment := ast.NewInlineFragment(&ast.InlineFragment{
				Directives:   t.directives(s.Directives),
				SelectionSet: t.selections(s.SelectionSet),
			})
			if s.TypeCondition != "" {
				fragment.TypeCondition = named(s.TypeCondition)
			}
			out.Selections = append(out.Selections, fragment)
		}
	}
	return out
}

func (t *translator) directives(directives gqlast.DirectiveList) []*ast.Directive {
	var out []*ast.Directive
	for _, directive := range directives {
		out = append(out, ast.NewDirective(&ast.Directive{Name: name(directive.Name), Arguments: t.arguments(directive.Arguments)}))
	}
	return out
}

// arguments drops those that are null: to every field of app-interface they mean the same as none.
func (t *translator) arguments(arguments gqlast.ArgumentList) []*ast.Argument {
	var out []*ast.Argument
	for _, argument := range arguments {
		if argument.Value.Kind != gqlast.NullValue {
			out = append(out, ast.NewArgument(&ast.Argument{Name: name(argument.Name), Value: value(argument.Value)}))
		}
	}
	return out
}

func value(v *gqlast.Value) ast.Value {
	switch v.Kind {
	case gqlast.Variable:
		return ast.NewVariable(&ast.Variable{Name: name(v.Raw)})
	case gqlast.StringValue, gqlast.BlockValue:
		return ast.NewStringValue(&ast.StringValue{Value: v.Raw})
	case gqlast.IntValue:
		return ast.NewIntValue(&ast.IntValue{Value: v.Raw})
	case gqlast.FloatValue:
		return ast.NewFloatValue(&ast.FloatValue{Value: v.Raw})
	case gqlast.BooleanValue:
		return ast.NewBooleanValue(&ast.BooleanValue{Value: v.Raw == "true"})
	default:
		return &jsonLiteral{v}
	}
}

// jsonLiteral carries an object, list or enum of the query unchanged to the resolver, where the variables inside it
// are known.
type jsonLiteral struct {
	source *gqlast.Value
}

func (l *jsonLiteral) GetKind() string       { return kinds.ObjectValue }
func (l *jsonLiteral) GetLoc() *ast.Location { return nil }
func (l *jsonLiteral) GetValue() any         { return l.source }

// literal returns the plain value of an argument.
func literal(argument any, variables map[string]any) (any, error) {
	switch v := argument.(type) {
	case *jsonLiteral:
		return v.source.Value(variables)
	case *ast.StringValue:
		return v.Value, nil
	case *ast.BooleanValue:
		return v.Value, nil
	case *ast.IntValue:
		return (&gqlast.Value{Kind: gqlast.IntValue, Raw: v.Value}).Value(nil)
	case *ast.FloatValue:
		return (&gqlast.Value{Kind: gqlast.FloatValue, Raw: v.Value}).Value(nil)
	default:
		return argument, nil
	}
}

func name(text string) *ast.Name { return ast.NewName(&ast.Name{Value: text}) }

func named(typ string) *ast.Named { return ast.NewNamed(&ast.Named{Name: name(typ)}) }

func typeOf(t *gqlast.Type) ast.Type {
	var out ast.Type
	if t.Elem != nil {
		out = ast.NewList(&ast.List{Type: typeOf(t.Elem)})
	} else {
		out = named(t.NamedType)
	}
	if t.NonNull {
		out = ast.NewNonNull(&ast.NonNull{Type: out})
	}
	return out
}
