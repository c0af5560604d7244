package template

import (
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
)

// parameters puts what a function is called with into the order of the names. Those with a ? may be left out: nil.
func parameters(function string, call jinja.Call, names ...string) ([]any, error) {
	if len(call.Args) > len(names) {
		return nil, apierr.Errorf(apierr.Invalid, "%s takes at most %d values", function, len(names))
	}
	bound := make([]any, len(names))
	copy(bound, call.Args)
	taken := 0
	for i, name := range names {
		plain, optional := strings.CutSuffix(name, "?")
		value, named := call.Named[plain]
		switch {
		case named && i < len(call.Args):
			return nil, apierr.Errorf(apierr.Invalid, "%s is given %s twice", function, plain)
		case named:
			bound[i] = value
			taken++
		case i >= len(call.Args) && !optional:
			return nil, apierr.Errorf(apierr.Invalid, "%s is called without its value %d, %s", function, i+1, plain)
		}
	}
	if taken < len(call.Named) {
		return nil, apierr.Errorf(apierr.Invalid, "%s takes only the values %s", function, strings.ReplaceAll(strings.Join(names, ", "), "?", ""))
	}
	return bound, nil
}

func asTexts(function string, given []any) ([]string, error) {
	texts := make([]string, len(given))
	for i, value := range given {
		text, ok := value.(string)
		if !ok {
			return nil, apierr.Errorf(apierr.Invalid, "value %d of %s is not text", i+1, function)
		}
		texts[i] = text
	}
	return texts, nil
}

func (r *rendering) expandAll(function string, given []any) ([]string, error) {
	texts, err := asTexts(function, given)
	if err != nil {
		return nil, err
	}
	for i, text := range texts {
		if texts[i], err = r.expand(text); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// truthy says whether Python takes a value for true.
func truthy(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case int:
		return value != 0
	case string:
		return value != ""
	}
	return true
}
