package vault

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

const (
	// readyWithin bounds how long a new mount may take until it keeps versions.
	readyWithin = 10 * time.Second
	readyPoll   = 10 * time.Millisecond
)

func (w *World) load(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(w.estate.Mounts)) {
		if err := w.loadMount(ctx, w.prefix+name, w.estate.Mounts[name]); err != nil {
			return fmt.Errorf("mount %s: %w", name, err)
		}
	}
	for name, rules := range w.estate.Policies {
		if err := w.root.Sys().PutPolicyWithContext(ctx, w.prefix+name, w.policy(rules)); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
	}
	if len(w.estate.Roles) == 0 {
		return nil
	}
	method := "auth/" + w.prefix + "approle"
	if err := w.root.Sys().EnableAuthWithOptionsWithContext(ctx, w.prefix+"approle", &api.EnableAuthOptions{Type: "approle"}); err != nil {
		return err
	}
	for name, role := range w.estate.Roles {
		if err := w.loadRole(ctx, method+"/role/"+name, role); err != nil {
			return fmt.Errorf("role %s: %w", name, err)
		}
	}
	return nil
}

func (w *World) loadRole(ctx context.Context, path string, role Role) error {
	var policies []string
	for _, name := range role.Policies {
		policies = append(policies, w.prefix+name)
	}
	if err := w.set(ctx, path, map[string]any{"role_id": role.RoleID, "token_policies": policies}); err != nil {
		return err
	}
	return w.set(ctx, path+"/custom-secret-id", map[string]any{"secret_id": role.SecretID})
}

func (w *World) loadMount(ctx context.Context, path string, mount Mount) error {
	err := w.root.Sys().MountWithContext(ctx, path, &api.MountInput{Type: "kv", Options: map[string]string{"version": strconv.Itoa(mount.Version)}})
	if err != nil {
		return err
	}
	if mount.Version == 2 {
		if err := w.set(ctx, path+"/config", map[string]any{"max_versions": mount.MaxVersions}); err != nil {
			return err
		}
	}
	for name, content := range mount.Secrets {
		if mount.Version == 2 {
			err = w.loadVersions(ctx, path, name, content)
		} else {
			err = w.set(ctx, path+"/"+name, content)
		}
		if err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
	}
	return nil
}

// loadVersions writes all versions up to the last one. Those before the first that is named are there for their numbers.
func (w *World) loadVersions(ctx context.Context, mount, name string, versions map[string]any) error {
	known, err := numbers(versions)
	if err != nil || len(known) == 0 {
		return err
	}
	for number := 1; number <= known[len(known)-1]; number++ {
		data, _ := versions[strconv.Itoa(number)].(map[string]any)
		if data == nil {
			data = map[string]any{}
		}
		if err := w.set(ctx, mount+"/data/"+name, map[string]any{"data": data}); err != nil {
			return err
		}
	}
	for _, number := range known {
		how := map[any]string{deleted: "delete", destroyed: "destroy"}
		if state, gone := versions[strconv.Itoa(number)].(string); gone {
			if err := w.set(ctx, mount+"/"+how[state]+"/"+name, map[string]any{"versions": []int{number}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// set writes as the administrator. A mount that has just been made may not keep versions yet.
func (w *World) set(ctx context.Context, path string, data map[string]any) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		_, err := w.root.Logical().WriteWithContext(ctx, path, data)
		if err == nil || !strings.Contains(err.Error(), "Upgrading from non-versioned to versioned") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(readyPoll):
		}
	}
}
