package openshiftsaasdeploy

import (
	"context"
	"strings"
	"sync"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// stage is a saas file in one of its environments: a scope.
type stage struct {
	file        *saasfile.File
	environment string
	// hashLength is how much of commits image tags have.
	hashLength int
	channels   map[string]promotion.Channel
	// callers are the saas files that there are.
	callers []string
	managed []kubeapi.Managed
	targets []*target
}

// target is one that is deployed, or deleted.
type target struct {
	*saasfile.Target
	template *saasfile.Template
	name     string
}

func (t *target) cluster() string { return t.Namespace.Cluster.Name }

// scopeName is the name of a stage. One of a saas file that is not valid has no environment.
func scopeName(file, environment string) string {
	if environment == "" {
		return file
	}
	return file + "/" + environment
}

// load reads the stage of a scope.
func (r *reconciler) load(ctx context.Context, s reconcile.Scope) (*stage, error) {
	estate, err := r.estates.at(ctx, s, r.at(s))
	if err != nil {
		return nil, err
	}
	name, environment, _ := strings.Cut(s.Name, "/")
	for _, fault := range estate.set.Faults {
		if fault.File == name {
			return nil, fault
		}
	}
	files := estate.set.Where(name, "", environment)
	if len(files) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no saas file %s with targets in environment %s", name, environment)
	}
	file := &files[0]
	st := &stage{
		file: file, environment: environment, hashLength: estate.settings.HashLength, channels: estate.channels,
		callers: estate.callers(),
	}
	types := kubeapi.ManagedTypes{Types: file.ManagedResourceTypes}
	for _, entry := range file.ManagedResourceNames {
		types.Names = append(types.Names, kubeapi.ManagedNames{Resource: entry.Resource, ResourceNames: entry.ResourceNames})
	}
	if st.managed, err = types.Kinds(nil); err != nil {
		return nil, err
	}
	for template, t := range file.Targets() {
		switch {
		case t.Disabled():
			logging.From(ctx).Debug("target skipped: it is disabled", "target", targetName(template, t))
		case t.Namespace.Cluster.Disables(Name):
			logging.From(ctx).Debug("target skipped: its cluster disables the integration", "target", targetName(template, t))
		default:
			st.targets = append(st.targets, &target{Target: t, template: template, name: targetName(template, t)})
		}
	}
	return st, nil
}

func targetName(template *saasfile.Template, t *saasfile.Target) string {
	name := template.Name + "/" + t.Namespace.Cluster.Name + "/" + t.Namespace.Name
	if t.Name != nil && *t.Name != "" {
		name += "/" + *t.Name
	}
	return name
}

func (st *stage) owner() kubeapi.Owner {
	return kubeapi.Owner{Integration: Name, Version: version, Caller: st.file.Name}
}

// policy is what the saas file may do with objects of others.
func (st *stage) policy() kubeapi.Policy {
	return kubeapi.Policy{
		TakeOver: namespaced.IsTrue(st.file.Takeover), AllCallers: st.callers,
		SkipCompare: st.file.Compare != nil && !*st.file.Compare,
	}
}

// clusters are those of the targets, by name, each once and in the order of targets.
func (st *stage) clusters() []string {
	var names []string
	seen := map[string]bool{}
	for _, t := range st.targets {
		if !seen[t.cluster()] {
			seen[t.cluster()] = true
			names = append(names, t.cluster())
		}
	}
	return names
}

// estate is what app-interface says of all saas files.
type estate struct {
	set      saasfile.Set
	settings saasfile.Settings
	// channels are those of the whole set.
	channels map[string]promotion.Channel
}

// callers are the saas files whose objects nobody else may have. One that is not valid still has its own.
func (e *estate) callers() []string {
	var names []string
	for _, file := range e.set.Files {
		if !namespaced.IsTrue(file.Deprecated) {
			names = append(names, file.Name)
		}
	}
	for _, fault := range e.set.Faults {
		names = append(names, fault.File)
	}
	return names
}

// estates knows the saas files of the last bundle that was asked for. Hundreds of scopes of a run ask once.
type estates struct {
	mu   sync.Mutex
	sha  string
	last *estate
}

func (e *estates) at(ctx context.Context, s reconcile.Scope, app graphql.Client) (*estate, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last != nil && e.sha == s.Bundle.SHA && e.sha != "" {
		return e.last, nil
	}
	read, err := readEstate(ctx, app)
	if err != nil {
		return nil, err
	}
	e.sha, e.last = s.Bundle.SHA, read
	return read, nil
}

func readEstate(ctx context.Context, app graphql.Client) (*estate, error) {
	set, err := saasfile.Read(ctx, app)
	if err != nil {
		return nil, err
	}
	settings, err := saasfile.ReadSettings(ctx, app)
	return &estate{set: set, settings: settings, channels: promotion.Channels(set)}, err
}
