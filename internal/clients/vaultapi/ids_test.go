package vaultapi_test

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// ids is a reader of secrets by field.
type ids struct{ values map[string]secret.Value }

func (i *ids) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	value, ok := i.values[ref.Field]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s is not there", ref)
	}
	return value, nil
}

func (i *ids) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return i.values, nil
}
