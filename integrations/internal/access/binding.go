package access

import (
	"context"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The kinds of bindings, as they are managed.
const (
	RoleBinding        = "RoleBinding.rbac.authorization.k8s.io"
	ClusterRoleBinding = "ClusterRoleBinding.rbac.authorization.k8s.io"
)

// Bodies makes the bindings of one place, as Bindings does, and tells of the faults beside them.
func Bodies(kind string, grants []Grant, faults reconcile.Problems) func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
	return func(ctx context.Context, s reconcile.Scope, wanted namespaced.Wanted) ([]namespaced.Body, error) {
		objects, problems := Bindings(kind, grants)
		bodies, err := namespaced.Plain(objects...)(ctx, s, wanted)
		if err != nil {
			return nil, err
		}
		return bodies, append(problems, faults...).ErrorOrNil()
	}
}

// Bindings returns what binds the ClusterRoles of grants to their holders, in one namespace or in the cluster itself: one
// binding for each ClusterRole and holder, though several roles may give it. Kind is RoleBinding or ClusterRoleBinding.
// What cannot be bound is a problem.
func Bindings(kind string, grants []Grant) ([]map[string]any, reconcile.Problems) {
	b := bindings{kind: kind, made: map[string]bool{}}
	for _, g := range grants {
		names, err := g.UserNames()
		if err != nil {
			b.problems = append(b.problems, err)
		}
		for _, name := range names {
			b.bind(g.Name+"-"+name, g.Name, map[string]any{"kind": "User", "name": name})
		}
		accounts, problems := g.serviceAccounts()
		b.problems = append(b.problems, problems...)
		for _, a := range accounts {
			b.bind(g.Name+"-"+a.namespace+"-"+a.name, g.Name, map[string]any{"kind": "ServiceAccount", "name": a.name, "namespace": a.namespace})
		}
	}
	return b.objects, b.problems
}

type bindings struct {
	kind     string
	made     map[string]bool
	objects  []map[string]any
	problems reconcile.Problems
}

// bind adds a binding. Its hash is part of running estates: the fields are the reference's.
func (b *bindings) bind(name, role string, subject map[string]any) {
	if b.made[name] {
		return
	}
	b.made[name] = true
	kind := "RoleBinding"
	if b.kind == ClusterRoleBinding {
		kind = "ClusterRoleBinding"
	}
	b.objects = append(b.objects, map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1",
		"kind":       kind,
		"metadata":   map[string]any{"name": name},
		"roleRef":    map[string]any{"kind": "ClusterRole", "name": role},
		"subjects":   []any{subject},
	})
}
