package namespacelabels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/state"
)

type labels = map[string]string

func entry(t *testing.T, keys []string) state.Entry {
	t.Helper()
	if keys == nil {
		return state.Entry{}
	}
	e, err := state.Entry{}.With(keys)
	require.NoError(t, err)
	return e
}

func TestLabelsAreComparedWithTheNamespaceAndTheState(t *testing.T) {
	for _, tc := range []struct {
		name           string
		desired, live  labels
		managed        []string
		set            labels
		remove, forget []string
		conflict       string
	}{
		{name: "what is as wanted is left alone", desired: labels{"k1": "v1"}, live: labels{"k1": "v1"}, managed: []string{"k1"}},
		{name: "a value changes", desired: labels{"k1": "v2"}, live: labels{"k1": "v1"}, managed: []string{"k1"}, set: labels{"k1": "v2"}},
		{name: "a label is added", desired: labels{"k1": "v1", "k2": "v2"}, live: labels{"k1": "v1"}, managed: []string{"k1"}, set: labels{"k2": "v2"}},
		{name: "the first label is added", desired: labels{"k1": "v1"}, set: labels{"k1": "v1"}},
		{name: "a label goes and is forgotten", desired: labels{"k1": "v1"}, live: labels{"k1": "v1", "k2": "v2"}, managed: []string{"k1", "k2"}, remove: []string{"k2"}, forget: []string{"k2"}},
		{name: "one that is gone is forgotten", desired: labels{"k1": "v1"}, live: labels{"k1": "v1"}, managed: []string{"k2", "k1"}, forget: []string{"k2"}},
		{name: "all at once", desired: labels{"k2": "v3", "k3": "v3"}, live: labels{"k1": "v1", "k2": "v2"}, managed: []string{"k1", "k2"},
			set: labels{"k2": "v3", "k3": "v3"}, remove: []string{"k1"}, forget: []string{"k1"}},
		{name: "the rest of all at once", desired: labels{"k2": "v3", "k3": "v3"}, live: labels{"k2": "v3", "k3": "v3"}, managed: []string{"k1", "k2", "k3"}, forget: []string{"k1"}},
		{name: "setting that was interrupted goes on", desired: labels{"k1": "v1", "k2": "v2"}, live: labels{"k1": "v1"}, managed: []string{"k1", "k2"}, set: labels{"k2": "v2"}},
		{name: "labels of others stay", desired: labels{"k1": "v1"}, live: labels{"k1": "v1", "hand": "made"}, managed: []string{"k1"}},
		{name: "a label of another is a conflict", desired: labels{"k1": "v1"}, live: labels{"k1": "v2"}, conflict: `k1 is "v2" there, wanted "v1"`},
		{name: "and so it is with the value that is wanted", desired: labels{"k1": "v1"}, live: labels{"k1": "v1"}, managed: []string{"k2"}, conflict: `k1 is "v1" there, wanted "v1"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var keys []string
			for key := range tc.desired {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			desired := Labels{Cluster: "prod-1", Namespace: "shop", Labels: tc.desired, Managed: keys}
			found := current(desired, tc.live, entry(t, tc.managed))
			require.Equal(t, tc.set == nil && tc.forget == nil && tc.conflict == "", desired.Equal(found))
			if tc.conflict != "" {
				require.Contains(t, found.Conflict, tc.conflict)
				return
			}
			require.Empty(t, found.Conflict)
			d := desired.differences(found)
			require.Len(t, d.set, len(tc.set))
			for key, value := range tc.set {
				require.Equal(t, value, d.set[key])
			}
			require.Equal(t, tc.remove, d.remove)
			require.Equal(t, tc.forget, d.forget)
		})
	}
	t.Run("a state that is no list is a conflict of its namespace", func(t *testing.T) {
		e, err := state.Entry{}.With("team")
		require.NoError(t, err)
		require.Contains(t, current(Labels{}, nil, e).Conflict, "its state is no list of keys")
	})
}

func TestWhichLabelsAreValid(t *testing.T) {
	long := strings.Repeat("x", 64)
	for _, tc := range []struct {
		name, key, fault string
		value            any
	}{
		{name: "a plain one", key: "team", value: "shop"},
		{name: "one with a prefix", key: "example.com/team", value: "Shop_1.x"},
		{name: "an empty value", key: "team", value: ""},
		{name: "a value that is too long", key: "team", value: long, fault: "no more than 63"},
		{name: "a value with a blank", key: "team", value: "no good", fault: "a valid label must be an empty string or consist of"},
		{name: "a key that is too long", key: long, value: "v", fault: "no more than 63"},
		{name: "a key with a dash in front", key: "-team", value: "v", fault: "name part must consist of"},
		{name: "a key with two slashes", key: "a/b/c", value: "v", fault: "a valid label key must consist of"},
		{name: "a prefix that is no domain", key: "Ex_ample/team", value: "v", fault: "prefix part"},
		{name: "a prefix that is too long", key: strings.Repeat("x.", 127) + "x/team", value: "v", fault: "no more than 253"},
		{name: "a prefix of Kubernetes", key: "kubernetes.io/team", value: "v", fault: "the prefix is reserved"},
		{name: "the other prefix of Kubernetes", key: "k8s.io/team", value: "v", fault: "the prefix is reserved"},
		{name: "a prefix below that of Kubernetes", key: "app.kubernetes.io/team", value: "v"},
		{name: "a value that is no text", key: "count", value: 1, fault: "each value must be text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value, err := appinterface.NewJSON(map[string]any{tc.key: tc.value})
			require.NoError(t, err)
			_, err = labelsOf(namespace{Name: "shop", Labels: value, Cluster: appinterface.Cluster{Name: "prod-1"}})
			if tc.fault == "" {
				require.NoError(t, err)
				return
			}
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.ErrorContains(t, err, "labels of namespace shop in cluster prod-1: ")
			require.ErrorContains(t, err, tc.fault)
		})
	}
}

func TestKeysAreInTheStateBeforeTheLabelsAreSetAndUntilTheyAreGone(t *testing.T) {
	w := &world{managed: entry(t, []string{"old", "kept"}), fails: errors.New("interrupted")}
	r := &reconciler{
		at:      func(reconcile.Scope) graphql.Client { return w },
		connect: func(context.Context, reconcile.Scope, appinterface.Cluster) (cluster, error) { return w, nil },
		store:   w,
	}
	scope := reconcile.Scope{Integration: Name, Name: "prod-1"}
	change := plan.Change[Labels]{
		Head:    plan.Head{Action: plan.Update},
		Desired: &Labels{Cluster: "prod-1", Namespace: "shop", Labels: labels{"kept": "v", "new": "v"}, Managed: []string{"kept", "new"}},
		Current: &Labels{Cluster: "prod-1", Namespace: "shop", Labels: labels{"kept": "v", "old": "v"}, Managed: []string{"kept", "old"}},
	}
	require.ErrorIs(t, r.Apply(t.Context(), scope, change), w.fails)
	require.Equal(t, []string{`prod-1/shop-managed-labels ["kept","new","old"]`, `label shop map[new:v] [old]`}, w.done)

	w.done, w.fails = nil, nil
	require.NoError(t, r.Apply(t.Context(), scope, change), "the next attempt completes it")
	require.Equal(t, []string{`label shop map[new:v] [old]`, `prod-1/shop-managed-labels ["kept","new"]`}, w.done)
}

// world is app-interface with one namespace, its cluster and the state, which note what is done to them.
type world struct {
	managed state.Entry
	fails   error
	done    []string
}

func (w *world) MakeRequest(_ context.Context, _ *graphql.Request, resp *graphql.Response) error {
	return json.Unmarshal([]byte(`{"namespaces": [{"name": "shop", "labels": {"new": "v"}, "cluster": {"name": "prod-1"}}]}`), resp.Data)
}

func (w *world) ListNamespaceLabels(context.Context) (map[string]map[string]string, error) {
	return nil, nil
}

func (w *world) LabelNamespace(_ context.Context, name string, set map[string]string, remove []string) error {
	w.done = append(w.done, fmt.Sprintf("label %s %v %v", name, set, remove))
	return w.fails
}

func (w *world) GetAll(context.Context, string) (map[string]state.Entry, error) { return nil, nil }

func (w *world) Update(_ context.Context, key string, change func(state.Entry) (state.Entry, error)) error {
	updated, err := change(w.managed)
	if err == nil && string(updated.Value) != string(w.managed.Value) {
		w.managed = updated
		w.done = append(w.done, key+" "+string(updated.Value))
	}
	return err
}
