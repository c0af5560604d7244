// Command monitoring writes the alert rules and the dashboards of deploy/monitoring. What they say of an integration comes
// from its definition.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/gen/output"
	"github.com/app-sre/qontract-temporal/internal/monitoring"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail naming the files that are not up to date")
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root, *check, integrations.All()); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

// run generates all files and writes those that changed, or with check names them in its error.
func run(root string, check bool, families []reconcile.Family) error {
	registry, err := reconcile.NewRegistry(families...)
	if err != nil {
		return err
	}
	files, err := generate(registry.All())
	if err != nil {
		return err
	}
	stale, err := files.Stale(root)
	if err != nil {
		return err
	}
	if check {
		if len(stale) > 0 {
			return fmt.Errorf("not up to date, run make generate: %s", strings.Join(stale, ", "))
		}
		return nil
	}
	for _, path := range stale {
		fmt.Println("updating", path)
	}
	return files.Write(root, stale)
}

func generate(definitions []reconcile.Definition) (output.Files, error) {
	files := output.Files{}
	rules, err := monitoring.Rules(definitions)
	if err != nil {
		return nil, err
	}
	files["deploy/monitoring/alerts.yaml"] = rules
	for _, dashboard := range monitoring.Dashboards() {
		text, err := dashboard.JSON()
		if err != nil {
			return nil, err
		}
		files["deploy/monitoring/dashboards/"+dashboard.UID+".json"] = text
	}
	return files, nil
}
