package openshifttektonresources

import (
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// deployStep is the step of a Task that rolls out.
const deployStep = "qontract-reconcile"

// namespaceTask is the Task that a namespace has one of.
func (r rendered) namespaceTask() (map[string]any, error) {
	name, err := tekton.ObjectName(r.Name)
	if err != nil {
		return nil, err
	}
	return r.object(name)
}

// fileTask is the Task of a saas file, whose step that rolls out has the resources of the file, or else those of the
// provider.
func (r rendered) fileTask(file saasFile, otherwise DeployResources) (map[string]any, error) {
	name, err := tekton.TaskName(r.Name, file.Name)
	if err != nil {
		return nil, err
	}
	task, err := r.object(name)
	if err != nil {
		return nil, err
	}
	resources := otherwise
	if file.DeployResources != nil {
		resources = *file.DeployResources
	}
	for _, step := range items(task, "steps") {
		if step["name"] == deployStep {
			step["computeResources"] = resources.body()
			return task, nil
		}
	}
	return nil, apierr.Errorf(apierr.Invalid, "task template %s has no step %s, which the resources of saas files are for: add it", r.Name, deployStep)
}

// body are the resources as Kubernetes has them. What is not set is left out.
func (d DeployResources) body() map[string]any {
	set := func(cpu, memory string) map[string]any {
		amounts := map[string]any{}
		for name, amount := range map[string]string{"cpu": cpu, "memory": memory} {
			if amount != "" {
				amounts[name] = amount
			}
		}
		return amounts
	}
	return map[string]any{"requests": set(d.Requests.Cpu, d.Requests.Memory), "limits": set(d.Limits.Cpu, d.Limits.Memory)}
}
