package appinterface

import (
	"encoding/json"
	"fmt"
)

// JSON is a value of the schema's JSON scalar, such as labels. The server answers it as text that contains JSON;
// JSON holds what that text says, and also takes the value in clear, as other servers answer it. As a variable of a
// query it is written in clear. The zero value is null.
type JSON struct{ raw json.RawMessage }

// NewJSON returns the value as JSON.
func NewJSON(value any) (JSON, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return JSON{}, fmt.Errorf("value cannot be written as JSON: %w", err)
	}
	if string(raw) == "null" {
		return JSON{}, nil
	}
	return JSON{raw: raw}, nil
}

// IsNull says whether there is no value.
func (j JSON) IsNull() bool { return len(j.raw) == 0 }

// Decode stores the value in the variable that into points to, as json.Unmarshal does. Null leaves it as it is.
func (j JSON) Decode(into any) error {
	if j.IsNull() {
		return nil
	}
	return json.Unmarshal(j.raw, into)
}

// UnmarshalJSON reads both forms. Text that is not JSON stays text.
func (j *JSON) UnmarshalJSON(data []byte) error {
	var text string
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		if json.Valid([]byte(text)) {
			data = []byte(text)
		}
	}
	if string(data) == "null" {
		j.raw = nil
		return nil
	}
	j.raw = append(json.RawMessage(nil), data...)
	return nil
}

// MarshalJSON writes the value in clear.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j.IsNull() {
		return []byte("null"), nil
	}
	return j.raw, nil
}
