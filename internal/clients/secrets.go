package clients

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// outside is a reader of secrets for integrations. What a secret holds is no data of app-interface.
type outside struct{ secrets secret.Reader }

// Read implements secret.Reader.
func (o outside) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	if err := inputs.Outside(ctx, "the secret "+ref.String()); err != nil {
		return secret.Value{}, err
	}
	return o.secrets.Read(ctx, ref)
}

// ReadAll implements secret.Reader.
func (o outside) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	if err := inputs.Outside(ctx, "the secret "+ref.String()); err != nil {
		return nil, err
	}
	return o.secrets.ReadAll(ctx, ref)
}
