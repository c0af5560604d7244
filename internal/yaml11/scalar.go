package yaml11

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The forms of plain scalars in YAML 1.1, as the reference's parser has them.
var (
	integer   = regexp.MustCompile(`^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	floating  = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$`)
	notFinite = regexp.MustCompile(`^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// scalar reads one value that is neither a list nor a map.
func scalar(node *yaml.Node) (any, error) {
	if node.Style&yaml.TaggedStyle != 0 {
		return tagged(node)
	}
	if node.Style != 0 {
		return node.Value, nil
	}
	switch node.Value {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, nil
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, nil
	}
	switch {
	case integer.MatchString(node.Value):
		return whole(node)
	case floating.MatchString(node.Value):
		return fraction(node)
	case notFinite.MatchString(node.Value):
		return nil, fmt.Errorf("line %d: %s has no form in JSON; write it with quotes", node.Line, node.Value)
	}
	return node.Value, nil
}

// tagged reads a value whose type is written before it.
func tagged(node *yaml.Node) (any, error) {
	switch node.ShortTag() {
	case "!!str", "!!timestamp":
		return node.Value, nil
	case "!!binary":
		clear, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(node.Value), ""))
		if err != nil {
			return nil, fmt.Errorf("line %d: !!binary is followed by something other than base64", node.Line)
		}
		return string(clear), nil
	case "!!int", "!!float", "!!bool", "!!null":
		plain := *node
		plain.Style = 0
		return scalar(&plain)
	}
	return nil, fmt.Errorf("line %d: the tag %s is not known", node.Line, node.Tag)
}

func whole(node *yaml.Node) (any, error) {
	text := strings.ReplaceAll(node.Value, "_", "")
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign = "-"
	}
	text = strings.TrimLeft(text, "+-")
	base := 10
	switch {
	case strings.HasPrefix(text, "0b"):
		base, text = 2, text[2:]
	case strings.HasPrefix(text, "0x"):
		base, text = 16, text[2:]
	case strings.HasPrefix(text, "0") && len(text) > 1:
		base, text = 8, text[1:]
	case strings.Contains(text, ":"):
		return json.Number(sign + sexagesimal(text).Text('f', 0)), nil
	}
	number, ok := new(big.Int).SetString(text, base)
	if !ok {
		return nil, fmt.Errorf("line %d: %s is no number", node.Line, node.Value)
	}
	if number.Sign() == 0 {
		sign = ""
	}
	return json.Number(sign + number.String()), nil
}

func fraction(node *yaml.Node) (any, error) {
	text := strings.ReplaceAll(strings.TrimPrefix(node.Value, "+"), "_", "")
	if strings.Contains(text, ":") {
		number, _ := sexagesimal(strings.TrimPrefix(text, "-")).Float64()
		if strings.HasPrefix(text, "-") {
			number = -number
		}
		return json.Number(strconv.FormatFloat(number, 'g', -1, 64)), nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(number, 0) {
		return nil, fmt.Errorf("line %d: %s does not fit a number", node.Line, node.Value)
	}
	written := strconv.FormatFloat(number, 'g', -1, 64)
	if !strings.ContainsAny(written, ".e") {
		written += ".0"
	}
	return json.Number(written), nil
}

// sexagesimal is the number that digits to the base 60 are, such as 1:30 for 90.
func sexagesimal(text string) *big.Float {
	const base = 60
	number := new(big.Float)
	for digit := range strings.SplitSeq(text, ":") {
		value, _ := strconv.ParseFloat(digit, 64)
		number.Add(number.Mul(number, big.NewFloat(base)), big.NewFloat(value))
	}
	return number
}
