package githubapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Organisation is an organisation as its datafile describes it.
type Organisation struct {
	Name  string
	Token secret.Ref
	// Default says that its token reads what belongs to no organisation of app-interface.
	Default bool
	// ManagedTeams are the teams that are kept as app-interface says; none stands for all.
	ManagedTeams []string
}

// Organisations reads the organisations from app-interface, in the order in which it lists them.
func Organisations(ctx context.Context, app graphql.Client) ([]Organisation, error) {
	answer, err := githubOrganisations(ctx, app)
	if err != nil {
		return nil, fmt.Errorf("read the GitHub organisations from app-interface: %w", err)
	}
	organisations := make([]Organisation, len(answer.Organisations))
	for i, d := range answer.Organisations {
		organisations[i] = Organisation{Name: d.Name, Token: d.Token, Default: d.Default != nil && *d.Default, ManagedTeams: d.ManagedTeams}
	}
	return organisations, nil
}

// Default is the organisation whose token reads what belongs to none. There has to be exactly one.
func Default(organisations []Organisation) (Organisation, error) {
	var found []Organisation
	var names []string
	for _, o := range organisations {
		if o.Default {
			found, names = append(found, o), append(names, o.Name)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Organisation{}, apierr.Errorf(apierr.Invalid, "no GitHub organisation is the default one: set default: true in the datafile of one")
	}
	return Organisation{}, apierr.Errorf(apierr.Invalid, "several GitHub organisations are the default one, %s: leave default: true to one", strings.Join(names, ", "))
}
