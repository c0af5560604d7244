package temporal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	commonpb "go.temporal.io/api/common/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/converter"
	"sigs.k8s.io/yaml"
)

// Estate is what a namespace has. As YAML, with schedules as Temporal's API writes them, and {payload: VALUE} for payloads:
//
//	schedules:
//	  quay-membership:
//	    memo: {managedBy: qontract-temporal}
//	    schedule:
//	      spec: {interval: [{interval: 600s, phase: 12s}]}
//	      action: {startWorkflow: {workflowId: quay-membership, workflowType: {name: scheduled}, taskQueue: {name: quay-membership}}}
//	versions:                     # of worker deployments: the current one, and those whose runs may not have ended
//	  qontract-temporal: {current: b2, draining: [b1]}
type Estate struct {
	Schedules map[string]Schedule `json:"schedules,omitempty"`
	Versions  map[string]Versions `json:"versions,omitempty"`
}

// Schedule is one with its memo.
type Schedule struct {
	Memo     map[string]any `json:"memo,omitempty"`
	Schedule any            `json:"schedule"`
}

// Versions are the build IDs of a worker deployment.
type Versions struct {
	Current  string   `json:"current"`
	Draining []string `json:"draining,omitempty"`
}

// ParseEstate reads an estate.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return estate, fmt.Errorf("estate: %w", err)
	}
	return estate, nil
}

// payload is the key that a payload has in place of its encoding.
const payload = "payload"

// scheduleProto is the schedule as the API takes it.
func scheduleProto(through converter.DataConverter, given any) (*schedulepb.Schedule, error) {
	encoded, err := transform(given, func(node map[string]any) (any, error) {
		value, isPayload := node[payload]
		if !isPayload || len(node) != 1 {
			return node, nil
		}
		made, err := through.ToPayload(value)
		if err != nil {
			return nil, err
		}
		return asJSON(temporalproto.CustomJSONMarshalOptions{}.Marshal(made))
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(encoded)
	if err != nil {
		return nil, err
	}
	s := &schedulepb.Schedule{}
	return s, temporalproto.CustomJSONUnmarshalOptions{}.Unmarshal(text, s)
}

// scheduleValue is a schedule of the API as the estate has it.
func scheduleValue(through converter.DataConverter, s *schedulepb.Schedule) (any, error) {
	value, err := asJSON(temporalproto.CustomJSONMarshalOptions{}.Marshal(s))
	if err != nil {
		return nil, err
	}
	return transform(value, func(node map[string]any) (any, error) {
		if node["metadata"] == nil || len(node) > 2 {
			return node, nil
		}
		text, err := json.Marshal(node)
		if err != nil {
			return nil, err
		}
		encoded := &commonpb.Payload{}
		if err := (temporalproto.CustomJSONUnmarshalOptions{}).Unmarshal(text, encoded); err != nil {
			return nil, err
		}
		var decoded any
		if err := through.FromPayload(encoded, &decoded); err != nil {
			return nil, err
		}
		return map[string]any{payload: decoded}, nil
	})
}

func asJSON(text []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	var value any
	return value, json.Unmarshal(text, &value)
}

// transform replaces every object in a value of JSON, the outer ones first.
func transform(value any, replace func(map[string]any) (any, error)) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		replaced, err := replace(v)
		node, isObject := replaced.(map[string]any)
		if err != nil || !isObject || node[payload] != nil {
			return replaced, err
		}
		copied := make(map[string]any, len(node))
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if copied[key], err = transform(node[key], replace); err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
		}
		return copied, nil
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			var err error
			if copied[i], err = transform(item, replace); err != nil {
				return nil, err
			}
		}
		return copied, nil
	}
	return value, nil
}
