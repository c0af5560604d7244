package accountmanager

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The fields of a secret with an access key.
const (
	keyIDField = "aws_access_key_id"
	keyField   = "aws_secret_access_key"
)

// givingBack is how long it may take to delete a key that could not be stored.
const givingBack = 30 * time.Second

// keptKey says which access key a secret has, and not the key itself.
type keptKey struct {
	// id is empty where there is none.
	id string
	// version is the secret's; 0 where Vault keeps none.
	version int
}

// kept looks the access key in Vault up.
func (r *reconciler) kept(ctx context.Context, path string) (keptKey, error) {
	found, err := r.secrets.Fetch(ctx, path, vaultapi.Latest)
	if apierr.Is(err, apierr.Missing) {
		return keptKey{}, nil
	}
	if err != nil {
		return keptKey{}, err
	}
	id, _ := found.Data.Field(keyIDField)
	key, _ := found.Data.Field(keyField)
	if key.Reveal() == "" {
		return keptKey{}, nil
	}
	return keptKey{id: id.Reveal(), version: found.Version}, nil
}

// ensureKey sees that an access key of the user is in Vault. A key that is not there was made by an attempt that could not
// store it: nobody has its other half, so that it is deleted and made anew. The new one is stored in this call, or given
// back in it.
func (r *reconciler) ensureKey(ctx context.Context, a attempt, inside member) (keptKey, error) {
	kept, err := r.kept(ctx, a.User.Secret)
	if err != nil {
		return keptKey{}, err
	}
	keys, err := inside.ListAccessKeys(ctx, a.User.Name)
	if err != nil {
		return keptKey{}, err
	}
	if kept.id != "" && slices.ContainsFunc(keys, func(key awsapi.AccessKeyState) bool { return key.ID == kept.id }) {
		return kept, nil
	}
	for _, key := range keys {
		if err := inside.DeleteAccessKey(ctx, a.User.Name, key.ID); err != nil {
			return keptKey{}, err
		}
	}
	made, err := inside.CreateAccessKey(ctx, a.User.Name)
	if err != nil {
		return keptKey{}, err
	}
	err = r.secrets.Write(ctx, a.User.Secret, vaultapi.Text(map[string]secret.Value{keyIDField: secret.New(made.ID), keyField: made.Secret}))
	if err != nil {
		return r.giveBack(ctx, a, inside, made.ID, err)
	}
	return r.kept(ctx, a.User.Secret)
}

// giveBack deletes a key that could not be stored, as the error says, unless Vault has it all the same. It does so also
// when the attempt has been ended.
func (r *reconciler) giveBack(ctx context.Context, a attempt, inside member, id string, err error) (keptKey, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), givingBack)
	defer cancel()
	if kept, _ := r.kept(ctx, a.User.Secret); kept.id == id {
		return kept, nil
	}
	return keptKey{}, errors.Join(err, inside.DeleteAccessKey(ctx, a.User.Name, id))
}
