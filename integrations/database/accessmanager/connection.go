package accessmanager

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"math/big"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// connection is what it takes to log in to a database. It is in no payload.
type connection struct {
	host, port, user, database string
	password                   secret.Value
}

// The fields of a Secret with a connection.
const (
	hostKey     = "db.host"
	portKey     = "db.port"
	userKey     = "db.user"
	passwordKey = "db.password"
	databaseKey = "db.name"
)

// passwordField is the field of the secret in Vault with the password.
const passwordField = "password"

// readConnection reads the Secret of a name. It is Missing where there is none, and Invalid where it is not whole.
func readConnection(ctx context.Context, at jobs.At, name string) (connection, error) {
	live, err := at.Get(ctx, "Secret", name)
	if err != nil {
		return connection{}, err
	}
	data, _ := live["data"].(map[string]any)
	field := func(key string) string {
		encoded, _ := data[key].(string)
		text, decodeErr := base64.StdEncoding.DecodeString(encoded)
		if len(text) == 0 || decodeErr != nil {
			err = apierr.Errorf(apierr.Invalid, "Secret %s in %s has no %s: it has to hold the connection to a database", name, at.Place, key)
		}
		return string(text)
	}
	c := connection{host: field(hostKey), port: field(portKey), user: field(userKey), database: field(databaseKey), password: secret.New(field(passwordKey))}
	return c, err
}

// body is the Secret of a name with the connection.
func (c connection) body(name string) map[string]any {
	return opaque(name, map[string]string{
		hostKey: c.host, portKey: c.port, userKey: c.user, databaseKey: c.database, passwordKey: c.password.Reveal(),
	})
}

// data is the secret in Vault with the connection.
func (c connection) data() vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{
		"host": secret.New(c.host), "port": secret.New(c.port), "user": secret.New(c.user), "database": secret.New(c.database), passwordField: c.password,
	})
}

// ensureConnection returns the user's connection, and sees that the namespace has a Secret with it. Nobody else knows a
// password that is made here until that Secret is there: of several attempts all use the one that was there first.
//
// Differs from the reference: a user whose Secret is gone keeps the password that Vault has.
func (r *reconciler) ensureConnection(ctx context.Context, at jobs.At, a Access, admin connection, path string) (connection, error) {
	c, err := readConnection(ctx, at, a.objectName())
	if apierr.Is(err, apierr.Missing) {
		made := connection{host: admin.host, port: admin.port, user: a.Wanted.Username, database: a.Wanted.Database}
		if made.password, err = r.password(ctx, path); err != nil {
			return connection{}, err
		}
		if err := at.Create(ctx, made.body(a.objectName())); err != nil && !apierr.Is(err, apierr.Conflict) {
			return connection{}, err
		}
		c, err = readConnection(ctx, at, a.objectName())
	}
	if err == nil && (c.user != a.Wanted.Username || c.database != a.Wanted.Database) {
		err = apierr.Errorf(apierr.Invalid, "Secret %s in %s is of user %s and database %s: remove it, if it is not needed", a.objectName(), at.Place, c.user, c.database)
	}
	return c, err
}

// password is the one that Vault has, or else another one.
func (r *reconciler) password(ctx context.Context, path string) (secret.Value, error) {
	kept, err := r.vault.Fetch(ctx, path, vaultapi.Latest)
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return secret.Value{}, err
	}
	if known, _ := kept.Data.Field(passwordField); err == nil && known.Reveal() != "" {
		return known, nil
	}
	return generatePassword()
}

// generatePassword returns 32 letters and digits.
func generatePassword() (secret.Value, error) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	made := make([]byte, 32)
	for i := range made {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			return secret.Value{}, err
		}
		made[i] = letters[at.Int64()]
	}
	return secret.New(string(made)), nil
}

// opaque is a Secret with values in clear.
func opaque(name string, values map[string]string) map[string]any {
	data := map[string]any{}
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": map[string]any{"name": name}, "data": data}
}
