package jinja

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// marker starts the text of an error of this package. Gonja wraps errors by their texts alone, outermost first, so
// that what follows the last marker is ours.
const marker = "\x00jinja: "

// faultf is an error whose text reaches the user. It must hold no value of the template's variables.
func faultf(format string, args ...any) error {
	return errors.New(marker + fmt.Sprintf(format, args...))
}

// failf is faultf as the value of an expression.
func failf(format string, args ...any) *exec.Value { return exec.AsValue(faultf(format, args...)) }

// Texts of gonja's errors that name an undefined variable, attribute or item, or a name that is not known.
var (
	undefinedName = regexp.MustCompile(`(?:Unable to evaluate name "([^"]+)"|attribute '([^']+)' not found|item '+([^']+)'+ not found|parameter "([^"]+)" was not provided)[^:]*$`)
	notCallable   = regexp.MustCompile(`(\S+) is not callable$`)
	unknownTag    = regexp.MustCompile(`ControlStructure '([^']+)' not found \(or beginning not provided\) \(Line: (\d+)`)
	unknownName   = regexp.MustCompile(`((?:filter|test) '[^']+') not found$`)
	atLine        = regexp.MustCompile(`at line (\d+)`)
)

// located puts the line that an error of gonja's names in front of what caused it.
func located(err, cause error) error {
	if found := atLine.FindAllStringSubmatch(err.Error(), -1); found != nil {
		return fmt.Errorf("line %s: %w", found[len(found)-1][1], cause)
	}
	return cause
}

// RaisedError is an error that a template raises by the tag raise_error. Its text is the template's, with whatever
// values that puts there.
type RaisedError struct{ Text string }

func (e *RaisedError) Error() string { return "the template raises: " + e.Text }

// explain says in one sentence why a template could not be rendered. Gonja's own words quote values, which may be
// secrets, so that of them only names are taken.
func explain(err error) error {
	text, line := err.Error(), ""
	if found := atLine.FindAllStringSubmatch(text, -1); found != nil {
		line = "line " + found[len(found)-1][1] + ": "
	}
	if at := strings.LastIndex(text, marker); at >= 0 {
		return errors.New(line + text[at+len(marker):])
	}
	if found := undefinedName.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("%s%s is undefined", line, strings.Join(found[1:], ""))
	}
	if found := unknownName.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("%s%s is not supported", line, found[1])
	}
	if found := notCallable.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("%sno function %s is known", line, found[1])
	}
	if strings.Contains(text, "Can't use Get") {
		return fmt.Errorf("%sNone has no attributes and no items", line)
	}
	return fmt.Errorf("%san expression cannot be evaluated: its value is of another type, or the method is not supported", line)
}

// undefined says whether a value is an error because something is undefined.
func undefined(v *exec.Value) bool {
	return v.IsError() && strings.HasSuffix(explain(v).Error(), " is undefined")
}

// syntax is a parser's error without the whole template, which gonja puts in front.
func syntax(err error, text string) error {
	if found := unknownTag.FindStringSubmatch(err.Error()); found != nil {
		return fmt.Errorf("line %s: the tag %s is not supported, or nothing was begun that it ends", found[2], found[1])
	}
	message := strings.TrimPrefix(err.Error(), fmt.Sprintf("failed to parse template '%s': ", text))
	return errors.New(strings.ReplaceAll(message, marker, ""))
}
