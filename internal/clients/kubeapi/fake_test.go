package kubeapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"k8s.io/apimachinery/pkg/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// memory is a cluster's objects without a server, for the order of calls and for crashes in between.
type memory struct {
	stored map[reference]map[string]any
	// refuse answers a call with an error before anything is done.
	refuse func(verb string, ref reference) error
	// lingering objects stay with a deletionTimestamp when they are deleted.
	lingering bool
	// writes are the calls that change something, by object.
	writes map[string][]string
	made   int
}

func newMemory() *memory {
	return &memory{stored: map[reference]map[string]any{}, refuse: func(string, reference) error { return nil }, writes: map[string][]string{}}
}

func (m *memory) call(verb string, ref reference) error {
	if verb != "get" && verb != "list" {
		m.writes[ref.String()] = append(m.writes[ref.String()], verb)
	}
	return m.refuse(verb, ref)
}

func (m *memory) put(ref reference, body map[string]any) map[string]any {
	clean, err := plainBody(body)
	if err != nil {
		panic(err)
	}
	ensureAnnotations(clean)
	if metadata(clean)["uid"] == nil {
		m.made++
		metadata(clean)["uid"] = fmt.Sprintf("uid-%d", m.made)
	}
	metadata(clean)["name"] = ref.name
	m.stored[ref] = clean
	return clean
}

func (m *memory) resolve(_ context.Context, apiVersion, kind string) (Kind, error) {
	group, version, found := strings.Cut(apiVersion, "/")
	if !found {
		group, version = "", apiVersion
	}
	return Kind{Name: kind, Group: group, Version: version, Resource: strings.ToLower(kind) + "s", Namespaced: true}, nil
}

func (m *memory) get(_ context.Context, ref reference) (map[string]any, error) {
	if err := m.call("get", ref); err != nil {
		return nil, err
	}
	live, ok := m.stored[ref]
	if !ok {
		return nil, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return plainBody(live)
}

func (m *memory) list(_ context.Context, kind Kind, namespace, selector string) ([]map[string]any, error) {
	if err := m.call("list", reference{Kind: kind, namespace: namespace}); err != nil {
		return nil, err
	}
	label, value, selective := strings.Cut(selector, "=")
	var found []map[string]any
	for _, ref := range slices.SortedFunc(maps.Keys(m.stored), func(a, b reference) int { return strings.Compare(a.String(), b.String()) }) {
		body := m.stored[ref]
		if ref.Kind == kind && ref.namespace == namespace && (!selective || str(child(metadata(body), "labels"), label) == value) {
			found = append(found, body)
		}
	}
	return found, nil
}

func (m *memory) apply(_ context.Context, ref reference, body map[string]any) (map[string]any, error) {
	if err := m.call("apply", ref); err != nil {
		return nil, err
	}
	if live := m.stored[ref]; live != nil {
		body = maps.Clone(body)
		body["metadata"] = maps.Clone(metadata(body))
		metadata(body)["uid"] = uidOf(live)
		if terminating(live) {
			metadata(body)["deletionTimestamp"] = metadata(live)["deletionTimestamp"]
		}
	}
	return m.put(ref, body), nil
}

func (m *memory) create(_ context.Context, ref reference, body map[string]any) (map[string]any, error) {
	if err := m.call("create", ref); err != nil {
		return nil, err
	}
	return m.put(ref, body), nil
}

func (m *memory) replace(_ context.Context, ref reference, body map[string]any) (map[string]any, error) {
	if err := m.call("replace", ref); err != nil {
		return nil, err
	}
	return m.put(ref, body), nil
}

func (m *memory) patch(_ context.Context, ref reference, _ types.PatchType, patch any) (map[string]any, error) {
	if err := m.call("patch", ref); err != nil {
		return nil, err
	}
	before, err := json.Marshal(m.stored[ref])
	if err != nil {
		return nil, err
	}
	change, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	after, err := jsonpatch.MergePatch(before, change)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := json.Unmarshal(after, &body); err != nil {
		return nil, err
	}
	return m.put(ref, body), nil
}

func (m *memory) remove(_ context.Context, ref reference, uid string, cascade cascade) error {
	verb := "delete"
	if cascade == orphan {
		verb = "delete-orphan"
	}
	if err := m.call(verb, ref); err != nil {
		return err
	}
	live := m.stored[ref]
	switch {
	case live == nil:
	case uidOf(live) != uid:
		return apierr.Errorf(apierr.Conflict, "%s is another one by now", ref)
	case m.lingering:
		metadata(live)["deletionTimestamp"] = "2031-03-14T15:09:26Z"
	default:
		delete(m.stored, ref)
	}
	return nil
}
