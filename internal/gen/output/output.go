// Package output brings generated files up to date.
package output

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// Files holds the wanted content of files by their slash-separated path relative to a root. Nil content means that
// there is to be no such file.
type Files map[string][]byte

// Stale returns the paths whose file below root differs from what is wanted, sorted.
func (f Files) Stale(root string) ([]string, error) {
	var stale []string
	for path, content := range f {
		have, err := os.ReadFile(filepath.Join(root, path))
		missing := errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return nil, err
		}
		if missing != (content == nil) || !bytes.Equal(have, content) {
			stale = append(stale, path)
		}
	}
	sort.Strings(stale)
	return stale, nil
}

// Write brings the given paths up to date. A file is replaced in one step, so that an interrupted run leaves whole
// files only.
func (f Files) Write(root string, paths []string) error {
	for _, path := range paths {
		target := filepath.Join(root, path)
		if f[path] == nil {
			if err := os.Remove(target); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target+".tmp", f[path], 0o644); err != nil {
			return err
		}
		if err := os.Rename(target+".tmp", target); err != nil {
			return err
		}
	}
	return nil
}
