package host_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/workflows"
)

// unwanted are widgets that nobody desires any more.
func unwanted() []widget { return []widget{{Name: "unwanted-1"}, {Name: "unwanted-2"}} }

func TestFailureMode01_NothingIsDeletedAfterAPartialRead(t *testing.T) {
	r := &widgets{
		count: 1, refuses: -1, scopes: []string{"broken", "whole"},
		breaks: map[string]error{"broken": apierr.Errorf(apierr.Denied, "page 2 of the widgets: 403")},
	}
	i := install(t, r, "")
	r.made["broken"], r.made["whole"] = unwanted(), unwanted()
	result, err := i.run(t)
	require.ErrorContains(t, err, "broken: page 2 of the widgets: 403")
	require.Equal(t, workflows.Failed, result.Outcome)
	require.Len(t, result.Errors, 1)
	require.Equal(t, unwanted(), r.made["broken"], "what could not be read whole is not touched: neither made nor deleted")
	require.Len(t, r.made["whole"], 1)
	require.Equal(t, "widget-00000", r.made["whole"][0].Name)
	require.Len(t, result.Changes, 3, "a create and two deletes where the read was whole")
	require.Equal(t, "widget-00000", result.Changes[0].Key, "deletes come last")
}

func TestFailureMode06_StateIsWrittenByNothingButApply(t *testing.T) {
	folder := t.TempDir()
	backend := state.New(state.Options{Getenv: func(name string) string {
		return map[string]string{state.EnvURL: "file://" + folder}[name]
	}})
	store := backend.Store(name)
	r := &widgets{count: 1, refuses: -1, desires: func(ctx context.Context) error { return store.Set(ctx, "done", true, nil) }}
	i := install(t, r, "")
	_, err := i.run(t)
	require.ErrorContains(t, err, "refused to write outside apply: write state state/"+name+"/done")
	keys, err := store.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
	require.Empty(t, r.made[""])
}

func TestFailureMode11_TwoInstallationsInOneProcessShareNothing(t *testing.T) {
	first, second := &widgets{count: 60, refuses: -1}, &widgets{count: 70, refuses: 7}
	one, two := install(t, first, ""), install(t, second, "")
	var firstErr, secondErr error
	var running sync.WaitGroup
	running.Go(func() { _, firstErr = one.run(t) })
	running.Go(func() { _, secondErr = two.run(t) })
	running.Wait()
	require.NoError(t, firstErr, "what fails over there is no failure here")
	require.ErrorContains(t, secondErr, "is refused")
	require.Len(t, first.made[""], 60)
	require.Len(t, second.made[""], 69)
}
