// Package paramflags puts an integration's own flags on a command line.
package paramflags

import (
	"strconv"

	"github.com/spf13/pflag"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Values are the values of an integration's own flags, by name.
type Values map[string]pflag.Value

// Add adds the flags to a command.
func Add(flags *pflag.FlagSet, params []reconcile.Param) Values {
	values := Values{}
	for _, p := range params {
		switch p.Type {
		case reconcile.Bool:
			value := flags.Bool(p.Name, p.Default == "true", p.Help)
			flags.Var(&negation{value}, "no-"+p.Name, "the opposite of --"+p.Name)
			flags.Lookup("no-" + p.Name).NoOptDefVal = "true"
		case reconcile.Tristate:
			value := flags.Bool(p.Name, false, p.Help)
			flags.Var(&negation{value}, p.Opposite, "the opposite of --"+p.Name)
			flags.Lookup(p.Opposite).NoOptDefVal = "true"
		case reconcile.Int:
			number, _ := strconv.Atoi(p.Default)
			flags.Int(p.Name, number, p.Help)
		case reconcile.String:
			flags.String(p.Name, p.Default, p.Help)
		case reconcile.Strings:
			flags.StringArray(p.Name, nil, p.Help+" (may be given several times)")
		}
		values[p.Name] = flags.Lookup(p.Name).Value
	}
	return values
}

// Args returns what was given, on the command line or else in the environment, checked against the definition.
func (v Values) Args(flags *pflag.FlagSet, d reconcile.Definition, getenv func(string) string) (plan.Args, error) {
	given := plan.Args{}
	for _, p := range d.Params {
		switch opposite := flags.Lookup(opposite(p)); {
		case flags.Changed(p.Name), opposite != nil && opposite.Changed:
			given[p.Name] = []string{v[p.Name].String()}
			if several, ok := v[p.Name].(pflag.SliceValue); ok {
				given[p.Name] = several.GetSlice()
			}
		case p.Env != "" && getenv(p.Env) != "":
			given[p.Name] = []string{getenv(p.Env)}
		}
	}
	if _, err := d.Args(given); err != nil {
		return nil, err
	}
	return given, nil
}

func opposite(p reconcile.Param) string {
	if p.Type == reconcile.Tristate {
		return p.Opposite
	}
	return "no-" + p.Name
}

// negation is the flag that switches another one off.
type negation struct{ of *bool }

func (n *negation) Set(text string) error {
	value, err := strconv.ParseBool(text)
	if err == nil {
		*n.of = !value
	}
	return err
}

func (n *negation) String() string { return "" }

func (n *negation) Type() string { return "bool" }
