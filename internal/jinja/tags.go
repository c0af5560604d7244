package jinja

import (
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// tags are the tags of Jinja2 that need no other template, and those that the reference adds. Of set, with and filter gonja hides the bodies, so
// that their expressions could not be rewritten.
func (r *run) tags() *exec.ControlStructureSet {
	known := map[string]parser.ControlStructureParser{"set": parseSet, "with": parseWith, "filter": parseFilter}
	for _, name := range []string{"if", "for", "raw"} {
		known[name], _ = builtins.ControlStructures.Get(name)
	}
	macro, _ := builtins.ControlStructures.Get("macro")
	known["macro"] = func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		parsed, err := macro(p, args)
		if err != nil {
			return nil, err
		}
		return &macroTag{macro: parsed.(*controlStructures.MacroControlStructure).Macro, run: r}, nil
	}
	if !r.plain {
		known["b64encode"], known["raise_error"] = parseEncoded, r.parseRaised
	}
	return exec.NewControlStructureSet(known)
}

// macroTag defines a macro, whose calls of itself are bounded.
type macroTag struct {
	macro *nodes.Macro
	run   *run
}

func (m *macroTag) Position() *tokens.Token { return m.macro.Position() }
func (m *macroTag) String() string          { return "macro " + m.macro.Name }

// Execute implements exec.ControlStructure.
func (m *macroTag) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	defined, err := exec.MacroNodeToFunc(m.macro, r)
	if err != nil {
		return err
	}
	r.Environment.Context.Set(m.macro.Name, exec.Macro(func(params *exec.VarArgs) *exec.Value {
		if m.run.depth >= maxDepth {
			return failf("macros call each other more than %d deep", maxDepth)
		}
		m.run.depth++
		defer func() { m.run.depth-- }()
		return defined(params)
	}))
	return nil
}

// bodyTag is set, with or filter: names that get values, or a body that is rendered to text first.
type bodyTag struct {
	at      *tokens.Token
	targets []nodes.Expression
	values  []nodes.Expression
	// condition and other are of `set x = values if condition else other`: values[1] and values[2].
	conditional bool
	filters     []*nodes.FilterCall
	body        *nodes.Wrapper
	// scoped keeps the targets within the body: with.
	scoped bool
}

func (b *bodyTag) Position() *tokens.Token { return b.at }
func (b *bodyTag) String() string          { return "tag" }

// Execute implements exec.ControlStructure.
func (b *bodyTag) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	switch {
	case b.scoped:
		sub := r.Inherit()
		for i, target := range b.targets {
			value := r.Eval(b.values[i])
			if err := assign(sub, target, value); err != nil {
				return err
			}
		}
		return sub.ExecuteWrapper(b.body)
	case b.body != nil:
		var out bounded
		sub := r.Inherit()
		sub.Output = &out
		if err := sub.ExecuteWrapper(b.body); err != nil {
			return err
		}
		value := exec.AsValue(out.String())
		for _, filter := range b.filters {
			if value = r.Evaluator().ExecuteFilter(filter, value); value.IsError() {
				return value
			}
		}
		if b.targets != nil {
			return assign(r, b.targets[0], value)
		}
		rendered, err := text(value)
		if err != nil {
			return err
		}
		_, err = r.Output.Write([]byte(rendered))
		return err
	}
	return b.set(r)
}

// set carries out {% set a, b = ... %}.
func (b *bodyTag) set(r *exec.Renderer) error {
	value := r.Eval(b.values[0])
	if b.conditional {
		condition := r.Eval(b.values[1])
		if condition.IsError() {
			return condition
		}
		if !condition.IsTrue() {
			value = r.Eval(b.values[2])
		}
	}
	if len(b.targets) == 1 {
		return assign(r, b.targets[0], value)
	}
	items, err := elements(value)
	if err != nil {
		return err
	}
	if len(items) != len(b.targets) {
		return faultf("%d values for %d names", len(items), len(b.targets))
	}
	for i, target := range b.targets {
		if err := assign(r, target, items[i]); err != nil {
			return err
		}
	}
	return nil
}

func assign(r *exec.Renderer, target nodes.Expression, value *exec.Value) error {
	if value.IsError() {
		return value
	}
	switch n := target.(type) {
	case *nodes.Name:
		r.Environment.Context.Set(n.Name.Val, value)
		return nil
	case *nodes.GetAttribute:
		if space, ok := r.Eval(n.Node).Interface().(namespace); ok {
			space[n.Attribute] = value
			return nil
		}
	}
	return faultf("set takes names, and attributes of what namespace() made")
}

func parseSet(p, args *parser.Parser) (nodes.ControlStructure, error) {
	tag := &bodyTag{at: args.Current()}
	for {
		target, err := args.ParseVariableOrLiteral()
		if err != nil {
			return nil, err
		}
		tag.targets = append(tag.targets, target)
		if args.Match(tokens.Comma) == nil {
			break
		}
	}
	if args.Match(tokens.Assign) == nil {
		var err error
		for args.Match(tokens.Pipe) != nil {
			filter, err := args.ParseFilter()
			if err != nil {
				return nil, err
			}
			tag.filters = append(tag.filters, filter)
		}
		if !args.End() || len(tag.targets) != 1 {
			return nil, fmt.Errorf("expected = in the tag set")
		}
		tag.body, err = body(p, "endset")
		return tag, err
	}
	value, err := args.ParseExpression()
	if err != nil {
		return nil, err
	}
	condition, other, err := args.ParseCondition()
	switch {
	case err != nil:
		return nil, err
	case condition != nil && other == nil:
		return nil, fmt.Errorf("expected else in the tag set")
	case condition != nil:
		tag.conditional, tag.values = true, []nodes.Expression{value, condition, other}
		return tag, ended(args)
	}
	listed := []nodes.Expression{value}
	for args.Match(tokens.Comma) != nil {
		if value, err = args.ParseExpression(); err != nil {
			return nil, err
		}
		listed = append(listed, value)
	}
	if tag.values = listed; len(listed) > 1 {
		tag.values = []nodes.Expression{&nodes.Tuple{Location: tag.at, Val: listed}}
	}
	return tag, ended(args)
}

func parseWith(p, args *parser.Parser) (nodes.ControlStructure, error) {
	tag := &bodyTag{at: p.Current(), scoped: true}
	for !args.End() {
		target, err := args.ParseVariableOrLiteral()
		if err != nil {
			return nil, err
		}
		if args.Match(tokens.Assign) == nil {
			return nil, fmt.Errorf("expected = in the tag with")
		}
		value, err := args.ParseExpression()
		if err != nil {
			return nil, err
		}
		tag.targets, tag.values = append(tag.targets, target), append(tag.values, value)
		if args.Match(tokens.Comma) == nil {
			break
		}
	}
	if err := ended(args); err != nil {
		return nil, err
	}
	var err error
	tag.body, err = body(p, "endwith")
	return tag, err
}

func parseFilter(p, args *parser.Parser) (nodes.ControlStructure, error) {
	tag := &bodyTag{at: p.Current()}
	for {
		filter, err := args.ParseFilter()
		if err != nil {
			return nil, err
		}
		tag.filters = append(tag.filters, filter)
		if args.Match(tokens.Pipe) == nil {
			break
		}
	}
	if err := ended(args); err != nil {
		return nil, err
	}
	var err error
	tag.body, err = body(p, "endfilter")
	return tag, err
}

func body(p *parser.Parser, end string) (*nodes.Wrapper, error) {
	wrapped, args, err := p.WrapUntil(end)
	if err != nil {
		return nil, err
	}
	return wrapped, ended(args)
}

func ended(args *parser.Parser) error {
	if !args.End() {
		return fmt.Errorf("line %d: unexpected %s", args.Current().Line, strings.TrimSpace(args.Current().Val))
	}
	return nil
}
