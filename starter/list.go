package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// description is a definition as it is shown.
type description struct {
	Name     string             `json:"name"`
	Family   string             `json:"family"`
	Summary  string             `json:"summary"`
	Class    reconcile.Class    `json:"class"`
	Systems  []reconcile.System `json:"systems"`
	Schedule string             `json:"schedule"`
	Sharding reconcile.Sharding `json:"sharding"`
	Flags    []reconcile.Param  `json:"flags"`
	Guard    string             `json:"guard"`
}

func describe(d reconcile.Definition) description {
	shown := description{
		Name: d.Name, Family: d.Family, Summary: d.Summary, Class: d.Class(), Systems: d.Systems(),
		Schedule: "every " + every(d.Every), Sharding: d.Sharding, Flags: d.Params, Guard: "none: it never deletes",
	}
	if d.Class() != reconcile.ClassValidator {
		shown.Guard = d.Brake().Describe()
	}
	if shown.Flags == nil {
		shown.Flags = []reconcile.Param{}
	}
	return shown
}

// every writes an interval without the zeros that Duration's text ends with: 10m, 1h.
func every(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

func (p *program) listCommand() *cobra.Command {
	var output string
	var held bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the integrations, or the changes that wait for a decision",
		Example: "  starter list\n  starter list -o names | grep openshift\n  starter list --held",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if held {
				if err := format(output, "table", "json"); err != nil {
					return err
				}
				return p.listHeld(cmd.Context(), output)
			}
			switch output {
			case "names":
				for _, name := range p.registry.Names() {
					fmt.Fprintln(p.stdout, name)
				}
			case "json":
				all := []description{}
				for _, d := range p.registry.All() {
					all = append(all, describe(d))
				}
				return writeJSON(p.stdout, all)
			default:
				if err := format(output, "table", "json", "names"); err != nil {
					return err
				}
				t := newTable(p.stdout, "name", "family", "class", "schedule", "summary")
				for _, d := range p.registry.All() {
					shown := describe(d)
					t.AppendRow(table.Row{shown.Name, shown.Family, shown.Class, shown.Schedule, shown.Summary})
				}
				t.Render()
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table, json or names")
	cmd.Flags().BoolVar(&held, "held", false, "list held changes, and what became of earlier ones")
	return cmd
}

func (p *program) describeCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "describe NAME",
		Short:   "Describe an integration: what it does, its flags and its brakes",
		Example: "  starter describe openshift-resourcequotas\n  starter describe quay-membership -o json",
		Args:    exactly(1, "the name of one integration"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			d, err := p.registry.Get(args[0])
			if err != nil {
				return usageError{err}
			}
			if output == "json" {
				return writeJSON(p.stdout, describe(d))
			}
			p.printDescription(d)
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (p *program) printDescription(d reconcile.Definition) {
	shown := describe(d)
	systems := make([]string, len(shown.Systems))
	for i, system := range shown.Systems {
		systems[i] = string(system)
	}
	sharding := string(shown.Sharding)
	if sharding == "" {
		sharding = "none"
	}
	fmt.Fprintf(p.stdout, "%s: %s\n\n", shown.Name, shown.Summary)
	for _, line := range [][2]string{
		{"family", shown.Family}, {"class", string(shown.Class)}, {"systems", strings.Join(systems, ", ")},
		{"schedule", shown.Schedule}, {"sharding", sharding}, {"guard", shown.Guard},
	} {
		fmt.Fprintf(p.stdout, "%-9s %s\n", line[0], line[1])
	}
	if len(shown.Flags) == 0 {
		return
	}
	fmt.Fprintln(p.stdout)
	t := newTable(p.stdout, "flag", "default", "environment", "help")
	for _, flag := range shown.Flags {
		t.AppendRow(table.Row{flag.Usage(), flag.Default, flag.Env, flag.Help})
	}
	t.Render()
}
