package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/views"
)

// description is a definition as it is shown.
type description struct {
	Name     string             `json:"name"`
	Family   string             `json:"family"`
	Summary  string             `json:"summary"`
	Class    reconcile.Class    `json:"class"`
	Systems  []reconcile.System `json:"systems"`
	Schedule string             `json:"schedule"`
	// Offset is when within the interval it runs.
	Offset   string             `json:"offset"`
	Sharding reconcile.Sharding `json:"sharding"`
	Flags    []reconcile.Param  `json:"flags"`
	Guard    string             `json:"guard"`
}

func describe(d reconcile.Definition) description {
	shown := description{
		Name: d.Name, Family: d.Family, Summary: d.Summary, Class: d.Class(), Systems: d.Systems(),
		Schedule: "every " + views.Every(d.Every), Offset: d.Offset().String(), Sharding: d.Sharding, Flags: d.Params, Guard: "none: it never deletes",
	}
	if d.Class() != reconcile.ClassValidator {
		shown.Guard = d.Brake().Describe()
	}
	if shown.Flags == nil {
		shown.Flags = []reconcile.Param{}
	}
	return shown
}

func (p *program) listCommand() *cobra.Command {
	var output string
	var held, static bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the integrations with their last and next runs, or the changes that wait for a decision",
		Long: "list shows the integrations, and how each is where Temporal can be asked: the outcome of its last run, how long that is ago, when the\n" +
			"next one is due, and what is failing or held. `starter status` says more. With -o names nothing is asked.",
		Example: "  starter list\n  starter list --static\n  starter list -o names | grep openshift\n  starter list -o json | jq -r '.[] | select(.status.state == \"failing\") | .name'\n  starter list --held",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if held {
				if err := format(output, "table", "json"); err != nil {
					return err
				}
				return p.listHeld(cmd.Context(), output)
			}
			if err := format(output, "table", "json", "names"); err != nil {
				return err
			}
			if output == "names" {
				for _, name := range p.registry.Names() {
					fmt.Fprintln(p.stdout, name)
				}
				return nil
			}
			var fleet *views.Fleet
			if !static {
				var err error
				if fleet, err = p.glance(cmd.Context()); err != nil {
					return err
				}
			}
			return p.list(output, fleet)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table, json or names")
	cmd.Flags().BoolVar(&held, "held", false, "list held changes, and what became of earlier ones")
	cmd.Flags().BoolVar(&static, "static", false, "do not ask Temporal; show what is known without it")
	return cmd
}

// glancePatience is how long Temporal has to answer before the list is shown without it.
const glancePatience = 3 * time.Second

// glance reads how the integrations are. Where Temporal does not answer soon it says so and returns no state.
func (p *program) glance(ctx context.Context) (*views.Fleet, error) {
	ctx, cancel := context.WithTimeout(ctx, glancePatience)
	defer cancel()
	fleet, err := p.fleet(ctx)
	var usage usageError
	if errors.As(err, &usage) {
		return nil, err
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "Without last and next runs:", strings.ReplaceAll(err.Error(), "\n", " "))
		return &views.Fleet{}, nil
	}
	if fleet.Unsearchable {
		fmt.Fprintln(p.stderr, unsearchable)
	}
	return fleet, nil
}

func (p *program) fleet(ctx context.Context) (*views.Fleet, error) {
	source, err := p.views(ctx)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	return source.Fleet(ctx, views.FleetOptions{Registry: p.registry, Integrations: p.registry.All()})
}

// list shows the integrations; without a fleet that has them only what is known of them without Temporal.
func (p *program) list(output string, fleet *views.Fleet) error {
	states := map[string]*views.Integration{}
	if fleet != nil {
		for i, one := range fleet.Integrations {
			states[one.Name] = &fleet.Integrations[i]
		}
	}
	if output == "json" {
		all := []listedIntegration{}
		for _, d := range p.registry.All() {
			all = append(all, listedIntegration{describe(d), states[d.Name]})
		}
		return writeJSON(p.stdout, all)
	}
	if len(states) == 0 {
		t := newTable(p.stdout, "name", "family", "class", "schedule", "summary")
		for _, d := range p.registry.All() {
			shown := describe(d)
			t.AppendRow(table.Row{shown.Name, shown.Family, shown.Class, shown.Schedule, shown.Summary})
		}
		t.Render()
		return nil
	}
	l := p.look()
	g := &grid{columns: []string{"name", "schedule", "state", "last", "ago", "next", "held"}}
	for _, d := range p.registry.All() {
		one := states[d.Name]
		g.add(lastUI(*one), one.Name, cmp.Or(one.Schedule, "none"), l.state(one.State), l.outcome(lastOutcome(one.Last)),
			sinceEnd(one.Last, fleet.At), until(one.Next, fleet.At), heldChanges(*one))
	}
	fmt.Fprintln(p.stdout, strings.Join(g.lines(l), "\n"))
	return nil
}

// listedIntegration is a definition with how the integration is, where that is known.
type listedIntegration struct {
	description
	Status *views.Integration `json:"status,omitempty"`
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
		{"schedule", shown.Schedule + ", at " + shown.Offset + " of it"}, {"sharding", sharding}, {"guard", shown.Guard},
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
