package jinja

import (
	"fmt"
	"slices"

	"github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// Names of the filters that expressions are rewritten into. No template can write them.
const (
	printed   = "\x00print"
	listed    = "\x00list"
	tupled    = "\x00tuple"
	dicted    = "\x00dict"
	negated   = "\x00not"
	signed    = "\x00minus"
	iterated  = "\x00iterate"
	unpacked  = "\x00unpack"
	truth     = "\x00truth"
	filtered  = "\x00if"
	indexed   = "\x00item"
	sliceable = "\x00slice"
)

// operators are the filters that stand for binary operators. `and` and `or` stay gonja's, which are Python's.
var operators = map[tokens.Type]string{
	tokens.Addition: "\x00+", tokens.Subtraction: "\x00-", tokens.Multiply: "\x00*", tokens.Division: "\x00/",
	tokens.FloorDivision: "\x00//", tokens.Modulo: "\x00%", tokens.Power: "\x00**", tokens.Tilde: "\x00~",
	tokens.Equals: "\x00==", tokens.Ne: "\x00!=", tokens.LowerThan: "\x00<", tokens.LowerThanOrEqual: "\x00<=",
	tokens.GreaterThan: "\x00>", tokens.GreaterThanOrEqual: "\x00>=", tokens.In: "\x00in",
}

// rewriteNodes rewrites every expression in a template, or in the body of a tag.
func rewriteNodes(all []nodes.Node) error {
	for _, node := range all {
		if err := rewriteNode(node); err != nil {
			return err
		}
	}
	return nil
}

func rewriteNode(node nodes.Node) error {
	switch n := node.(type) {
	case *nodes.Output:
		n.Expression = call(printed, expression(n.Expression))
		if n.Condition != nil {
			n.Condition = call(truth, expression(n.Condition))
		}
		if n.Alternative != nil {
			n.Alternative = call(printed, expression(n.Alternative))
		}
	case *nodes.ControlStructureBlock:
		return rewriteTag(n)
	}
	return nil
}

func rewriteTag(block *nodes.ControlStructureBlock) error {
	switch tag := block.ControlStructure.(type) {
	case *controlStructures.IfControlStructure:
		for i := range tag.Conditions {
			tag.Conditions[i] = call(truth, expression(tag.Conditions[i]))
		}
		for _, body := range tag.Wrappers {
			if err := rewriteNodes(body.Nodes); err != nil {
				return err
			}
		}
	case *controlStructures.ForControlStructure:
		return rewriteLoop(tag, block.Location)
	case *macroTag:
		for _, argument := range tag.macro.Kwargs {
			argument.Value = expression(argument.Value)
		}
		return rewriteNodes(tag.macro.Wrapper.Nodes)
	case *bodyTag:
		for i := range tag.values {
			tag.values[i] = expression(tag.values[i])
		}
		for _, filter := range tag.filters {
			arguments(filter.Args, filter.Kwargs)
		}
		if tag.body != nil {
			return rewriteNodes(tag.body.Nodes)
		}
	case *encodedTag:
		return rewriteNodes(tag.body.Nodes)
	case *raisedTag:
		tag.text = expression(tag.text)
	case *controlStructures.RawControlStructure:
	default:
		return fmt.Errorf("line %d: the tag %s is not supported", block.Location.Line, block.Name)
	}
	return nil
}

func rewriteLoop(tag *controlStructures.ForControlStructure, at *tokens.Token) error {
	if tag.Recursive {
		return fmt.Errorf("line %d: recursive loops are not supported", at.Line)
	}
	name := iterated
	if tag.Value != "" {
		name = unpacked
	}
	tag.ObjectEvaluator = call(name, expression(tag.ObjectEvaluator))
	if tag.IfCondition != nil {
		line := &nodes.Integer{Location: at, Val: at.Line}
		tag.IfCondition = call(filtered, expression(tag.IfCondition), line)
	}
	if tag.EmptyWrapper != nil {
		if err := rewriteNodes(tag.EmptyWrapper.Nodes); err != nil {
			return err
		}
	}
	return rewriteNodes(tag.BodyWrapper.Nodes)
}

// call is expr | name(args).
func call(name string, expr nodes.Expression, args ...nodes.Expression) nodes.Expression {
	return &nodes.FilteredExpression{Expression: expr, Filters: []*nodes.FilterCall{{
		Token: expr.Position(), Name: name, Args: args, Kwargs: map[string]nodes.Expression{},
	}}}
}

// expression is an expression with Python's meaning.
func expression(expr nodes.Node) nodes.Expression {
	switch n := expr.(type) {
	case *nodes.None:
		// Gonja's None is a nil; the variable none is ours. Its nil is an ordinary name in Jinja2.
		name := *n.Location
		if name.Val == "None" {
			name.Val = "none"
		}
		return &nodes.Name{Name: &name}
	case *nodes.List:
		arguments(n.Val, nil)
		return call(listed, n)
	case *nodes.Tuple:
		arguments(n.Val, nil)
		return call(tupled, n)
	case *nodes.Dict:
		for _, p := range n.Pairs {
			p.Key, p.Value = expression(p.Key), expression(p.Value)
		}
		return call(dicted, n)
	case *nodes.Call, *nodes.GetItem, *nodes.GetSlice, *nodes.GetAttribute:
		return access(n)
	case *nodes.Negation:
		return call(negated, expression(n.Term))
	case *nodes.UnaryExpression:
		if !n.Negative {
			return expression(n.Term)
		}
		return call(signed, expression(n.Term))
	case *nodes.BinaryExpression:
		if left, ok := n.Left.(*nodes.BinaryExpression); ok && compares(n) && compares(left) {
			return unsupported(n, "a comparison of a comparison, such as 1 < x < 3,")
		}
		left, right := expression(n.Left), expression(n.Right)
		if name, found := operators[n.Operator.Token.Type]; found {
			return call(name, left, right)
		}
		n.Left, n.Right = left, right
	case *nodes.FilteredExpression:
		if endsInMembership(n.Expression) {
			return unsupported(n, "a filter after `in`")
		}
		n.Expression = expression(n.Expression)
		for _, filter := range n.Filters {
			arguments(filter.Args, filter.Kwargs)
		}
	case *nodes.TestExpression:
		n.Expression = expression(n.Expression)
		arguments(n.Test.Args, n.Test.Kwargs)
	}
	return expr
}

// access is what gets at something within a value: an item, a part, an attribute, the result of a call.
func access(expr nodes.Node) nodes.Expression {
	switch n := expr.(type) {
	case *nodes.Call:
		n.Func = callee(n.Func)
		if n.Parent != nil {
			n.Parent = expression(n.Parent)
		}
		arguments(n.Args, n.Kwargs)
	case *nodes.GetItem:
		if n.Arg != nil {
			return call(indexed, expression(n.Node), expression(n.Arg))
		}
	case *nodes.GetSlice:
		n.Node = call(sliceable, expression(n.Node))
		for _, bound := range []*nodes.Node{&n.Start, &n.End, &n.Step} {
			if *bound != nil {
				*bound = expression(*bound)
			}
		}
	case *nodes.GetAttribute:
		if name, ok := n.Node.(*nodes.Name); ok && name.Name.Val == "loop" && (n.Attribute == "previtem" || n.Attribute == "nextitem") {
			return unsupported(n, "loop."+n.Attribute)
		}
		n.Node = expression(n.Node)
	}
	return expr
}

// compares says whether an expression is a comparison. Python's a < b < c is two of them, which gonja reads as one of
// the other's result.
func compares(n *nodes.BinaryExpression) bool {
	return slices.Contains([]tokens.Type{
		tokens.Equals, tokens.Ne, tokens.LowerThan, tokens.LowerThanOrEqual, tokens.GreaterThan, tokens.GreaterThanOrEqual,
	}, n.Operator.Token.Type)
}

// endsInMembership says whether `x in y` ends an expression. Gonja applies a filter after it to its result, Jinja2 to y.
func endsInMembership(expr nodes.Node) bool {
	switch n := expr.(type) {
	case *nodes.TestExpression:
		return n.Test.Token.Type == tokens.In
	case *nodes.Negation:
		return endsInMembership(n.Term)
	case *nodes.BinaryExpression:
		return endsInMembership(n.Right)
	}
	return false
}

func unsupported(at nodes.Node, what string) nodes.Expression {
	return &nodes.Error{Location: at.Position(), Error: faultf("%s is not supported", what)}
}

// callee is what is called: the attribute of a method stays one, because gonja finds the method by it.
func callee(expr nodes.Node) nodes.Node {
	if attribute, ok := expr.(*nodes.GetAttribute); ok {
		attribute.Node = expression(attribute.Node)
		return attribute
	}
	return expression(expr)
}

func arguments(positional []nodes.Expression, named map[string]nodes.Expression) {
	for i := range positional {
		positional[i] = expression(positional[i])
	}
	for name, argument := range named {
		named[name] = expression(argument)
	}
}
