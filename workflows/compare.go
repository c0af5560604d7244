package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// CompareWith is the bundle that a dry run is compared with.
type CompareWith struct {
	// Base is the bundle's sha.
	Base string `json:"base"`
	// OnlyAffected runs only the scopes whose data differs, where it can be told which these are.
	OnlyAffected bool `json:"onlyAffected,omitempty"`
}

// Verdict says what a run has to cover after a comparison.
type Verdict string

// The verdicts.
const (
	// RunNone is for a desired state that is the same in both bundles.
	RunNone Verdict = "same"
	// RunSome is for a difference that concerns some scopes.
	RunSome Verdict = "affected"
	// RunAll is for everything else, also where the bundles cannot be compared.
	RunAll Verdict = "full"
)

// Comparison is what came of comparing the data of two bundles, as `starter run -o json` prints it.
type Comparison struct {
	// Base is the sha of the bundle that was compared with.
	Base    string  `json:"base"`
	Verdict Verdict `json:"verdict"`
	// Reason says why, in words.
	Reason string `json:"reason"`
	// Scopes are those that were run, of the verdict "affected".
	Scopes []string `json:"scopes,omitempty"`
	// BaseHash and HeadHash are of all that the integration reads from either bundle; "" where it cannot be read.
	BaseHash string `json:"baseHash,omitempty"`
	HeadHash string `json:"headHash,omitempty"`
}

// nothing says whether no scope is left to run.
func (c *Comparison) nothing() bool {
	return c.Verdict == RunNone || c.Verdict == RunSome && len(c.Scopes) == 0
}

var (
	errWetBundle   = errors.New("only a dry run can read a bundle other than the current one")
	errWetCompare  = errors.New("only a dry run can be compared with another bundle: a real one covers everything")
	errUnpinned    = errors.New("a run that is not pinned to a bundle cannot read a certain one or be compared with one")
	errCompareNone = errors.New("there is no sha of a bundle to compare with")
)

// Check says whether the parts of the input fit together.
func (in Input) Check() error {
	switch {
	case in.CompareWith != nil && !in.DryRun:
		return errWetCompare
	case in.Bundle != "" && !in.DryRun:
		return errWetBundle
	case in.CompareWith != nil && in.CompareWith.Base == "":
		return errCompareNone
	case in.Unpinned && (in.CompareWith != nil || in.Bundle != ""):
		return errUnpinned
	}
	return nil
}

// compareBundles leaves of the scopes those that differ between the bundles, and says whether there is anything to run.
// Whatever goes wrong makes the run cover everything.
func (r *run) compareBundles(ctx workflow.Context, whole plan.Scope, opened *Opened) bool {
	with := r.in.CompareWith
	if with == nil {
		return true
	}
	r.progress.Step = "comparing the bundles"
	comparison := &Comparison{}
	summary := fmt.Sprintf("compare with bundle %.12s", with.Base)
	if err := r.step(ctx, StepCompare, summary, comparison, whole, *with); err != nil {
		comparison = &Comparison{Base: with.Base, Verdict: RunAll, Reason: "the bundles cannot be compared: " + failureOf("", err).Message}
	}
	r.result.Comparison = comparison
	if comparison.nothing() {
		workflow.SetCurrentDetails(ctx, "skipped: "+comparison.Reason)
		return false
	}
	if comparison.Verdict == RunSome {
		opened.Shards = slices.DeleteFunc(opened.Shards, func(shard string) bool { return !slices.Contains(comparison.Scopes, shard) })
	}
	return true
}
