package vaultapi

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/vault/api"
	"golang.org/x/sync/errgroup"
)

// listsAtOnce bounds the folders that are listed side by side.
const listsAtOnce = 10

// List returns the names of what a folder has, folders with a slash at their end. A folder that is not there is empty.
func (c *Client) List(ctx context.Context, folder string) ([]string, error) {
	kv, err := c.KV(ctx, folder)
	if err != nil {
		return nil, err
	}
	mount, name, err := split(folder)
	if err != nil {
		return nil, err
	}
	path := mount + "/" + name
	if kv == 2 {
		path = mount + "/metadata/" + name
	}
	answer, err := c.call(ctx, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.ListWithContext(ctx, path)
	})
	if err != nil {
		return nil, c.failed(operation{does: "list " + folder, forbidden: ErrPathAccessForbidden, remedy: "let a policy of the login list it"}, err)
	}
	if answer == nil {
		return nil, nil
	}
	var names []string
	keys, _ := answer.Data["keys"].([]any)
	for _, key := range keys {
		if name, ok := key.(string); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// ListAll returns the paths of all secrets in a folder and below it, sorted.
func (c *Client) ListAll(ctx context.Context, folder string) ([]string, error) {
	var secrets []string
	level := []string{strings.TrimSuffix(folder, "/") + "/"}
	for len(level) > 0 {
		found, err := c.listEach(ctx, level)
		if err != nil {
			return nil, err
		}
		level = level[:0:0]
		for _, path := range found {
			if strings.HasSuffix(path, "/") {
				level = append(level, path)
			} else {
				secrets = append(secrets, path)
			}
		}
	}
	slices.Sort(secrets)
	return secrets, nil
}

// listEach lists folders side by side and returns the paths of what they have.
func (c *Client) listEach(ctx context.Context, folders []string) ([]string, error) {
	found := make([][]string, len(folders))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listsAtOnce)
	for i, folder := range folders {
		group.Go(func() error {
			names, err := c.List(ctx, folder)
			for _, name := range names {
				found[i] = append(found[i], folder+name)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}
