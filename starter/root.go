package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/tracing"
	"github.com/app-sre/qontract-temporal/internal/uilink"
	"github.com/app-sre/qontract-temporal/workflows"
)

// The exit codes, a contract with scripts. 4 and 5 are the reference's.
const (
	exitSuccess            = 0
	exitFailure            = 1
	exitChanges            = 2
	exitHeld               = 3
	exitUnknownIntegration = 4
	exitForbiddenSchema    = 5
	exitUsage              = 64
	// exitDetached follows the shells: 128 and the number of SIGINT.
	exitDetached = 130
)

// program is what the commands take from the process.
type program struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	families       []reconcile.Family

	registry *reconcile.Registry
	dial     connect.Options
	logLevel string
	// uiURL is the address of Temporal's user interface, where a flag gives it.
	uiURL string
}

// exitError ends the process with a code; what there is to say has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, p program) int {
	registry, err := reconcile.NewRegistry(p.families...)
	if err != nil {
		fmt.Fprintln(p.stderr, "Error:", err)
		return exitFailure
	}
	p.registry = registry
	traces, err := tracing.FromEnvironment(ctx, "qontract-temporal-starter", p.getenv)
	if err != nil {
		fmt.Fprintln(p.stderr, "Error:", err)
		return exitFailure
	}
	defer traces.Stop()
	p.dial.Interceptors = traces.Interceptors
	root, err := p.root()
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	var exit exitError
	var usage usageError
	switch {
	case err == nil:
		return exitSuccess
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage), strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintf(p.stderr, "Error: %v\nSee `starter help`.\n", err)
		return exitUsage
	}
	fmt.Fprintln(p.stderr, "Error:", err)
	return exitFailure
}

func (p *program) root() (*cobra.Command, error) {
	root := &cobra.Command{
		Use:           "starter",
		Short:         "Start, show and steer reconciliation runs",
		Long:          "starter starts integrations as durable Temporal workflows and shows what they do.\nThe connection is configured as every Temporal tool's: temporal.toml or the TEMPORAL_ variables.",
		Example:       "  starter dev\n  starter run --integration openshift-resourcequotas --dry-run\n  starter list",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(p.args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{withSuggestion(cmd, err)}
	})
	flags := root.PersistentFlags()
	flags.StringVar(&p.dial.Address, "address", "", "host and port of Temporal (default $TEMPORAL_ADDRESS or localhost:7233)")
	flags.StringVar(&p.dial.Namespace, "namespace", "", "Temporal namespace (default $TEMPORAL_NAMESPACE or default)")
	flags.StringVar(&p.dial.Profile, "profile", "", "profile of temporal.toml")
	flags.StringVar(&p.uiURL, "ui-url", "", "address of Temporal's user interface, for links (default $QONTRACT_UI_URL, or that of a server on this machine)")
	p.dial.Payloads.AddFlags(flags)
	flags.StringVar(&p.logLevel, "log-level", "WARNING", "DEBUG, INFO, WARNING, ERROR or CRITICAL")
	run, err := p.runCommand("run")
	if err != nil {
		return nil, err
	}
	plan, err := p.runCommand("plan")
	if err != nil {
		return nil, err
	}
	root.AddCommand(run, plan, p.checkCommand(), p.listCommand(), p.describeCommand(), p.watchCommand(),
		p.statusCommand(), p.runsCommand(), p.showCommand(),
		p.decisionCommand(workflows.ApproveMessage), p.decisionCommand(workflows.RejectMessage),
		p.stepCommand(workflows.RetryStepMessage), p.stepCommand(workflows.SkipStepMessage), p.rollbackCommand(), p.cancelCommand(),
		p.scheduleCommand(), p.stateCommand(), p.earlyExitCacheCommand(), p.rehearseCommand(), p.appinterfaceCommand(), p.devCommand(), p.codecServerCommand(), p.versionsCommand())
	return root, nil
}

// withSuggestion adds the nearest flags to the error for an unknown one.
func withSuggestion(cmd *cobra.Command, err error) error {
	_, name, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return fmt.Errorf("%w%s", err, reconcile.Suggest(name, names, "--"))
}

// exactly is the check for a number of arguments, as a usage error.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("expected %s", what)}
		}
		return nil
	}
}

// connect opens the connection to Temporal.
func (p *program) connect(ctx context.Context) (*connect.Connection, error) {
	logger, err := logging.New(p.stderr, p.logLevel)
	if err != nil {
		return nil, usageError{err}
	}
	if _, err := uilink.New(p.uiAddress(), ""); err != nil {
		return nil, usageError{err}
	}
	options := p.dial
	options.Logger, options.Identity = logging.Temporal(logger), identity()
	return connect.Dial(ctx, options)
}

// interactive says whether people watch the output.
func (p *program) interactive() bool {
	file, ok := p.stderr.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// format checks the value of -o.
func format(given string, allowed ...string) error {
	for _, name := range allowed {
		if given == name {
			return nil
		}
	}
	return usageError{apierr.Errorf(apierr.Invalid, "-o %s: expected one of %s", given, strings.Join(allowed, ", "))}
}
