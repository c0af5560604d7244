package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// ParamType is the type of a flag.
type ParamType string

// The types of flags.
const (
	// Bool is a flag with a negation: --take-over and --no-take-over.
	Bool ParamType = "bool"
	// Tristate is a pair of opposites of which neither need be given: --internal and --external.
	Tristate ParamType = "tristate"
	Int      ParamType = "int"
	String   ParamType = "string"
	// Strings is a flag that may be given several times.
	Strings ParamType = "strings"
)

// Param is one flag of an integration.
type Param struct {
	// Name is the reference's, without dashes in front.
	Name    string    `json:"name"`
	Type    ParamType `json:"type"`
	Default string    `json:"default,omitempty"`
	// Env is an environment variable of the starter that gives the value where the flag is absent.
	Env  string `json:"env,omitempty"`
	Help string `json:"help"`
	// Opposite is the other flag of a Tristate.
	Opposite string `json:"opposite,omitempty"`
	// DryRunOnly says that runs that write refuse the flag.
	DryRunOnly bool `json:"dryRunOnly,omitempty"`
	// OneToWrite says that runs that write take at most one value of it.
	OneToWrite bool `json:"oneToWrite,omitempty"`
}

// Usage is how the flag is written, with its opposite.
func (p Param) Usage() string {
	switch p.Type {
	case Bool:
		return "--" + p.Name + "/--no-" + p.Name
	case Tristate:
		return "--" + p.Name + "/--" + p.Opposite
	case Int, String, Strings:
	}
	return "--" + p.Name + " " + strings.ToUpper(string(p.Type))
}

// Args checks the given values against the integration's flags and fills in the defaults. Its error is Invalid
// and names the flag.
func (d Definition) Args(given plan.Args) (plan.Args, error) {
	args := plan.Args{}
	for _, p := range d.Params {
		if p.Default != "" {
			args[p.Name] = []string{p.Default}
		}
	}
	for name, values := range given {
		i := slices.IndexFunc(d.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return nil, apierr.Errorf(apierr.Invalid, "%s has no flag --%s%s", d.Name, name, Suggest(name, d.paramNames(), "--"))
		}
		if err := d.Params[i].check(values); err != nil {
			return nil, err
		}
		args[name] = values
	}
	return args, nil
}

// Permit says whether a run may have the arguments that were given to it: some flags are for dry runs. Its error is
// Invalid and names the flag.
func (d Definition) Permit(given plan.Args, dryRun bool) error {
	for _, p := range d.Params {
		switch values := given[p.Name]; {
		case dryRun || len(values) == 0:
		case p.DryRunOnly:
			return apierr.Errorf(apierr.Invalid, "--%s is for dry runs only; add --dry-run or leave it out", p.Name)
		case p.OneToWrite && len(values) > 1:
			return apierr.Errorf(apierr.Invalid, "--%s takes several values in dry runs only; add --dry-run or give one", p.Name)
		}
	}
	return nil
}

func (p Param) check(values []string) error {
	if len(values) != 1 && p.Type != Strings {
		return apierr.Errorf(apierr.Invalid, "--%s takes one value, not %d", p.Name, len(values))
	}
	for _, value := range values {
		var err error
		switch p.Type {
		case Bool, Tristate:
			_, err = strconv.ParseBool(value)
		case Int:
			_, err = strconv.Atoi(value)
		case String, Strings:
		}
		if err != nil {
			return apierr.Errorf(apierr.Invalid, "--%s takes a value of type %s, not %q", p.Name, p.Type, value)
		}
	}
	return nil
}

func (d Definition) paramNames() []string {
	names := make([]string, len(d.Params))
	for i, p := range d.Params {
		names[i] = p.Name
	}
	return names
}

// Suggest returns the end of an error message with the candidates that name may be a misspelling of, or "".
func Suggest(name string, candidates []string, prefix string) string {
	names := nearest(name, candidates)
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", prefix+strings.Join(names, " or "+prefix))
}
