// Package rehearse runs an integration's real code against a case: an estate, datafiles, one run, and what is to
// come of it. A case is a txtar archive with these files:
//
//	run                      the integration and its flags, as after `starter run --integration`
//	data/**.yml              datafiles, as in an app-interface repository
//	resources/**             resource files
//	secrets.toml             secrets, as the nested tables of config.toml. With a [vault] table the case has the Vault that
//	                         the process reads its secrets from, where app-interface-settings say so, and writes new ones
//	                         to: estate/vault/own.yaml, or the instance of the datafiles with that address
//	estate/<system>/<name>.yaml   what is there before; <name> is the cluster's or instance's in the datafiles. AWS,
//	                         Temporal and the state are in no datafile: one file of any name has all accounts of the case;
//	                         one, estate/temporal/<name>.yaml, the schedules and the workers' versions; and one,
//	                         estate/state/<name>.yaml, the values by their keys.
//	                         An object with kubectl's last applied configuration was written by kubectl, and one
//	                         with our stamps alone by us
//	unreachable              systems that do not answer, as <system>/<name>, one a line
//	plan                     the outcome, then a line for each change, finding, held change and error
//	after/<system>/<name>.yaml    what is there after; a system without such a file must be unchanged
//
// In secrets.toml, estate/vault/own.yaml and estate/ocm/*.yaml AUTOMATION_TOKEN and LIMITED_TOKEN stand for tokens of the clusters: one of an
// administrator and one that may do nothing. For every case four more things are checked: a second run has nothing left to
// do but what failed or waits; each remote call failing once leads to the same end; a dry run plans the same and attempts no write; a
// comparison of the bundle with itself finds no difference, and leaves out nothing that a run reads from app-interface.
package rehearse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/tools/txtar"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/paramflags"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Case is one parsed archive.
type Case struct {
	// Name is the file's, without its ending.
	Name string
	// Path is where Update writes it back.
	Path       string
	Definition reconcile.Definition
	Args       plan.Args

	archive     *txtar.Archive
	unreachable []string
}

// Read parses the case at a path. Its error names the file and what is wrong with it.
func Read(path string, registry *reconcile.Registry) (*Case, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &Case{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), Path: path, archive: txtar.Parse(text)}
	if err := c.parse(registry); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (c *Case) parse(registry *reconcile.Registry) error {
	for _, file := range c.archive.Files {
		if !known(file.Name) {
			return fmt.Errorf("a case has no file %s; it has run, data/, resources/, secrets.toml, estate/, unreachable, plan and after/", file.Name)
		}
	}
	words := strings.Fields(string(c.file("run")))
	if len(words) == 0 {
		return fmt.Errorf("the file run is missing or empty: it names the integration and its flags")
	}
	var err error
	if c.Definition, err = registry.Get(words[0]); err != nil {
		return err
	}
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	values := paramflags.Add(flags, c.Definition.Params)
	if err := flags.Parse(words[1:]); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if c.Args, err = values.Args(flags, c.Definition, func(string) string { return "" }); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	c.unreachable = strings.Fields(string(c.file("unreachable")))
	return nil
}

func known(name string) bool {
	switch name {
	case "run", secretsFile, "unreachable", "plan":
		return true
	}
	for _, folder := range []string{"data/", "resources/", "estate/", "after/"} {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return false
}

func (c *Case) file(name string) []byte {
	data, _ := c.lookup(name)
	return data
}

func (c *Case) lookup(name string) (data []byte, found bool) {
	for _, file := range c.archive.Files {
		if file.Name == name {
			return file.Data, true
		}
	}
	return nil, false
}

// estates are the names of a system's files below estate/.
func (c *Case) estates(system string) []string {
	var names []string
	for _, file := range c.archive.Files {
		name, below := strings.CutPrefix(file.Name, "estate/"+system+"/")
		if name, isYAML := strings.CutSuffix(name, ".yaml"); below && isYAML {
			names = append(names, name)
		}
	}
	return names
}

// set replaces a file; nil data removes it.
func (c *Case) set(name string, data []byte) {
	for i, file := range c.archive.Files {
		if file.Name != name {
			continue
		}
		if data == nil {
			c.archive.Files = append(c.archive.Files[:i], c.archive.Files[i+1:]...)
			return
		}
		c.archive.Files[i].Data = data
		return
	}
	if data != nil {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: data})
	}
}

// Write saves the case at its path.
func (c *Case) Write() error {
	return os.WriteFile(c.Path, txtar.Format(c.archive), 0o644)
}

// datafile is what the runner reads of one.
type datafile struct {
	file   string
	Schema string `json:"$schema"`
	fields map[string]any
}

func (c *Case) datafiles() ([]datafile, error) {
	var all []datafile
	for _, file := range c.archive.Files {
		if !strings.HasPrefix(file.Name, "data/") {
			continue
		}
		d := datafile{file: file.Name}
		if err := yaml.Unmarshal(file.Data, &d.fields); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name, err)
		}
		d.Schema, _ = d.fields["$schema"].(string)
		all = append(all, d)
	}
	return all, nil
}

// archiveWith returns a copy of the case's files with the data of the named ones replaced.
func (c *Case) archiveWith(replaced map[string][]byte) *txtar.Archive {
	copied := &txtar.Archive{Files: make([]txtar.File, 0, len(c.archive.Files))}
	for _, file := range c.archive.Files {
		file.Data = bytes.Clone(file.Data)
		if data, ok := replaced[file.Name]; ok {
			file.Data = data
		}
		copied.Files = append(copied.Files, file)
	}
	return copied
}
