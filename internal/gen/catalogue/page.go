package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/gen/source"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// page is what an integration's page shows.
type page struct {
	source.Description
	Name, Family, Summary, Folder string
	Class                         reconcile.Class
	Reads, Writes                 []string
	Queue, Rate                   string
	Every, Sharding, Guard        string
	Flags                         []reconcile.Param
	Datafiles                     reading
	Differences                   []link
	// Guide is what people who operate it have to know; empty where the integration has none.
	Guide string
}

// link is a difference with its file as seen from the page.
type link struct {
	source.Difference
	Target string
}

func newPage(root string, d reconcile.Definition, inventory source.Inventory, schemas *schemaReader) (page, error) {
	entry, err := inventory.Find(d.Name)
	if err != nil {
		return page{}, err
	}
	described, err := source.Describe(root, entry.Folder())
	if err != nil {
		return page{}, err
	}
	guide, err := readGuide(root, entry.Folder())
	if err != nil {
		return page{}, err
	}
	files, err := source.Queries(root, entry.Folder())
	if err != nil {
		return page{}, err
	}
	read, err := schemas.read(files...)
	return page{
		Description: described,
		Name:        d.Name, Family: d.Family, Summary: d.Summary, Folder: entry.Folder(),
		Class: d.Class(), Reads: names(d.Reads), Writes: names(d.Writes),
		Queue: d.System().Queue(), Rate: rate(d.System()),
		Every: interval(d.Every), Sharding: sharding(d.Sharding), Guard: guard(d),
		Flags: d.Params, Datafiles: read, Differences: links(described.Differences, "../../"),
		Guide: guide,
	}, err
}

func names(systems []reconcile.System) []string {
	list := make([]string, len(systems))
	for i, system := range systems {
		list[i] = string(system)
	}
	return list
}

func rate(system reconcile.System) string {
	if limit := system.ActivitiesPerSecond(); limit > 0 {
		return fmt.Sprintf("at most %g activities a second", limit)
	}
	return "no rate limit"
}

// interval drops the parts of a duration that are zero.
func interval(every time.Duration) string {
	text := every.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return "every " + text
}

func sharding(strategy reconcile.Sharding) string {
	if strategy == reconcile.Unsharded {
		return "none"
	}
	return string(strategy)
}

func guard(d reconcile.Definition) string {
	if d.Class() == reconcile.ClassValidator {
		return "none: it writes nothing"
	}
	return d.Brake().Describe()
}

func links(differences []source.Difference, up string) []link {
	linked := make([]link, len(differences))
	for i, difference := range differences {
		linked[i] = link{Difference: difference, Target: up + difference.File}
	}
	return linked
}
