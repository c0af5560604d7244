package main

import (
	"bytes"
	"embed"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/app-sre/qontract-temporal/internal/gen/output"
	"github.com/app-sre/qontract-temporal/internal/gen/source"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	cataloguePage = "docs/catalogue.md"
	pagesFolder   = "docs/integrations"
)

//go:embed templates
var templates embed.FS

// generate returns every page by its path, and nil for pages of integrations that are no more. Integrations that
// cannot be described do not keep the others from being reported: the error holds all of them.
func generate(root string, families []reconcile.Family) (output.Files, error) {
	registry, err := reconcile.NewRegistry(families...)
	if err != nil {
		return nil, err
	}
	inventory, err := source.ReadInventory(root)
	if err != nil {
		return nil, err
	}
	reader, err := newSchemaReader(root)
	if err != nil {
		return nil, err
	}
	var pages []page
	var errs []error
	for _, d := range registry.All() {
		p, err := newPage(root, d, inventory, reader)
		pages, errs = append(pages, p), append(errs, err)
	}
	shared, err := sharedDifferences(root)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return render(root, pages, newCatalogue(inventory, pages, shared))
}

func render(root string, pages []page, all catalogue) (output.Files, error) {
	parsed, err := template.New("").Funcs(template.FuncMap{"text": text, "cell": cell, "code": code}).ParseFS(templates, "templates/*.md")
	if err != nil {
		return nil, err
	}
	files, err := leftovers(root)
	if err != nil {
		return nil, err
	}
	execute := func(name, path string, data any) error {
		var out bytes.Buffer
		err := parsed.ExecuteTemplate(&out, name, data)
		files[path] = out.Bytes()
		return err
	}
	for _, p := range pages {
		if err := execute("integration.md", path.Join(pagesFolder, p.Name+".md"), p); err != nil {
			return nil, err
		}
	}
	return files, execute("catalogue.md", cataloguePage, all)
}

// leftovers marks every page that is there for removal.
func leftovers(root string) (output.Files, error) {
	files := output.Files{}
	found, err := filepath.Glob(filepath.Join(root, pagesFolder, "*.md"))
	for _, name := range found {
		files[path.Join(pagesFolder, filepath.Base(name))] = nil
	}
	return files, err
}

// sharedDifferences are those in code that belongs to no integration.
func sharedDifferences(root string) ([]source.Difference, error) {
	var shared []source.Difference
	for _, folder := range []string{"activities", "internal", "workflows"} {
		found, err := source.Differences(root, folder)
		if err != nil {
			return nil, err
		}
		shared = append(shared, found...)
	}
	return shared, nil
}

// text keeps Markdown from taking parts of a text for HTML or a link.
func text(plain string) string {
	return strings.NewReplacer("<", "\\<", "[", "\\[").Replace(plain)
}

// cell makes a text fit into a table.
func cell(plain string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text(plain))
}

// code formats names as code, separated by commas.
func code(names []string) string {
	quoted := slices.Clone(names)
	for i, name := range quoted {
		quoted[i] = "`" + name + "`"
	}
	return strings.Join(quoted, ", ")
}
