package gabiauthorizedusers

import (
	"encoding/json"
	"time"
)

// body is the ConfigMap that Gabi reads. Its hash is part of running estates: names and texts are the reference's.
func body(name string, end time.Time, users []string) (map[string]any, error) {
	config, err := json.Marshal(struct {
		Expiration string   `json:"expiration"`
		Users      []string `json:"users"`
	}{end.Format(time.DateOnly), users})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"apiVersion": "v1",
		"kind":       kind,
		"metadata":   map[string]any{"name": name, "annotations": map[string]any{"qontract.recycle": "true"}},
		"data":       map[string]any{"config.json": string(config)},
	}, nil
}
