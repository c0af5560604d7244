package kubeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// plain returns a deep copy of a JSON value that consists of nil, bool, string, json.Number, []any and
// map[string]any only, with every number in its canonical text (see pyjson.Number). Two values are then equal
// exactly when their JSON is, and 1 and 1.0 stay apart. Values of other Go types take the way over their JSON.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		return pyjson.Number(v)
	case int:
		return json.Number(strconv.Itoa(v)), nil
	case int32:
		return json.Number(strconv.FormatInt(int64(v), 10)), nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	case float64:
		return pyjson.Float(v)
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
