package inputs_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/deephash"
	"github.com/app-sre/qontract-temporal/internal/inputs"
)

// recorded is what was read, by query.
func recorded(answers map[string]string) *inputs.Recording {
	ctx, recording := inputs.Record(context.Background())
	for query, data := range answers {
		inputs.Note(ctx, func() inputs.Answer {
			return inputs.Answer{
				Query: query, Request: "request " + query, Data: json.RawMessage(data),
				Shape: &deephash.Shape{Fields: map[string]*deephash.Shape{"namespaces": {Unordered: true}}},
			}
		})
	}
	return recording
}

func TestFailureMode14_WhatDiffersBelongsToAScopeOrToAll(t *testing.T) {
	const (
		onProd  = `{"name": "a", "cluster": {"name": "prod-1"}}`
		onStage = `{"name": "b", "cluster": {"name": "stage-1"}}`
	)
	namespaces := func(elements string) map[string]string {
		return map[string]string{"Namespaces": `{"namespaces": [` + elements + `]}`}
	}
	for _, tc := range []struct {
		name       string
		base, head map[string]string
		same       bool
		scopes     []string
		unmapped   []string
	}{
		{name: "the same answers in another order are the same", base: namespaces(onProd + "," + onStage), head: namespaces(onStage + "," + onProd), same: true},
		{
			name: "a changed element affects its scope", base: namespaces(onProd + "," + onStage),
			head: namespaces(onStage + `, {"name": "a", "quota": 1, "cluster": {"name": "prod-1"}}`), scopes: []string{"prod-1"},
		},
		{name: "an added element affects its scope", base: namespaces(onProd), head: namespaces(onProd + "," + onStage), scopes: []string{"stage-1"}},
		{name: "a removed element affects its scope", base: namespaces(onProd + "," + onStage), head: namespaces(onStage), scopes: []string{"prod-1"}},
		{
			name: "an element that moves affects both scopes", base: namespaces(onProd),
			head: namespaces(`{"name": "a", "cluster": {"name": "prod-2"}}`), scopes: []string{"prod-1", "prod-2"},
		},
		{name: "an element twice is not an element once", base: namespaces(onProd), head: namespaces(onProd + "," + onProd), scopes: []string{"prod-1"}},
		{
			name: "an element without scope belongs to none", base: namespaces(onProd), head: namespaces(onProd + `, {"name": "c", "cluster": null}`),
			unmapped: []string{"namespaces of query Namespaces"},
		},
		{
			name: "an element whose scope is no text belongs to none", base: namespaces(onProd), head: namespaces(onProd + `, {"cluster": {"name": 1}}`),
			unmapped: []string{"namespaces of query Namespaces"},
		},
		{
			name: "a list that is none belongs to no scope", base: namespaces(onProd), head: map[string]string{"Namespaces": `{"namespaces": null}`},
			scopes: []string{"prod-1"}, unmapped: []string{"namespaces of query Namespaces"},
		},
		{
			name: "a root that is not declared belongs to no scope, beside one that does",
			base: map[string]string{"Namespaces": `{"namespaces": [` + onProd + `], "settings": [1]}`},
			head: map[string]string{"Namespaces": `{"namespaces": [], "settings": [2]}`}, scopes: []string{"prod-1"}, unmapped: []string{"settings of query Namespaces"},
		},
		{
			name: "a query of one bundle only belongs to no scope", base: namespaces(onProd),
			head:     map[string]string{"Namespaces": `{"namespaces": [` + onProd + `]}`, "Resource": `{"resources": [{"content": "x"}]}`},
			unmapped: []string{"resources of query Resource"},
		},
		{
			name: "an answer that is empty is not one that was never given", base: map[string]string{}, head: namespaces(""),
			unmapped: []string{"namespaces of query Namespaces"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := inputs.Compare(recorded(tc.base), recorded(tc.head), inputs.Partition{"namespaces": "cluster.name"})
			require.NoError(t, err)
			require.Equal(t, tc.same, d.Same())
			require.Equal(t, tc.scopes, d.Scopes)
			require.Equal(t, tc.unmapped, d.Unmapped)
			require.NotEqual(t, d.Same(), len(d.Scopes)+len(d.Unmapped) > 0, "what differs is in a scope or in none")

			whole, err := inputs.Compare(recorded(tc.base), recorded(tc.head), nil)
			require.NoError(t, err)
			require.Equal(t, tc.same, whole.Same(), "a partition hides nothing")
			require.Empty(t, whole.Scopes)
		})
	}
}

func TestAnAnswerThatCannotBeReadIsNeverTheSame(t *testing.T) {
	for _, data := range []string{`{`, `[]`, `null`} {
		_, err := inputs.Compare(recorded(map[string]string{"Q": data}), recorded(map[string]string{"Q": data}), nil)
		require.ErrorContains(t, err, "query Q: the answer is not")
	}
}

func TestReadingSomethingElseIsRefusedAndRemembered(t *testing.T) {
	require.NoError(t, inputs.Outside(t.Context(), "cluster prod-1"), "nothing is recorded")
	ctx, recording := inputs.Record(t.Context())
	for range 2 {
		err := inputs.Outside(ctx, "cluster prod-1")
		require.EqualError(t, err, "it reads cluster prod-1, which is no data of app-interface")
		require.True(t, apierr.Is(err, apierr.Invalid), "trying again does not help")
	}
	require.Error(t, inputs.Outside(ctx, "the state"))
	require.Equal(t, []string{"cluster prod-1", "the state"}, recording.Outside())
}

func TestNothingIsPreparedWhereNothingIsRecorded(t *testing.T) {
	inputs.Note(t.Context(), func() inputs.Answer {
		require.Fail(t, "nobody records")
		return inputs.Answer{}
	})
}
