package source

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// asksForOthers are the packages outside of the integrations that query app-interface in the name of the integration that
// uses them. What the others ask for is the worker's own need.
func asksForOthers() []string {
	return []string{"internal/clients/slackapi", "internal/fleet", "internal/mergerequest"}
}

// Queries are the files with the queries that are made in the name of the integration in a folder: its own, those of the
// packages below integrations that it shares with others, and those of asksForOthers.
func Queries(root, name string) ([]string, error) {
	var files, seen []string
	var visit func(name string) error
	visit = func(name string) error {
		if slices.Contains(seen, name) {
			return nil
		}
		seen = append(seen, name)
		file := path.Join(name, "queries.graphql")
		switch _, err := os.Stat(filepath.Join(root, file)); {
		case err == nil:
			files = append(files, file)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		f, err := parse(root, name)
		if err != nil {
			return err
		}
		for _, imported := range f.imports("internal") {
			if slices.Contains(asksForOthers(), imported) {
				files = append(files, path.Join(imported, "queries.graphql"))
			}
		}
		for _, imported := range f.imports("integrations") {
			if err := visit(imported); err != nil {
				return err
			}
		}
		return nil
	}
	err := visit(name)
	slices.Sort(files[min(1, len(files)):])
	return slices.Compact(files), err
}
