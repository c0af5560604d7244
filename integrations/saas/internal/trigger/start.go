package trigger

import (
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Start is one deployment of a saas file's environment, which serves all targets in it.
type Start struct {
	// Watches are what fired, at least one. The values of all of them are kept once the deployment is certain to start.
	Watches []Watch
}

// Starts are the deployments that watches which fired ask for, in the order of the first ones. Two targets of one saas file
// and environment are deployed together.
//
// Differs from the reference: it keeps the values of the others before the deployment is certain to start; one that cannot be
// started is lost to them. Saas file a-b in c and saas file a in b-c are two deployments; there they are one.
func Starts(fired []Watch) []Start {
	var starts []Start
	at := map[[2]string]int{}
	for _, watch := range fired {
		key := [2]string{watch.File.Name, watch.Target.Namespace.Environment.Name}
		i, known := at[key]
		if !known {
			i = len(starts)
			at[key] = i
			starts = append(starts, Start{})
		}
		starts[i].Watches = append(starts[i].Watches, watch)
	}
	return starts
}

// Provider is where the deployment runs. The error is Invalid where the saas file's provider is not Tekton.
func (s Start) Provider() (*saasfile.Tekton, error) {
	file := s.Watches[0].File
	if provider, ok := file.PipelinesProvider.(*saasfile.Tekton); ok {
		return provider, nil
	}
	return nil, apierr.Errorf(apierr.Invalid, "saas file %s has a pipelines provider that is not tekton: choose another one", file.Name)
}

// Run is the deployment as PipelineRun of the saas file's pipeline. With trace it tells the deployment which integration
// triggered it, and why the first of its targets is deployed. The error is Invalid.
func (s Start) Run(integration string, trace bool) (tekton.Run, error) {
	provider, err := s.Provider()
	if err != nil {
		return tekton.Run{}, err
	}
	first := s.Watches[0]
	pipeline, err := tekton.PipelineName(provider.PipelineTemplate(), first.File.Name)
	if err != nil {
		return tekton.Run{}, err
	}
	run := tekton.Run{
		SaasFile: first.File.Name, Environment: first.Target.Namespace.Environment.Name, Pipeline: pipeline,
		ConsoleURL: provider.Namespace.Console.ConsoleUrl, Namespace: provider.Namespace.Name, Timeout: first.File.Timeout,
	}
	if trace {
		run.Trace = &tekton.Trace{Integration: integration, Reason: first.Reason}
	}
	return run, nil
}
