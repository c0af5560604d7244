package jobbuilder

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// reference is the name of what a project or group lists, with the variables that it is given there.
func reference(spec any) (string, fields) {
	if named, ok := spec.(fields); ok {
		for name, values := range named {
			given, _ := values.(fields)
			return name, given
		}
	}
	return text(spec), nil
}

// combinations are the choices of one value for each variable with a list that the name has in braces; at least one choice.
func combinations(name string, variables fields) []fields {
	chosen := []fields{{}}
	for _, key := range slices.Sorted(maps.Keys(variables)) {
		values, ok := variables[key].([]any)
		if !ok || !strings.Contains(name, "{"+key+"}") {
			continue
		}
		var more []fields
		for _, one := range chosen {
			for _, value := range values {
				more = append(more, merged(one, choice(key, value)))
			}
		}
		chosen = more
	}
	return chosen
}

// choice is one value of a variable. A map of one key stands for the key, with the variables below it.
func choice(key string, value any) fields {
	named, ok := value.(fields)
	if !ok {
		return fields{key: value}
	}
	name, values := reference(named)
	return merged(fields{key: name}, values)
}

// matches says whether the variables have all values of an excluded combination.
func matches(excluded any, variables fields) bool {
	values, ok := excluded.(fields)
	if !ok {
		return false
	}
	for key, value := range values {
		if text(variables[key]) != text(value) {
			return false
		}
	}
	return len(values) > 0
}

// resolved replaces variables in the variables themselves, once. Those without a value stay.
func resolved(variables fields) fields {
	made := fields{}
	for key, value := range variables {
		if replaced, err := format(value, variables); err == nil {
			value = replaced
		}
		made[key] = value
	}
	return made
}

var (
	object   = regexp.MustCompile(`^\{obj:([^{}]+)\}$`)
	variable = regexp.MustCompile(`\{\{|\}\}|\{([^{}|]+)(\|([^{}]*))?\}`)
)

// format replaces {name}, {name|default} and {obj:name} in all texts of a value; doubled braces become single ones. The error
// is Invalid where a variable has no value.
func format(value any, variables fields) (any, error) {
	switch value := value.(type) {
	case string:
		return formatText(value, variables)
	case []any:
		made := make([]any, len(value))
		for i, one := range value {
			replaced, err := format(one, variables)
			if err != nil {
				return nil, err
			}
			made[i] = replaced
		}
		return made, nil
	case fields:
		made := fields{}
		for key, one := range value {
			replaced, err := format(one, variables)
			if err != nil {
				return nil, err
			}
			made[key] = replaced
		}
		return made, nil
	}
	return value, nil
}

func formatText(value string, variables fields) (any, error) {
	if whole := object.FindStringSubmatch(value); whole != nil {
		found, there := variables[whole[1]]
		if !there {
			return nil, missing(whole[1])
		}
		return found, nil
	}
	var err error
	replaced := variable.ReplaceAllStringFunc(value, func(match string) string {
		if match == "{{" || match == "}}" {
			return match[:1]
		}
		parts := variable.FindStringSubmatch(match)
		found, there := variables[parts[1]]
		switch {
		case there:
			return text(found)
		case parts[2] != "":
			return parts[3]
		}
		err = missing(parts[1])
		return match
	})
	return replaced, err
}

func missing(name string) error {
	return apierr.Errorf(apierr.Invalid, "the variable %s has no value: give it one in the project", name)
}

func merged(all ...fields) fields {
	made := fields{}
	for _, one := range all {
		maps.Copy(made, one)
	}
	return made
}

func list(value any) []any {
	found, _ := value.([]any)
	return found
}

// first is the first map of a list; empty for none.
func first(value any) fields {
	for _, one := range list(value) {
		found, _ := one.(fields)
		return found
	}
	return nil
}

// text is a scalar as Python writes it; empty for nothing.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case bool:
		if value {
			return "True"
		}
		return "False"
	}
	return fmt.Sprint(value)
}
