package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/app-sre/qontract-temporal/workflows"
)

// The variables of the reference that stand for the flags of a comparison.
const (
	envCompareSHA   = "EARLY_EXIT_COMPARE_SHA"
	envOnlyAffected = "CHECK_ONLY_AFFECTED_SHARDS"

	flagCompareSHA   = "early-exit-compare-sha"
	flagOnlyAffected = "check-only-affected-shards"
)

// compareFlags say which bundle a dry run is compared with.
type compareFlags struct {
	sha          string
	onlyAffected bool
}

func (f *compareFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.sha, flagCompareSHA, "", "skip a dry run whose desired state is the same in the bundle of this sha (default $"+envCompareSHA+")")
	flags.BoolVar(&f.onlyAffected, flagOnlyAffected, false, "with "+flagCompareSHA+", run only the scopes whose desired state differs (default $"+envOnlyAffected+")")
}

// apply adds the comparison to the input. The environment counts where a comparison is possible; a flag that cannot be
// followed is a mistake.
func (f *compareFlags) apply(flags *pflag.FlagSet, getenv func(string) string, in *workflows.Input) error {
	sha, onlyAffected := f.sha, f.onlyAffected
	if !flags.Changed(flagCompareSHA) && in.DryRun && !in.Unpinned {
		sha = getenv(envCompareSHA)
	}
	if !flags.Changed(flagOnlyAffected) {
		onlyAffected = getenv(envOnlyAffected) == "true"
	}
	switch {
	case sha != "":
		in.CompareWith = &workflows.CompareWith{Base: sha, OnlyAffected: onlyAffected}
	case f.onlyAffected:
		return usageError{errors.New("--" + flagOnlyAffected + " needs --" + flagCompareSHA)}
	}
	if err := in.Check(); err != nil {
		return usageError{fmt.Errorf("--%s: %w", flagCompareSHA, err)}
	}
	return nil
}
