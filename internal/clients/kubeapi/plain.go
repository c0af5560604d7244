package kubeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// plain returns a deep copy of a JSON value that consists of nil, bool, string, json.Number, []any and
// map[string]any only, with every number in its canonical text (see numberText). Two values are then equal
// exactly when their JSON is, and 1 and 1.0 stay apart. Values of other Go types take the way over their JSON.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		return numberText(v)
	case int:
		return json.Number(strconv.Itoa(v)), nil
	case int32:
		return json.Number(strconv.FormatInt(int64(v), 10)), nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	case float64:
		return floatText(v)
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, item := range v {
			clean, err := plain(item)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			copied[key] = clean
		}
		return copied, nil
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			clean, err := plain(item)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			copied[i] = clean
		}
		return copied, nil
	}
	return plainOverJSON(value)
}

// plainOverJSON is plain for types such as []string, map[string]string and structs.
func plainOverJSON(value any) (any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("a value of type %T is not JSON: %w", value, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("a value of type %T is not JSON: %w", value, err)
	}
	return plain(decoded)
}

// plainBody is plain for a whole object.
func plainBody(body map[string]any) (map[string]any, error) {
	if body == nil {
		return map[string]any{}, nil
	}
	clean, err := plain(body)
	if err != nil {
		return nil, err
	}
	return clean.(map[string]any), nil
}

// numberText gives a JSON number the text that the reference's hash is made of: an integer its digits, anything
// with a point or an exponent the shortest decimal that reads back as the same float.
func numberText(number json.Number) (json.Number, error) {
	text := number.String()
	if strings.ContainsAny(text, ".eE") {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", fmt.Errorf("%q is not a number that fits a float", text)
		}
		return floatText(value)
	}
	if text == "-0" {
		return "0", nil
	}
	return number, nil
}

// floatText is the shortest text of a float: always with a point or an exponent, the latter below 1e-4 and from
// 1e16 on.
func floatText(value float64) (json.Number, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "", fmt.Errorf("%v has no form in JSON", value)
	}
	if size := math.Abs(value); size != 0 && (size < 1e-4 || size >= 1e16) {
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64)), nil
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text), nil
}
