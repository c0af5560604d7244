package vaultapi

import (
	"context"
	"fmt"
	"net/http"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/vault/api"
)

// mostMounts bounds the mounts whose version is remembered.
const mostMounts = 128

// mounts remembers which version of the key-value engine each mount has.
type mounts struct{ versions *lru.Cache[string, int] }

func newMounts() mounts {
	// The only error is a size that is not positive.
	versions, _ := lru.New[string, int](mostMounts)
	return mounts{versions}
}

// KV returns the version of the key-value engine at the mount of a path: 1 or 2. A mount that the login may not look at
// counts as 1, so that the call that follows says what is forbidden; that is not remembered.
//
// Differs from the reference: what a mount is comes from the answer that everybody gets who may do anything in the mount,
// while the reference needs a policy for the engine's configuration. And a Vault that fails is an error, while the
// reference takes every error for version 1 and remembers it.
func (c *Client) KV(ctx context.Context, path string) (int, error) {
	mount, _, err := split(path)
	if err != nil {
		return 0, err
	}
	if version, known := c.mounts.versions.Get(mount); known {
		return version, nil
	}
	answer, err := c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.ReadWithContext(ctx, "sys/internal/ui/mounts/"+mount)
	})
	if isStatus(err, http.StatusForbidden) || (err == nil && answer == nil) {
		return 1, nil
	}
	if err != nil {
		return 0, c.failed(operation{does: fmt.Sprintf("look at the mount %s", mount)}, err)
	}
	version := 1
	if options, _ := answer.Data["options"].(map[string]any); options["version"] == "2" {
		version = 2
	}
	c.mounts.versions.Add(mount, version)
	return version, nil
}
