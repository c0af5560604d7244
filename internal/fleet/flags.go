package fleet

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/paramflags"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// args reads flags as they stand on a command line. The environment of whoever asks has no say.
func args(d reconcile.Definition, words []string) (plan.Args, error) {
	flags := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	values := paramflags.Add(flags, d.Params)
	err := flags.Parse(words)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q belongs to no flag; a flag takes one value, a pair is written --flag KEY=VALUE", flags.Arg(0))
	}
	if err != nil {
		if _, name, unknown := strings.Cut(err.Error(), "unknown flag: --"); unknown {
			err = fmt.Errorf("%s has no flag --%s%s", d.Name, name, reconcile.Suggest(name, paramNames(d), "--"))
		}
		return nil, apierr.New(apierr.Invalid, err)
	}
	return values.Args(flags, d, func(string) string { return "" })
}

func paramNames(d reconcile.Definition) []string {
	names := make([]string, len(d.Params))
	for i, p := range d.Params {
		names[i] = p.Name
	}
	return names
}
