// Package filevalidator checks that saas files can be deployed as they are meant.
//
// What it keeps true: what saas files refer to exists, and the fields of their targets agree with each other.
// Desired: the rules: names that are told apart, owners, secrets that are allowed, triggers that do not exclude each other,
// channels that somebody publishes to, jobs, repositories and images that app-interface knows.
// Current: the saas files, and the configurations of Jenkins jobs.
// Writes: nothing.
// Reference module: reconcile/saas_file_validator.py, and the validation in reconcile/utils/saasherder/saasherder.py.
package filevalidator

import (
	"context"
	"fmt"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Name is the integration's name.
const Name = "saas-file-validator"

// Definition describes the integration.
func Definition() reconcile.Definition {
	return reconcile.Definition{
		Name:    Name,
		Summary: "Validates Saas files.",
		Reads:   []reconcile.System{reconcile.AppInterface},
		Every:   10 * time.Minute,
		Build: func(set *clients.Set) (reconcile.Steps, error) {
			app := set.AppInterface()
			return reconcile.Validate(&validator{at: func(s reconcile.Scope) graphql.Client { return app.At(s) }}), nil
		},
	}
}

type validator struct {
	at func(reconcile.Scope) graphql.Client
}

// Check returns an error for each rule that a saas file breaks.
//
// Differs from the reference: a saas file whose templates or selectors are faulty is one finding, and the others are checked;
// there it ends the run. The jobs of Jenkins are checked even where another rule is broken, and one finding is told once.
func (v *validator) Check(ctx context.Context, s reconcile.Scope) ([]reconcile.Finding, error) {
	set, err := saasfile.Read(ctx, v.at(s))
	if err != nil {
		return nil, err
	}
	if len(set.Files) == 0 && len(set.Faults) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no saas files")
	}
	known, err := SaasFileNeighbours(ctx, v.at(s))
	if err != nil {
		return nil, err
	}
	made := &findings{told: map[reconcile.Finding]bool{}}
	for _, fault := range set.Faults {
		made.add(fault.File, "%v", fault.Err)
	}
	names(made, set)
	for i := range set.Files {
		check(made, &set.Files[i])
	}
	channels(made, set)
	repositories(made, set, known.Apps)
	patterns(made, set, known.Instances, known.Orgs)
	upstream(made, set, known.Configs)
	return made.all, nil
}

// findings are told once each.
type findings struct {
	all  []reconcile.Finding
	told map[reconcile.Finding]bool
}

func (f *findings) add(file, format string, args ...any) {
	f.tell("saas file "+file, fmt.Sprintf(format, args...))
}

func (f *findings) tell(subject, message string) {
	finding := reconcile.Finding{Severity: plan.SeverityError, Subject: subject, Message: message}
	if !f.told[finding] {
		f.told[finding] = true
		f.all = append(f.all, finding)
	}
}

// place names a target for people.
func place(template *saasfile.Template, target *saasfile.Target) string {
	return "resource template " + template.Name + ", target " + target.Namespace.Cluster.Name + "/" + target.Namespace.Name
}
