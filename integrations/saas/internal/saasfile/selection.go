package saasfile

import (
	"encoding/json"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/jsonpath"
)

// selection finds namespaces by JSONPaths. It looks into the namespaces as app-interface has them, without what is null,
// under the one key "namespace".
type selection struct {
	namespaces []Namespace
	document   map[string]any
	places     map[place]int
	found      map[string][]int
}

type place struct{ cluster, namespace string }

func newSelection(namespaces []Namespace) *selection {
	return &selection{namespaces: namespaces, found: map[string][]int{}}
}

// find returns the namespaces that one of the included paths finds and no excluded one, in the order in which they are found.
func (s *selection) find(selectors Selectors) ([]*Namespace, error) {
	var order []int
	for _, path := range selectors.Include {
		found, err := s.look(path)
		if err != nil {
			return nil, err
		}
		for _, at := range found {
			if !slices.Contains(order, at) {
				order = append(order, at)
			}
		}
	}
	for _, path := range selectors.Exclude {
		found, err := s.look(path)
		if err != nil {
			return nil, err
		}
		order = slices.DeleteFunc(order, func(at int) bool { return slices.Contains(found, at) })
	}
	all := make([]*Namespace, len(order))
	for i, at := range order {
		all[i] = &s.namespaces[at]
	}
	return all, nil
}

// look returns the positions of the namespaces that the path finds, in app-interface's order.
func (s *selection) look(path string) ([]int, error) {
	if found, known := s.found[path]; known {
		return found, nil
	}
	parsed, err := jsonpath.Parse(path)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the namespaceSelector %q is no JSONPath: mend it", path)
	}
	if err := s.build(); err != nil {
		return nil, err
	}
	var found []int
	for _, match := range parsed.Get(s.document) {
		at, ok := s.position(match)
		if !ok {
			return nil, apierr.Errorf(apierr.Invalid, "the namespaceSelector %q finds something else than namespaces: let it end at namespace[...]", path)
		}
		found = append(found, at)
	}
	slices.Sort(found)
	s.found[path] = found
	return found, nil
}

func (s *selection) position(match any) (int, bool) {
	namespace, _ := match.(map[string]any)
	cluster, _ := namespace["cluster"].(map[string]any)
	of, _ := cluster["name"].(string)
	name, _ := namespace["name"].(string)
	at, ok := s.places[place{cluster: of, namespace: name}]
	return at, ok
}

func (s *selection) build() error {
	if s.document != nil {
		return nil
	}
	views := make([]any, len(s.namespaces))
	places := make(map[place]int, len(s.namespaces))
	for i := range s.namespaces {
		namespace := &s.namespaces[i]
		seen, err := view(namespace, plainJSON)
		if err != nil {
			return err
		}
		views[i] = withoutNulls(seen)
		places[place{cluster: namespace.Cluster.Name, namespace: namespace.Name}] = i
	}
	s.document, s.places = map[string]any{"namespace": views}, places
	return nil
}

func plainJSON(text appinterface.JSON) (any, error) {
	var value any
	raw, err := text.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return value, json.Unmarshal(raw, &value)
}

func withoutNulls(value any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return value
	}
	left := make(map[string]any, len(fields))
	for key, field := range fields {
		if field != nil {
			left[key] = withoutNulls(field)
		}
	}
	return left
}
