package users

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Current returns the desired users, who were there when they were desired, and those who are managed and entitled to
// nothing. Who has come in between is not looked at: whoever is entitled must neither be created nor deleted.
func (r *reconciler) Current(ctx context.Context, s reconcile.Scope, desired []User) ([]User, error) {
	entitled, _, err := r.entitled(ctx, s)
	if err != nil {
		return nil, err
	}
	managed, err := r.managed(ctx, s)
	if err != nil {
		return nil, err
	}
	users := append([]User{}, desired...)
	for _, u := range managed {
		if !entitled[u.Name] {
			users = append(users, u)
		}
	}
	return users, nil
}
