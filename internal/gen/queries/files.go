package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

const (
	coreSchema    = "internal/appinterface/schema.graphql"
	fragmentsFile = "internal/appinterface/fragments.graphql"
	mergedSchema  = "internal/appinterface/schema_generated.graphql"

	schemaFile    = "schema.graphql"
	queriesFile   = "queries.graphql"
	generatedFile = "generated.go"
)

// queryFolders are the folders that queries may be in: integrations', and those of what integrations share.
func queryFolders() []string { return []string{"integrations", "internal"} }

// find returns the slash-separated paths, relative to root, of all files of the given name under the folders, sorted.
func find(root, name string, folders ...string) ([]string, error) {
	var found []string
	for _, folder := range folders {
		below, err := findBelow(root, name, folder)
		if err != nil {
			return nil, err
		}
		found = append(found, below...)
	}
	sort.Strings(found)
	return found, nil
}

func findBelow(root, name, folder string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir
		}
		if entry.Name() != name || entry.IsDir() {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		found = append(found, filepath.ToSlash(relative))
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return found, err
}

// changed returns the paths whose file on disk differs from its generated content, sorted. A generated.go without
// queries beside it counts as well, with nil content: it is to be removed.
func changed(root string, files map[string][]byte) ([]string, error) {
	leftovers, err := find(root, generatedFile, queryFolders()...)
	if err != nil {
		return nil, err
	}
	for _, path := range leftovers {
		if _, wanted := files[path]; !wanted {
			files[path] = nil
		}
	}
	var stale []string
	for path, content := range files {
		have, err := os.ReadFile(filepath.Join(root, path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || content == nil || !bytes.Equal(have, content) {
			stale = append(stale, path)
		}
	}
	sort.Strings(stale)
	return stale, nil
}

// write brings the given paths up to date. A file is replaced in one step, so that an interrupted run leaves whole
// files only.
func write(root string, files map[string][]byte, paths []string) error {
	for _, path := range paths {
		target := filepath.Join(root, path)
		if files[path] == nil {
			if err := os.Remove(target); err != nil {
				return err
			}
			fmt.Println("removed", path)
			continue
		}
		if err := os.WriteFile(target+".tmp", files[path], 0o644); err != nil {
			return err
		}
		if err := os.Rename(target+".tmp", target); err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}
