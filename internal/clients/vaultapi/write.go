package vaultapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/hashicorp/vault/api"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

func writing(path string) operation {
	return operation{does: "write secret " + path, forbidden: ErrAccessForbidden, remedy: "let a policy of the login create and update it", writes: true}
}

// writable returns the version of the engine that is to be written to, where the context may write. What names the write.
func (c *Client) writable(ctx context.Context, path, what string) (int, error) {
	if err := readonly.Check(ctx, what); err != nil {
		return 0, err
	}
	return c.KV(ctx, path)
}

// Write writes a secret where it is not so already: KV v2 gets another version only for other content, KV v1 is always
// written. It may be repeated: a version that was written meanwhile is a Conflict, and then there is another latest one.
func (c *Client) Write(ctx context.Context, path string, data Data) error {
	kv, err := c.writable(ctx, path, "secret "+path)
	if err != nil {
		return err
	}
	if kv == 1 {
		return c.writeV1(ctx, path, data)
	}
	current, err := c.Fetch(ctx, path, Latest)
	if err != nil && !apierr.Is(err, apierr.Missing) {
		return err
	}
	if err == nil && current.Data.Equal(data) {
		return nil
	}
	return c.writeV2(ctx, path, data, map[string]any{"cas": current.Version})
}

// ForceWrite writes a secret whatever is there. Repeated, it makes a version more.
func (c *Client) ForceWrite(ctx context.Context, path string, data Data) error {
	kv, err := c.writable(ctx, path, "secret "+path)
	if err != nil {
		return err
	}
	if kv == 1 {
		return c.writeV1(ctx, path, data)
	}
	return c.writeV2(ctx, path, data, nil)
}

// WriteVersion writes the version of a KV v2 secret that comes after the given one, 0 for a new secret. Where another one
// is the latest, nothing is written, which is a Conflict: so a write whose answer was lost is not repeated.
func (c *Client) WriteVersion(ctx context.Context, path string, data Data, after int) error {
	kv, err := c.writable(ctx, path, "secret "+path)
	if err != nil {
		return err
	}
	if kv == 1 {
		return c.failed(writing(path), apierr.Errorf(apierr.Invalid, "its mount keeps no versions: make it KV v2"))
	}
	return c.writeV2(ctx, path, data, map[string]any{"cas": after})
}

func (c *Client) writeV1(ctx context.Context, path string, data Data) error {
	if _, _, err := secretPath(path); err != nil {
		return err
	}
	_, err := c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.WriteWithContext(ctx, path, data.content())
	})
	return c.failed(writing(path), err)
}

func (c *Client) writeV2(ctx context.Context, path string, data Data, options map[string]any) error {
	mount, name, err := secretPath(path)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.WriteWithContext(ctx, mount+"/data/"+name, map[string]any{"data": data.content(), "options": options})
	})
	c.cache.forgetLatest(path)
	if mismatched(err) {
		err = apierr.New(apierr.Conflict, ErrVersionConflict)
	}
	return c.failed(writing(path), err)
}

// mismatched says whether a write was refused because another version is the latest, for which Vault has a sentence and
// no code.
func mismatched(err error) bool {
	var refused *api.ResponseError
	return errors.As(err, &refused) && refused.StatusCode == http.StatusBadRequest &&
		strings.Contains(strings.Join(refused.Errors, " "), "check-and-set parameter did not match")
}

// Delete removes a secret of KV v1. One that is gone already is success. In KV v2 a secret is never deleted.
func (c *Client) Delete(ctx context.Context, path string) error {
	kv, err := c.writable(ctx, path, "delete secret "+path)
	if err != nil {
		return err
	}
	o := operation{does: "delete secret " + path, forbidden: ErrAccessForbidden, remedy: "let a policy of the login delete it"}
	if kv == 2 {
		return c.failed(o, apierr.Errorf(apierr.Invalid, "secrets that are kept in versions are not deleted; delete it in Vault"))
	}
	if _, _, err := secretPath(path); err != nil {
		return err
	}
	_, err = c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.DeleteWithContext(ctx, path)
	})
	return c.failed(o, err)
}
