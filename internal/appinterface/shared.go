package appinterface

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// decodedFactor is about how much more memory an answer takes once it is decoded.
const decodedFactor = 3

// shared holds what the data of a cached answer decode to, so that the steps of a run, each of which asks anew, pay
// for it once.
type shared struct {
	mu     sync.Mutex
	values map[reflect.Type]any
}

// decode fills resp, whose Data points to the generated type. Callers of equal queries of one bundle get the same
// slices, maps and pointers.
func (c *Client) decode(operation string, got answer, resp *graphql.Response) error {
	if got.shared == nil {
		return unmarshal(operation, got.Data, resp.Data)
	}
	into := reflect.ValueOf(resp.Data)
	got.shared.mu.Lock()
	defer got.shared.mu.Unlock()
	value, known := got.shared.values[into.Type()]
	if known && c.frozen {
		if err := unchanged(operation, got.Data, value); err != nil {
			return err
		}
	}
	if !known {
		value = reflect.New(into.Type().Elem()).Interface()
		if err := unmarshal(operation, got.Data, value); err != nil {
			return err
		}
		got.shared.values[into.Type()] = value
	}
	into.Elem().Set(reflect.ValueOf(value).Elem())
	return nil
}

func unmarshal(operation string, data json.RawMessage, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return apierr.Errorf(apierr.Invalid, "query %s: the answer does not fit the generated type: %w; run make generate, or correct the query or the datafile", operation, err)
	}
	return nil
}

// unchanged fails where somebody has changed a shared value.
func unchanged(operation string, data json.RawMessage, value any) error {
	fresh := reflect.New(reflect.TypeOf(value).Elem()).Interface()
	if err := unmarshal(operation, data, fresh); err != nil {
		return err
	}
	if !reflect.DeepEqual(fresh, value) {
		return fmt.Errorf("query %s: its answer is shared by all who ask, and somebody has changed it: clone what is to be changed", operation)
	}
	return nil
}
