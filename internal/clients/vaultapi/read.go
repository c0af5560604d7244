package vaultapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/hashicorp/vault/api"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Version is the number of a version of a KV v2 secret, or Latest. The zero value names none.
type Version int

// Latest is the newest version, whatever its number.
const Latest Version = -1

// String is the form used in messages.
func (v Version) String() string {
	if v == Latest {
		return "LATEST"
	}
	return strconv.Itoa(int(v))
}

// Secret is one version of a secret.
type Secret struct {
	Path string
	// Version is its number; 0 in KV v1.
	Version int
	Data    Data
}

// Client is a secret.Reader.
var _ secret.Reader = (*Client)(nil)

// Read returns the one field that ref names, decoded where its format says so.
func (c *Client) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	found, err := c.Get(ctx, ref.Path, versionOf(ref))
	if err != nil {
		return secret.Value{}, err
	}
	value, ok := found.Data.Field(ref.Field)
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "vault %s: secret %s: %w: add the field %s, or correct the reference", c.host, ref, ErrFieldNotFound, ref.Field)
	}
	return secret.Decode(ref, value)
}

// ReadAll returns all fields at the ref's path as they are, without decoding.
func (c *Client) ReadAll(ctx context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	found, err := c.Get(ctx, ref.Path, versionOf(ref))
	if err != nil {
		return nil, err
	}
	return found.Data.Fields(), nil
}

func versionOf(ref secret.Ref) Version {
	if ref.Version == nil {
		return 0
	}
	return Version(*ref.Version)
}

// Get returns a version of a secret, from the cache where it is a known one of KV v2. KV v1 has one version, which is
// never cached; of KV v2 a version has to be named.
func (c *Client) Get(ctx context.Context, path string, version Version) (Secret, error) {
	if known, ok := c.cache.get(path, version); ok {
		return known, nil
	}
	began := c.cache.now()
	found, err := c.Fetch(ctx, path, version)
	if err == nil && found.Version != 0 {
		c.cache.add(version, began, found)
	}
	return found, err
}

// Fetch is Get without the cache. Of a version that was deleted the number is returned beside the error.
func (c *Client) Fetch(ctx context.Context, path string, version Version) (Secret, error) {
	kv, err := c.KV(ctx, path)
	if err != nil {
		return Secret{}, err
	}
	if kv == 1 {
		return c.fetchV1(ctx, path)
	}
	return c.fetchV2(ctx, path, version)
}

func reading(path string) operation {
	return operation{does: "read secret " + path, forbidden: ErrAccessForbidden, remedy: "let a policy of the login read it"}
}

func (c *Client) fetchV1(ctx context.Context, path string) (Secret, error) {
	if _, _, err := secretPath(path); err != nil {
		return Secret{}, err
	}
	answer, err := c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.ReadWithContext(ctx, path)
	})
	if err == nil && (answer == nil || answer.Data == nil) {
		err = apierr.Errorf(apierr.Missing, "%w: write it, or correct the path", ErrSecretNotFound)
	}
	if err != nil {
		return Secret{}, c.failed(reading(path), err)
	}
	return Secret{Path: path, Data: Data{&answer.Data}}, nil
}

func (c *Client) fetchV2(ctx context.Context, path string, version Version) (Secret, error) {
	if version == 0 {
		return Secret{}, apierr.Errorf(apierr.Invalid, "vault %s: secret %s is kept in versions: %w: add the number of one to the reference", c.host, path, ErrVersionMissing)
	}
	mount, name, err := secretPath(path)
	if err != nil {
		return Secret{}, err
	}
	query := map[string][]string{}
	if version != Latest {
		query["version"] = []string{version.String()}
	}
	answer, err := c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.ReadWithDataWithContext(ctx, mount+"/data/"+name, query)
	})
	found := Secret{Path: path}
	if err == nil {
		found, err = parseV2(path, version, answer)
	}
	return found, c.failed(reading(path), err)
}

// parseV2 reads an answer of KV v2. A deleted version is answered as metadata without data.
func parseV2(path string, version Version, answer *api.Secret) (Secret, error) {
	found := Secret{Path: path}
	switch {
	case answer == nil && version == Latest:
		return found, apierr.Errorf(apierr.Missing, "%w: write it, or correct the path", ErrSecretNotFound)
	case answer == nil:
		return found, apierr.Errorf(apierr.Missing, "%w: there is no version %s; correct the version or the path", ErrVersionNotFound, version)
	}
	metadata, _ := answer.Data["metadata"].(map[string]any)
	number, _ := metadata["version"].(json.Number)
	count, err := number.Int64()
	if err != nil {
		return found, apierr.Errorf(apierr.Unavailable, "%w: the answer has no version", ErrConnection)
	}
	found.Version = int(count)
	data, ok := answer.Data["data"].(map[string]any)
	if !ok {
		return found, apierr.Errorf(apierr.Missing, "%w: version %d was deleted; write another one, or name one that is there", ErrVersionNotFound, found.Version)
	}
	found.Data = Data{&data}
	return found, nil
}

// secretPath splits the path of a secret, which has a name below its mount.
func secretPath(path string) (mount, name string, err error) {
	mount, name, err = split(path)
	if err == nil && (name == "" || name[len(name)-1] == '/') {
		err = apierr.New(apierr.Invalid, fmt.Errorf("%q is no path of a secret: write mount and name with a slash between them", path))
	}
	return mount, name, err
}
