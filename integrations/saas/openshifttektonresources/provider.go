package openshifttektonresources

import (
	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The types of task templates.
const (
	onePerNamespace = "onePerNamespace"
	onePerSaasFile  = "onePerSaasFile"
)

// provider is a provider of pipelines with its defaults in place, and what uses it.
type provider struct {
	name      string
	namespace place
	tasks     []ObjectTemplate
	pipeline  ObjectTemplate
	// resources are what a rollout's step may use where its saas file does not say so.
	resources DeployResources

	files []saasFile
	// texts are the templates by their paths.
	texts map[string]text
}

// unset are the resources of a rollout that nobody has set.
var unset = DeployResources{Requests: requests{Cpu: "300m", Memory: "600Mi"}, Limits: limits{Cpu: "300m", Memory: "600Mi"}}

// tektonProviders returns the providers of Tekton, and how many there are of each name.
func tektonProviders(all []anyProvider) ([]provider, map[string]int) {
	var providers []provider
	named := map[string]int{}
	for _, one := range all {
		tekton, ok := one.(*anyProviderPipelinesProviderTektonV1)
		if !ok {
			continue
		}
		named[tekton.Name]++
		p := provider{
			name: tekton.Name, namespace: tekton.Namespace, tasks: tekton.TaskTemplates,
			pipeline: tekton.Defaults.PipelineTemplates.OpenshiftSaasDeploy, resources: unset,
		}
		if len(p.tasks) == 0 {
			p.tasks = tekton.Defaults.TaskTemplates
		}
		if tekton.PipelineTemplates != nil {
			p.pipeline = tekton.PipelineTemplates.OpenshiftSaasDeploy
		}
		switch {
		case tekton.DeployResources != nil:
			p.resources = *tekton.DeployResources
		case tekton.Defaults.DeployResources != nil:
			p.resources = *tekton.Defaults.DeployResources
		}
		providers = append(providers, p)
	}
	return providers, named
}

// at is the provider's namespace with its cluster.
func (p provider) at() string { return p.namespace.Cluster.Name + "/" + p.namespace.Name }

// managed are the kinds that are managed in the provider's namespace; where only the given saas files count, no other
// names than theirs. What has too long a name is in no cluster.
//
// Differs from the reference: with --saas-file-name the objects of other saas files are left alone. There they are
// deleted.
func (p provider) managed(limited bool) []kubeapi.Managed {
	if !limited {
		return []kubeapi.Managed{{Kind: "Pipeline"}, {Kind: "Task"}}
	}
	var managed []kubeapi.Managed
	var tasks, pipelines []string
	for _, file := range p.files {
		for _, template := range p.tasks {
			if name, err := taskName(template.Name, template.Type, file.Name); err == nil {
				tasks = append(tasks, name)
			}
		}
		if name, err := tekton.PipelineName(p.pipeline.Name, file.Name); err == nil {
			pipelines = append(pipelines, name)
		}
	}
	if len(tasks) > 0 {
		managed = append(managed, kubeapi.Managed{Kind: "Task", Names: tasks})
	}
	if len(pipelines) > 0 {
		managed = append(managed, kubeapi.Managed{Kind: "Pipeline", Names: pipelines})
	}
	return managed
}

// bodies are the Tasks and Pipelines. What is wrong with one of them is a problem and stops no other.
//
// Differs from the reference: there any problem ends the run.
func (p provider) bodies() ([]namespaced.Body, error) {
	var bodies []namespaced.Body
	var problems reconcile.Problems
	add := func(object map[string]any, err error) {
		if err != nil {
			problems = append(problems, apierr.Errorf(apierr.Invalid, "provider %s of pipelines: %w", p.name, err))
			return
		}
		bodies = append(bodies, namespaced.Body{Object: object})
	}
	types := map[string]string{}
	for _, template := range p.tasks {
		if _, known := types[template.Name]; known {
			add(nil, apierr.Errorf(apierr.Invalid, "two task templates have the name %s: rename one", template.Name))
			continue
		}
		types[template.Name] = template.Type
		rendered, err := p.render(template)
		switch {
		case err != nil:
			add(nil, err)
		case template.Type == onePerNamespace:
			add(rendered.namespaceTask())
		case template.Type == onePerSaasFile:
			for _, file := range p.files {
				add(rendered.fileTask(file, p.resources))
			}
		default:
			add(nil, apierr.Errorf(apierr.Invalid, "task template %s has the type %q: use %s or %s", template.Name, template.Type, onePerNamespace, onePerSaasFile))
		}
	}
	rendered, err := p.render(p.pipeline)
	if err != nil {
		add(nil, err)
		return bodies, problems.ErrorOrNil()
	}
	for _, file := range p.files {
		add(rendered.filePipeline(file, types))
	}
	return bodies, problems.ErrorOrNil()
}
