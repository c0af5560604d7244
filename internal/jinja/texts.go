package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// texts are the methods of Python's str that templates use, with parameters that are written without their names.
func texts() *exec.MethodSet[string] {
	known := map[string]exec.Method[string]{}
	add := func(name, types string, method func(s string, p parameters) (any, error)) {
		known[name] = func(s string, _ *exec.Value, given *exec.VarArgs) (any, error) {
			if err := fits(name, types, given); err != nil {
				return nil, err
			}
			return method(s, given.Args)
		}
	}
	for name, plain := range map[string]func(string) any{
		"upper":   func(s string) any { return strings.ToUpper(s) },
		"lower":   func(s string) any { return strings.ToLower(s) },
		"isdigit": every(unicode.IsDigit), "isalpha": every(unicode.IsLetter), "isspace": every(unicode.IsSpace),
		"isalnum": every(func(char rune) bool { return unicode.IsLetter(char) || unicode.IsDigit(char) }),
		"isupper": func(s string) any { return cased(unicode.IsUpper, unicode.IsLower)(exec.AsValue(s)) },
		"islower": func(s string) any { return cased(unicode.IsLower, unicode.IsUpper)(exec.AsValue(s)) },
		"capitalize": func(s string) any {
			first, size := utf8.DecodeRuneInString(s)
			if size == 0 {
				return ""
			}
			return string(unicode.ToUpper(first)) + strings.ToLower(s[size:])
		},
		"title": titled,
		"splitlines": func(s string) any {
			return parts(strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n"), s == "")
		},
	} {
		add(name, "", func(s string, _ parameters) (any, error) { return plain(s), nil })
	}
	add("strip", "?s", func(s string, p parameters) (any, error) { return strip(s, p, strings.Trim, strings.TrimFunc), nil })
	add("lstrip", "?s", func(s string, p parameters) (any, error) {
		return strip(s, p, strings.TrimLeft, strings.TrimLeftFunc), nil
	})
	add("rstrip", "?s", func(s string, p parameters) (any, error) {
		return strip(s, p, strings.TrimRight, strings.TrimRightFunc), nil
	})
	add("startswith", "s", func(s string, p parameters) (any, error) { return strings.HasPrefix(s, p.text(0)), nil })
	add("endswith", "s", func(s string, p parameters) (any, error) { return strings.HasSuffix(s, p.text(0)), nil })
	add("removeprefix", "s", func(s string, p parameters) (any, error) { return strings.TrimPrefix(s, p.text(0)), nil })
	add("removesuffix", "s", func(s string, p parameters) (any, error) { return strings.TrimSuffix(s, p.text(0)), nil })
	add("count", "s", func(s string, p parameters) (any, error) { return strings.Count(s, p.text(0)), nil })
	add("find", "s", func(s string, p parameters) (any, error) { return position(s, strings.Index(s, p.text(0))), nil })
	add("rfind", "s", func(s string, p parameters) (any, error) { return position(s, strings.LastIndex(s, p.text(0))), nil })
	add("replace", "ss?i", func(s string, p parameters) (any, error) {
		return strings.Replace(s, p.text(0), p.text(1), p.number(2, -1)), nil
	})
	add("split", "?si", func(s string, p parameters) (any, error) { return split(s, p, false) })
	add("rsplit", "?si", func(s string, p parameters) (any, error) { return split(s, p, true) })
	add("zfill", "i", func(s string, p parameters) (any, error) {
		sign := ""
		if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
			sign = s[:1]
		}
		return sign + padding(s, p.number(0, 0), "0") + s[len(sign):], nil
	})
	add("ljust", "i?s", func(s string, p parameters) (any, error) { return s + padding(s, p.number(0, 0), p.filler()), nil })
	add("rjust", "i?s", func(s string, p parameters) (any, error) { return padding(s, p.number(0, 0), p.filler()) + s, nil })
	add("center", "i?s", func(s string, p parameters) (any, error) { return centered(s, p.number(0, 0), p.filler()), nil })
	known["join"] = func(s string, _ *exec.Value, given *exec.VarArgs) (any, error) {
		all, err := elements(given.First())
		if err != nil {
			return nil, err
		}
		joined := make([]string, len(all))
		for i, each := range all {
			if !each.IsString() {
				return nil, faultf("join() takes texts, and one is %s", kind(each))
			}
			joined[i] = each.String()
		}
		return strings.Join(joined, s), nil
	}
	known["format"] = func(s string, _ *exec.Value, given *exec.VarArgs) (any, error) { return fields(s, given) }
	return exec.NewMethodSet(known)
}

// parameters are those of one call, checked by fits.
type parameters []*exec.Value

func (p parameters) text(i int) string { return p[i].String() }

func (p parameters) number(i, otherwise int) int {
	if i < len(p) {
		return min(p[i].Integer(), maxRepeated)
	}
	return otherwise
}

func (p parameters) filler() string {
	if len(p) > 1 {
		return p.text(1)
	}
	return " "
}

// fits checks parameters against their types: s for text, i for an integer, those after ? may be left out.
func fits(name, types string, given *exec.VarArgs) error {
	needed := strings.Split(types, "?")
	order := strings.ReplaceAll(types, "?", "")
	if len(given.KwArgs) > 0 || len(given.Args) < len(needed[0]) || len(given.Args) > len(order) {
		return faultf("%s() is called with too many, too few, or named parameters", name)
	}
	for i, value := range given.Args {
		if text := order[i] == 's'; isNone(value) || text != value.IsString() || !text && !value.IsInteger() {
			return faultf("%s() is called with %s", name, kind(value))
		}
	}
	return nil
}

func every(holds func(rune) bool) func(string) any {
	return func(s string) any {
		return s != "" && strings.IndexFunc(s, func(char rune) bool { return !holds(char) }) < 0
	}
}

// titled is str.title: a letter after anything but a letter begins a word.
func titled(s string) any {
	before := ' '
	return strings.Map(func(char rune) rune {
		begins := !unicode.IsLetter(before)
		before = char
		if begins {
			return unicode.ToUpper(char)
		}
		return unicode.ToLower(char)
	}, s)
}

func strip(s string, p parameters, chars func(string, string) string, blanks func(string, func(rune) bool) string) string {
	if len(p) > 0 {
		return chars(s, p.text(0))
	}
	return blanks(s, unicode.IsSpace)
}

// position turns an index of bytes into one of characters.
func position(s string, at int) int {
	if at < 0 {
		return at
	}
	return utf8.RuneCountInString(s[:at])
}

func split(s string, p parameters, fromEnd bool) (any, error) {
	if len(p) == 0 {
		return parts(strings.Fields(s), false), nil
	}
	by, most := p.text(0), p.number(1, -1)
	if by == "" {
		return nil, faultf("split() is called with an empty text")
	}
	all := strings.Split(s, by)
	if most < 0 || most >= len(all) {
		return parts(all, false), nil
	}
	if fromEnd {
		cut := len(all) - most
		return parts(append([]string{strings.Join(all[:cut], by)}, all[cut:]...), false), nil
	}
	return parts(strings.SplitN(s, by, most+1), false), nil
}

func parts(all []string, none bool) *list {
	out := list{}
	for _, part := range all {
		if !none {
			out = append(out, part)
		}
	}
	return &out
}

func padding(s string, width int, filler string) string {
	return strings.Repeat(filler, max(width-utf8.RuneCountInString(s), 0))
}

// centered is str.center, which puts an odd blank to the left where the width is odd.
func centered(s string, width int, filler string) string {
	missing := min(max(width-utf8.RuneCountInString(s), 0), maxRepeated)
	left := missing/2 + missing&width&1
	return strings.Repeat(filler, left) + s + strings.Repeat(filler, missing-left)
}

// fields is str.format with fields that are empty, a number or a name, without formats of their own.
func fields(s string, given *exec.VarArgs) (string, error) {
	var out strings.Builder
	next := 0
	for rest := s; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:at])
		if rest = rest[at:]; strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}") {
			out.WriteByte(rest[0])
			rest = rest[2:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		if rest[0] == '}' || end < 0 {
			return "", faultf("format() has a brace without its other one")
		}
		name := rest[1:end]
		rest = rest[end+1:]
		value, found := given.KwArgs[name]
		index, err := decimal(name)
		if name == "" {
			index, err = next, nil
			next++
		}
		if err == nil && index >= 0 && index < len(given.Args) {
			value, found = given.Args[index], true
		}
		if !found {
			return "", faultf("format() has no value for a field, or the field has a format of its own, which is not supported")
		}
		written, err := text(value)
		if err != nil {
			return "", err
		}
		out.WriteString(written)
	}
	return out.String(), nil
}
