// Command queries generates what GraphQL queries need: the merged schema, which the embedded app-interface server and
// the query checks read, and for every queries.graphql below integrations and internal a generated.go with one typed
// function per query. One run does all, so that generated code never disagrees with itself.
//
// Null in the generated types: nullable objects, booleans and numbers are pointers, since null is not their zero
// value. Nullable strings, lists and JSON are plain, with the empty value for null. A query overrides this for one
// field with genqlient's pointer directive.
//
// A few GraphQL types are bound to one hand-written Go type each, and their shared fragment is the only selection
// allowed (see bindings.go).
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail naming the files that are not up to date")
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "queries:", err)
		os.Exit(1)
	}
}

// run generates all files and writes those that changed, or with check names them in its error.
func run(root string, check bool) error {
	files, err := generateAll(root)
	if err != nil {
		return err
	}
	stale, err := changed(root, files)
	if err != nil {
		return err
	}
	if check {
		if len(stale) > 0 {
			return fmt.Errorf("not up to date, run make generate: %s", strings.Join(stale, ", "))
		}
		return nil
	}
	return write(root, files, stale)
}
