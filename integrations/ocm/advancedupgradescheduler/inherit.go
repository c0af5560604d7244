package advancedupgradescheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// inherits are the organisations whose version data an organisation takes over: those that its label names, and whose own
// label names it. They may be in any environment. The faults are the others.
//
// Differs from the reference: organisations are asked for alone that somebody inherits from, and an environment that does
// not answer stops those alone that inherit. There it stops all.
func (r labelled) inherits(ctx context.Context, s reconcile.Scope, organization string, from []string) ([]upgrades.Publisher, []string, error) {
	if len(from) == 0 {
		return nil, nil, nil
	}
	environments, err := r.environments(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	published := make([][]ocmapi.Label, len(environments))
	group, asking := errgroup.WithContext(ctx)
	for i, environment := range environments {
		group.Go(func() (err error) {
			published[i], err = r.published(asking, environment, from)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var publishers []upgrades.Publisher
	var silent, faults []string
	for _, id := range distinct(from) {
		if id == organization {
			faults = append(faults, fmt.Sprintf("The organisation %s cannot inherit version data from itself. Take its ID out of its label %s.", id, inheritData))
			continue
		}
		found := false
		for i := range environments {
			for _, label := range published[i] {
				if to := split(label.Value); !found && label.OrganizationID == id && slices.Contains(to, organization) {
					publishers = append(publishers, upgrades.Publisher{Environment: environments[i].Name, ID: id, PublishesTo: to})
					found = true
				}
			}
		}
		if !found {
			silent = append(silent, id)
		}
	}
	if len(silent) > 0 {
		faults = append(faults, fmt.Sprintf("The version data of %s cannot be inherited: these organisations do not publish them. Ask their owners to add the organisation ID %s to their label %s.",
			strings.Join(silent, ", "), organization, publishesData))
	}
	return publishers, faults, nil
}

// published are the labels with which the organisations of an environment publish version data.
func (r labelled) published(ctx context.Context, environment appinterface.OCMEnvironment, from []string) (all []ocmapi.Label, err error) {
	client, err := r.connect(ctx, ocmapi.AccessOf(environment, ocmapi.Own{}))
	if err != nil {
		return nil, err
	}
	for _, part := range ocmapi.Parts("organization_id", from) {
		found, err := client.ListLabels(ctx, ocmapi.All(ocmapi.Is("type", ocmapi.OrganizationLabel), ocmapi.Is("key", publishesData), part))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// environments are all of app-interface, whichever the run is about.
func (r labelled) environments(ctx context.Context, s reconcile.Scope) ([]appinterface.OCMEnvironment, error) {
	answer, err := OCMEnvironments(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(slices.Values(answer.Environments), func(a, b appinterface.OCMEnvironment) int { return strings.Compare(a.Name, b.Name) }), nil
}
