package openshifttektonresources

import (
	"context"
	"fmt"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/sharding"
)

// source reads saas files, providers and templates from app-interface.
type source struct {
	at func(reconcile.Scope) app
}

// app is what is read of app-interface.
type app interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// namespaces returns those of the providers that saas files use.
//
// Differs from the reference: where several providers have one name, the others go on. There the run ends.
func (s *source) namespaces(ctx context.Context, scope reconcile.Scope) ([]namespaced.Namespace, error) {
	app := s.at(scope)
	answer, err := TektonResources(ctx, app)
	if err != nil {
		return nil, err
	}
	only := scope.Args.String("saas-file-name")
	files := map[string][]saasFile{}
	found := only == ""
	for _, file := range answer.SaasFiles {
		if only == "" || file.Name == only {
			found = true
			files[file.PipelinesProvider.Name] = append(files[file.PipelinesProvider.Name], file)
		}
	}
	if !found {
		return nil, errUnknownFile(only)
	}
	providers, named := tektonProviders(answer.Providers)
	shards := shardNames(providers)
	read := reading{app: app, known: map[string]text{}}
	var all []namespaced.Namespace
	for _, p := range providers {
		if len(files[p.name]) == 0 || namespaced.IsTrue(p.namespace.Delete) || !inShard(scope, shards[p.at()]) {
			continue
		}
		p.files, p.texts = files[p.name], map[string]text{}
		for _, template := range append(p.tasks[:len(p.tasks):len(p.tasks)], p.pipeline) {
			if p.texts[template.Path], err = read.template(ctx, template.Path); err != nil {
				return nil, err
			}
		}
		all = append(all, namespaced.Namespace{
			Name: p.namespace.Name, Cluster: p.namespace.Cluster, Managed: p.managed(only != ""),
			Bodies: func(context.Context, reconcile.Scope, namespaced.Wanted) ([]namespaced.Body, error) {
				if named[p.name] > 1 {
					return nil, reconcile.Problems{apierr.Errorf(apierr.Invalid, "%d providers of pipelines have the name %s: rename all but one", named[p.name], p.name)}
				}
				return p.bodies()
			},
		})
	}
	return all, nil
}

// errUnknownFile is for a name that no saas file has.
//
// Differs from the reference: a --saas-file-name that there is none of is an error. There the run ends well.
func errUnknownFile(name string) error {
	return apierr.Errorf(apierr.Invalid, "--saas-file-name %s: app-interface has no saas file of this name", name)
}

// inShard says whether the provider of a name is one of the run's shard.
func inShard(s reconcile.Scope, provider string) bool {
	return sharding.Hash(provider, max(1, s.Args.Int("shards"))) == s.Args.Int("shard-id")
}

// shardNames are the names of the providers that decide for a namespace which shard takes it.
//
// Differs from the reference: providers that share a namespace are in one shard, that of the one whose name comes first.
// There each shard deletes what the others made.
func shardNames(providers []provider) map[string]string {
	names := map[string]string{}
	for _, p := range providers {
		if first, known := names[p.at()]; !known || p.name < first {
			names[p.at()] = p.name
		}
	}
	return names
}

// reading reads each template once.
type reading struct {
	app   app
	known map[string]text
}

// text is a template's text, or what is wrong with its path.
type text struct {
	content string
	fault   error
}

func (r *reading) template(ctx context.Context, path string) (text, error) {
	if known, ok := r.known[path]; ok {
		return known, nil
	}
	resource, err := r.app.Resource(ctx, path)
	// What cannot be read cannot be compared with that of another bundle either.
	if err != nil && (!apierr.Is(err, apierr.Invalid) || inputs.Recorded(ctx)) {
		return text{}, fmt.Errorf("template %s: %w", path, err)
	}
	known := text{content: resource.Content}
	if err != nil {
		known.fault = fmt.Errorf("template %s: %w", path, err)
	}
	r.known[path] = known
	return known, nil
}
