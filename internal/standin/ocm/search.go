package ocm

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// condition says whether an object is found.
type condition func(object) bool

// words of the search language: parentheses, commas, operators, texts in quotes, and names.
var words = regexp.MustCompile(`^\s*(<=|>=|<>|!=|=|<|>|\(|\)|,|'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_.]*)`)

// parseSearch reads what follows where in SQL: comparisons of fields with texts, in, like, and, or, not and parentheses.
func parseSearch(text string) (condition, error) {
	if strings.TrimSpace(text) == "" {
		return func(object) bool { return true }, nil
	}
	p := &parser{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		found := words.FindStringSubmatch(rest)
		if found == nil {
			return nil, fmt.Errorf("unexpected %q", strings.TrimSpace(rest))
		}
		p.words = append(p.words, found[1])
		rest = rest[len(found[0]):]
	}
	whole, err := p.any()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("unexpected %q", p.words[0])
	}
	return whole, err
}

type parser struct{ words []string }

func (p *parser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

// take takes the next word where it is this one.
func (p *parser) take(word string) bool {
	if len(p.words) == 0 || !strings.EqualFold(p.words[0], word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *parser) any() (condition, error) {
	left, err := p.all()
	for err == nil && p.take("or") {
		var right condition
		if right, err = p.all(); err == nil {
			one := left
			left = func(o object) bool { return one(o) || right(o) }
		}
	}
	return left, err
}

func (p *parser) all() (condition, error) {
	left, err := p.single()
	for err == nil && p.take("and") {
		var right condition
		if right, err = p.single(); err == nil {
			one := left
			left = func(o object) bool { return one(o) && right(o) }
		}
	}
	return left, err
}

func (p *parser) single() (condition, error) {
	if p.take("not") {
		inner, err := p.single()
		return func(o object) bool { return !inner(o) }, err
	}
	if p.take("(") {
		inner, err := p.any()
		if err == nil && !p.take(")") {
			err = errors.New("a closing parenthesis is missing")
		}
		return inner, err
	}
	return p.comparison()
}

func (p *parser) comparison() (condition, error) {
	field, operator := p.next(), strings.ToLower(p.next())
	if operator == "in" {
		values, err := p.values()
		return func(o object) bool {
			for _, value := range values {
				if textAt(o, field) == value {
					return true
				}
			}
			return false
		}, err
	}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	switch operator {
	case "=":
		return func(o object) bool { return textAt(o, field) == value }, nil
	case "<>", "!=":
		return func(o object) bool { return textAt(o, field) != value }, nil
	case "<":
		return func(o object) bool { return textAt(o, field) < value }, nil
	case "<=":
		return func(o object) bool { return textAt(o, field) <= value }, nil
	case ">":
		return func(o object) bool { return textAt(o, field) > value }, nil
	case ">=":
		return func(o object) bool { return textAt(o, field) >= value }, nil
	case "like":
		pattern := regexp.MustCompile("^(?s:" + strings.ReplaceAll(regexp.QuoteMeta(value), "%", ".*") + ")$")
		return func(o object) bool { return pattern.MatchString(textAt(o, field)) }, nil
	}
	return nil, fmt.Errorf("unknown operator %q", operator)
}

func (p *parser) value() (string, error) {
	word := p.next()
	if len(word) < 2 || word[0] != '\'' {
		return "", fmt.Errorf("expected a text in quotes instead of %q", word)
	}
	return strings.ReplaceAll(word[1:len(word)-1], "''", "'"), nil
}

func (p *parser) values() ([]string, error) {
	if !p.take("(") {
		return nil, errors.New("expected a list in parentheses")
	}
	var values []string
	for {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		if p.take(",") {
			continue
		}
		if !p.take(")") {
			return nil, errors.New("a closing parenthesis is missing")
		}
		return values, nil
	}
}
