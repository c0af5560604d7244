package reconcile_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

type name string

func (n name) Key() string     { return string(n) }
func (n name) Equal(name) bool { return true }

// names is a Vetter that answers as a test says.
type names struct{ verdicts map[string]error }

func (names) Desired(context.Context, reconcile.Scope) ([]name, error)         { return nil, nil }
func (names) Current(context.Context, reconcile.Scope, []name) ([]name, error) { return nil, nil }
func (names) Apply(context.Context, reconcile.Scope, plan.Change[name]) error  { return nil }
func (n names) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[name]) error {
	return n.verdicts[c.Key]
}

func TestVet(t *testing.T) {
	desired := reconcile.State{Items: json.RawMessage(`["ann","bob"]`)}
	current := reconcile.State{Items: json.RawMessage(`["eve"]`)}
	for _, tc := range []struct {
		name     string
		verdicts map[string]error
		changes  []string
		refused  []plan.Refused
		err      string
	}{
		{name: "what is not refused is planned", changes: []string{"ann", "bob", "eve"}},
		{
			name:     "a refused change leaves the others, deletes too",
			verdicts: map[string]error{"bob": apierr.Errorf(apierr.Invalid, "there is no user bob")},
			changes:  []string{"ann", "eve"},
			refused:  []plan.Refused{{Head: plan.Head{Action: plan.Create, Key: "bob", Summary: "create bob"}, Kind: "Invalid", Message: "there is no user bob"}},
		},
		{name: "an error that may pass ends the step", verdicts: map[string]error{"ann": apierr.Errorf(apierr.Unavailable, "503")}, err: "503"},
		{name: "an unknown error ends the step", verdicts: map[string]error{"ann": errors.New("boom")}, err: "boom"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := reconcile.Reconcile[name](names{tc.verdicts}).Diff(t.Context(), reconcile.Scope{}, desired, current)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			var keys []string
			for _, change := range p.Changes {
				keys = append(keys, change.Key)
			}
			require.Equal(t, tc.changes, keys)
			require.Equal(t, tc.refused, p.Refused)
		})
	}
}
