// Package source reads what the tree says about integrations outside compiled code: the inventory of names, the
// package comments, and the remarks that mark a difference from the reference. Generators and tests share it.
package source

import (
	"fmt"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// InventoryFile lists every integration of the reference, one "<name> <family>" a line, relative to the root.
const InventoryFile = "integrations/inventory.txt"

// Entry is one integration of the inventory.
type Entry struct {
	// Name is the reference's command name.
	Name string
	// Family is the folder below integrations/.
	Family string
}

// Inventory lists the entries in the order of the file, which is alphabetical.
type Inventory []Entry

// ReadInventory reads the inventory below root. Its error names the line that is malformed.
func ReadInventory(root string) (Inventory, error) {
	text, err := os.ReadFile(filepath.Join(root, InventoryFile))
	if err != nil {
		return nil, err
	}
	var inventory Inventory
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return nil, fmt.Errorf("%s:%d: expected a name and a family, not %q", InventoryFile, i+1, line)
		}
		inventory = append(inventory, Entry{Name: fields[0], Family: fields[1]})
	}
	return inventory, nil
}

// Find returns the entry of that name. Its error suggests the nearest names.
func (in Inventory) Find(name string) (Entry, error) {
	names := make([]string, len(in))
	for i, entry := range in {
		if entry.Name == name {
			return entry, nil
		}
		names[i] = entry.Name
	}
	return Entry{}, fmt.Errorf("%s has no integration %q%s", InventoryFile, name, reconcile.Suggest(name, names, ""))
}

// Package is the package's name: the integration's without family prefix and dashes. A name that would be none in
// Go keeps its prefix.
func (e Entry) Package() string {
	words := strings.Split(e.Name, "-")
	for i := 1; i < len(words); i++ {
		if strings.Join(words[:i], "") == e.Family {
			if rest := strings.Join(words[i:], ""); allowed(rest) {
				return rest
			}
		}
	}
	return strings.Join(words, "")
}

// allowed refuses names that cannot be imported as they are, or whose folder means something to Go.
func allowed(name string) bool {
	switch name {
	case "init", "main", "internal", "vendor", "testdata":
		return false
	}
	return token.IsIdentifier(name)
}

// Folder is the package's folder, slash-separated and relative to the root.
func (e Entry) Folder() string { return path.Join("integrations", e.Family, e.Package()) }
