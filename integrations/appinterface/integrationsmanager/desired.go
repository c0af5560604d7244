package integrationsmanager

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Desired returns the schedules, or the objects of a cluster. What is wrong with one integration is a problem, which
// leaves the others' schedules and workers as they should be.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Item, error) {
	e, err := r.read(ctx, s)
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	var items []Item
	if s.Name == schedules {
		for _, problem := range e.Problems {
			problems = append(problems, problem)
		}
		for _, schedule := range e.Schedules {
			items = append(items, Item{Schedule: &schedule})
		}
		return items, problems.ErrorOrNil()
	}
	existing, err := r.existing(ctx, s, e)
	if err != nil {
		return nil, err
	}
	desired := kubeapi.NewDesired(s.Name)
	all, problems := e.workers(s.Args, s.Name)
	for _, w := range all {
		namespace := w.Namespace.Name
		if existing != nil && !existing[namespace] {
			continue
		}
		body, err := w.deployment()
		if err != nil {
			problems = append(problems, w.problem(err))
			continue
		}
		desired.Manage(namespace, deploymentKind)
		desired.Manage(namespace, serviceKind)
		if err := desired.Add(namespace, body, false); err != nil {
			problems = append(problems, w.problem(err))
		}
	}
	for _, target := range desired.Targets() {
		if target.Kind != serviceKind {
			continue
		}
		if err := desired.Add(target.Namespace, service(), false); err != nil {
			problems = append(problems, err)
		}
	}
	for _, object := range desired.Objects() {
		items = append(items, Item{Object: &object})
	}
	return items, problems.ErrorOrNil()
}

// The kinds of what is made on clusters.
const (
	deploymentKind = "Deployment.apps"
	serviceKind    = "Service"
)

// existing are the cluster's namespaces; nil where the token may not list them.
func (r *reconciler) existing(ctx context.Context, s reconcile.Scope, e *estate) (map[string]bool, error) {
	client, err := r.client(ctx, s, e)
	if err != nil {
		return nil, err
	}
	names, err := client.Namespaces(ctx)
	if apierr.Is(err, apierr.Denied) {
		return nil, nil
	}
	return names, err
}

// workers are the groups of a cluster whose Deployments can be made. Those that an integration belongs to whose datafile
// has a mistake are left out, and so stay as they are: without it, its runs would have no worker.
func (e *estate) workers(args plan.Args, cluster string) ([]workers, reconcile.Problems) {
	var sound []workers
	problems := e.troubles(cluster)
	for _, w := range e.allWorkers(args) {
		switch {
		case w.Namespace.Cluster.Name != cluster, e.troubled(w.Group):
		case w.err != nil:
			problems = append(problems, w.problem(w.err))
		default:
			sound = append(sound, w.workers)
		}
	}
	return sound, problems
}

// perhaps is a group whose image may be unknown.
type perhaps struct {
	workers
	err error
}

// allWorkers are the groups of all clusters. Workers that share task queues are one Worker Deployment of Temporal's, which
// has one current version: all of them must be of one build.
func (e *estate) allWorkers(args plan.Args) []perhaps {
	var all []perhaps
	builds := map[string]map[string]bool{}
	for _, group := range e.Groups() {
		w := perhaps{workers: workers{Group: group, image: args.String("image")}}
		w.parameters, w.err = parametersOf(group.Namespace.Environment)
		if w.err == nil {
			w.tag, w.err = imageTag(group, w.parameters, args, e.commitLength)
		}
		if w.err == nil {
			w.build = buildID(w.tag)
			if builds[w.QueueSuffix] == nil {
				builds[w.QueueSuffix] = map[string]bool{}
			}
			builds[w.QueueSuffix][w.build] = true
		}
		all = append(all, w)
	}
	for i, w := range all {
		if distinct := slices.Sorted(maps.Keys(builds[w.QueueSuffix])); w.err == nil && len(distinct) > 1 {
			all[i].err = apierr.Errorf(apierr.Invalid, "workers of %s would be of the builds %s at once, and runs go to one of them: name one image, or limit the run with --environment-name",
				w.workerDeployment(), strings.Join(distinct, " and "))
		}
	}
	return all
}

// troubles are the mistakes in datafiles of integrations that run in the cluster.
func (e *estate) troubles(cluster string) reconcile.Problems {
	var problems reconcile.Problems
	for _, problem := range e.Problems {
		home := e.homes[problem.Integration]
		if slices.ContainsFunc(e.in(cluster), func(n fleet.Namespace) bool { return slices.Contains(home.namespaces, n.Path) }) {
			problems = append(problems, problem)
		}
	}
	return problems
}

// troubled says whether an integration belongs to the group whose datafile has a mistake.
func (e *estate) troubled(g fleet.Group) bool {
	return slices.ContainsFunc(e.Problems, func(problem fleet.Problem) bool {
		home := e.homes[problem.Integration]
		isMember := home.group == "" || g.Name == home.group || strings.HasPrefix(g.Name, home.group+"-")
		return isMember && slices.Contains(home.namespaces, g.Namespace.Path)
	})
}

// problem says which workers stay as they are.
func (w workers) problem(err error) error {
	return apierr.Errorf(apierr.Invalid, "the workers %s in namespace %s stay as they are: %w", w.Name, w.Namespace.Name, err)
}
