// Package prcheck is the check of a merge request of app-interface: which integrations run dry, with which of their
// data, and the one report of what they would change.
package prcheck

import (
	"context"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/workflows"
)

// Job is one integration of a check.
type Job struct {
	Integration string
	// Flags are those that the datafile gives the integration, as on a command line.
	Flags []string
	// always runs all of it, also where its data is the same.
	always       bool
	anySchema    bool
	onlyAffected bool
}

// LeftOut is an integration that the check does not run.
type LeftOut struct {
	Integration string `json:"integration"`
	Reason      string `json:"reason"`
}

// Jobs returns how the integrations are checked, as the pr_check of their datafiles says, and those that are not. With
// all of them wanted the datafile may leave one out; one that is asked for by name is checked all the same.
//
// Differs from the reference: every integration is compared, and pr_check.early_exit is not asked, because the data
// that is compared is what the integration reads and not what it says it reads. Where pr_check is missing altogether
// the integration is checked.
func Jobs(ctx context.Context, app graphql.Client, integrations []string, byName bool) ([]Job, []LeftOut, error) {
	answer, err := prChecks(ctx, app)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]settings{}
	for _, one := range answer.Integrations {
		known[one.Name] = settings{}
		if one.PrCheck != nil {
			known[one.Name] = *one.PrCheck
		}
	}
	var jobs []Job
	leftOut := []LeftOut{}
	for _, name := range integrations {
		says, there := known[name]
		switch {
		case !there && !byName:
			leftOut = append(leftOut, LeftOut{name, "app-interface has no datafile for it"})
		case isTrue(says.Disabled) && !byName:
			leftOut = append(leftOut, LeftOut{name, "its datafile disables the check (pr_check.disabled)"})
		default:
			jobs = append(jobs, Job{
				Integration: name, Flags: flags(name, says.Cmd), always: isTrue(says.AlwaysRun),
				anySchema: isTrue(says.NoValidateSchemas), onlyAffected: isTrue(says.CheckOnlyAffectedShards),
			})
		}
	}
	return jobs, leftOut, nil
}

// Input is the dry run of the job that compares two bundles. OnlyAffected limits also integrations to the affected
// scopes whose datafile does not say so.
func (j Job) Input(base, head string, onlyAffected bool) workflows.Input {
	in := workflows.Input{DryRun: true, Bundle: head, AnySchema: j.anySchema}
	if !j.always {
		in.CompareWith = &workflows.CompareWith{Base: base, OnlyAffected: onlyAffected || j.onlyAffected}
	}
	return in
}

// flags are the words of a command after the integration's name.
func flags(integration, command string) []string {
	words := strings.Fields(command)
	if len(words) > 0 && words[0] == integration {
		words = words[1:]
	}
	return words
}

func isTrue(b *bool) bool { return b != nil && *b }
