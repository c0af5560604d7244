package server

import (
	"math"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// coerce brings a value of a datafile into the scalar type of a field, by the rules of graphql-js. With an error it
// returns nil: graphql-go puts whatever stands beside an error into the answer.
func coerce(typ string, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	var coerced any
	var err error
	switch typ {
	case schema.Int:
		coerced, err = coerceInt(value)
	case schema.Float:
		coerced, err = number("Float", "non numeric", value)
	case schema.Boolean:
		coerced, err = coerceBoolean(value)
	case schema.JSON:
		coerced, err = encodeJSON(value)
	default:
		coerced, err = coerceString(value)
	}
	if err != nil {
		return nil, err
	}
	return coerced, nil
}

func coerceString(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool, float64:
		return encodeJSON(v)
	default:
		return "", messagef("String cannot represent value: %s", shown(value))
	}
}

func coerceInt(value any) (int, error) {
	f, err := number("Int", "non-integer", value)
	switch {
	case err != nil:
		return 0, err
	case f != math.Trunc(f):
		return 0, messagef("Int cannot represent non-integer value: %s", shown(value))
	case f > math.MaxInt32 || f < math.MinInt32:
		return 0, messagef("Int cannot represent non 32-bit signed integer value: %s", shown(value))
	}
	return int(f), nil
}

func coerceBoolean(value any) (bool, error) {
	switch v := value.(type) {
	case bool:
		return v, nil
	case float64:
		return v != 0, nil
	default:
		return false, messagef("Boolean cannot represent a non boolean value: %s", shown(value))
	}
}

// number reads what JavaScript's Number would. Kind completes the message about a value that is none.
func number(typ, kind string, value any) (float64, error) {
	switch v := value.(type) {
	case float64:
		return v, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, nil
		}
	}
	return 0, messagef("%s cannot represent %s value: %s", typ, kind, shown(value))
}

// shown is a value for a message, cut where it is long.
func shown(value any) string {
	text, err := encodeJSON(value)
	if err != nil {
		return "?"
	}
	if runes := []rune(text); len(runes) > 100 {
		return string(runes[:100]) + "..."
	}
	return text
}
