package main

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/gen/source"
)

// catalogue is what the page of all integrations shows.
type catalogue struct {
	Here, All int
	Families  []family
	Shared    []link
}

// family is one section: its integrations, and the names in the inventory that have no package.
type family struct {
	Name    string
	Pages   []page
	Missing []string
}

func newCatalogue(inventory source.Inventory, pages []page, shared []source.Difference) catalogue {
	all := catalogue{Here: len(pages), All: len(inventory), Shared: links(shared, "../")}
	sections := map[string]*family{}
	for _, entry := range inventory {
		section := sections[entry.Family]
		if section == nil {
			section = &family{Name: entry.Family}
			sections[entry.Family] = section
		}
		if i := slices.IndexFunc(pages, func(p page) bool { return p.Name == entry.Name }); i >= 0 {
			section.Pages = append(section.Pages, pages[i])
		} else {
			section.Missing = append(section.Missing, entry.Name)
		}
	}
	for _, section := range sections {
		all.Families = append(all.Families, *section)
	}
	slices.SortFunc(all.Families, func(a, b family) int { return strings.Compare(a.Name, b.Name) })
	return all
}
