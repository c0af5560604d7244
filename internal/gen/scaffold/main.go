// Command scaffold begins the package of an integration: files for each step, a query, a case, and its line in the
// family's list. What it writes compiles; its case fails until the steps are written.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	var o options
	flag.StringVar(&o.name, "name", "", "the integration's name, as in integrations/inventory.txt")
	flag.StringVar(&o.family, "family", "", "its family; may be left out")
	flag.StringVar(&o.item, "item", "Item", "name of the Go type of what it keeps, such as Repo")
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scaffold:", err)
		os.Exit(1)
	}
}

// run writes the package and generates the code of its query. It writes nothing where the name or the family is
// wrong or the package is there already.
func run(root string, o options, out io.Writer) error {
	files, entry, err := scaffold(root, o)
	if err != nil {
		return err
	}
	paths, err := files.Stale(root)
	if err != nil {
		return err
	}
	if err := files.Write(root, paths); err != nil {
		return err
	}
	for _, path := range paths {
		_, _ = fmt.Fprintln(out, "wrote", path)
	}
	generate := exec.Command("go", "run", "./internal/gen/queries")
	generate.Dir, generate.Stdout, generate.Stderr = root, out, os.Stderr
	if err := generate.Run(); err != nil {
		return fmt.Errorf("the package is written, its query could not be generated: %w; mend that and run make generate", err)
	}
	_, err = fmt.Fprintf(out, "\nIts case fails until the steps are written: go test ./%s\nmake generate adds its page when the package comment is complete.\n", entry.Folder())
	return err
}
