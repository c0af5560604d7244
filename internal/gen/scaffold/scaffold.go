package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/app-sre/qontract-temporal/internal/gen/output"
	"github.com/app-sre/qontract-temporal/internal/gen/source"
)

//go:embed templates
var templates embed.FS

// options are what the author says of the integration.
type options struct {
	name, family, item string
}

// subject is what the templates know.
type subject struct {
	source.Entry
	Module, Item, Query, System, Undescribed string
}

// Receiver is the name of the item's methods' receiver.
func (s subject) Receiver() string { return strings.ToLower(s.Item[:1]) }

// Title names the item in words.
func (s subject) Title() string { return strings.ToLower(s.Item) }

// scaffold returns the new package's files and the changed lists.
func scaffold(root string, o options) (output.Files, source.Entry, error) {
	s, err := check(root, o)
	if err != nil {
		return nil, s.Entry, err
	}
	files := output.Files{}
	for name, from := range map[string]string{
		"integration.go":               "integration.go.tmpl",
		itemFile(o.item):               "item.go.tmpl",
		"desired.go":                   "desired.go.tmpl",
		"current.go":                   "current.go.tmpl",
		"apply.go":                     "apply.go.tmpl",
		"cases_test.go":                "cases_test.go.tmpl",
		"queries.graphql":              "queries.graphql.tmpl",
		"testdata/nothing_to_do.txtar": "nothing_to_do.txtar.tmpl",
	} {
		if files[path.Join(s.Folder(), name)], err = render(from, s); err != nil {
			return nil, s.Entry, err
		}
	}
	return files, s.Entry, list(root, s, files)
}

// check makes sure that the integration is one of the reference's and is not there yet.
func check(root string, o options) (subject, error) {
	if o.name == "" {
		return subject{}, errors.New("no name is given: make new NAME=quay-repos FAMILY=quay")
	}
	inventory, err := source.ReadInventory(root)
	if err != nil {
		return subject{}, err
	}
	entry, err := inventory.Find(o.name)
	if err != nil {
		return subject{}, err
	}
	s := subject{
		Entry: entry, Module: source.Module, Item: o.item, Query: camel(entry.Name), System: system(entry.Family), Undescribed: source.Undescribed,
	}
	if o.family != "" && o.family != entry.Family {
		return s, fmt.Errorf("%s belongs to the family %s, not %s", o.name, entry.Family, o.family)
	}
	if !token.IsIdentifier(o.item) || !token.IsExported(o.item) {
		return s, fmt.Errorf("the item %q is no name of an exported Go type, such as Repo", o.item)
	}
	if slices.Contains([]string{"integration.go", "desired.go", "current.go", "apply.go", "generated.go"}, itemFile(o.item)) {
		return s, fmt.Errorf("the item %s would have the file %s, which is another's: choose another name", o.item, itemFile(o.item))
	}
	_, err = os.Stat(filepath.Join(root, entry.Folder()))
	if err == nil {
		return s, fmt.Errorf("%s is there already", entry.Folder())
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return s, err
}

func itemFile(item string) string { return strings.ToLower(item) + ".go" }

// camel makes the name of a query out of the name of an integration.
func camel(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// system is the Go expression for the system that the family writes to. A family without a client so far gets the
// system of its own name.
func system(family string) string {
	switch family {
	case "openshift":
		return "reconcile.Kubernetes"
	case "quay":
		return "reconcile.Quay"
	case "slack":
		return "reconcile.Slack"
	}
	return fmt.Sprintf("%q", family)
}

func render(name string, s subject) ([]byte, error) {
	parsed, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, s); err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".go.tmpl") {
		return format.Source(out.Bytes())
	}
	return out.Bytes(), nil
}
