package vault

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Dump returns the mounts with their secrets, as they stand in an estate.
func (w *World) Dump(ctx context.Context) ([]byte, error) {
	now := Estate{Mounts: map[string]Mount{}}
	for _, name := range slices.Sorted(maps.Keys(w.estate.Mounts)) {
		mount := Mount{Version: w.estate.Mounts[name].Version, MaxVersions: w.estate.Mounts[name].MaxVersions, Secrets: map[string]map[string]any{}}
		names, read := w.prefix+name+"/", w.dumpV1
		if mount.Version == 2 {
			names, read = names+"metadata/", w.dumpV2
		}
		if err := w.dumpFolder(ctx, w.prefix+name, names, "", mount.Secrets, read); err != nil {
			return nil, fmt.Errorf("mount %s: %w", name, err)
		}
		now.Mounts[name] = mount
	}
	return yaml.Marshal(now)
}

// dumpFolder adds what is in a folder and below. Names is where names are listed.
func (w *World) dumpFolder(ctx context.Context, mount, names, folder string, into map[string]map[string]any,
	read func(ctx context.Context, mount, name string) (map[string]any, error),
) error {
	listed, err := w.root.Logical().ListWithContext(ctx, names+folder)
	if err != nil || listed == nil {
		return err
	}
	keys, _ := listed.Data["keys"].([]any)
	for _, key := range keys {
		name := folder + fmt.Sprint(key)
		if strings.HasSuffix(name, "/") {
			err = w.dumpFolder(ctx, mount, names, name, into, read)
		} else {
			into[name], err = read(ctx, mount, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *World) dumpV1(ctx context.Context, mount, name string) (map[string]any, error) {
	found, err := w.root.Logical().ReadWithContext(ctx, mount+"/"+name)
	if err != nil || found == nil {
		return nil, err
	}
	return found.Data, nil
}

func (w *World) dumpV2(ctx context.Context, mount, name string) (map[string]any, error) {
	metadata, err := w.root.Logical().ReadWithContext(ctx, mount+"/metadata/"+name)
	if err != nil || metadata == nil {
		return nil, err
	}
	versions := map[string]any{}
	listed, _ := metadata.Data["versions"].(map[string]any)
	for number, state := range listed {
		of, _ := state.(map[string]any)
		switch {
		case of["destroyed"] == true:
			versions[number] = destroyed
			continue
		case of["deletion_time"] != "":
			versions[number] = deleted
			continue
		}
		found, err := w.root.Logical().ReadWithDataWithContext(ctx, mount+"/data/"+name, map[string][]string{"version": {number}})
		if err != nil {
			return nil, err
		}
		versions[number] = found.Data["data"]
	}
	return versions, nil
}
