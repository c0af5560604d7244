// Command catalogue writes docs/catalogue.md and a page for each integration below docs/integrations. Everything on
// them comes from the definitions, the package comments and the queries, so that the pages cannot disagree with the
// code.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail naming the pages that are not up to date")
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root, *check, integrations.All()); err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(1)
	}
}

// run generates all pages and writes those that changed, or with check names them in its error.
func run(root string, check bool, families []reconcile.Family) error {
	pages, err := generate(root, families)
	if err != nil {
		return err
	}
	stale, err := pages.Stale(root)
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
	return pages.Write(root, stale)
}
