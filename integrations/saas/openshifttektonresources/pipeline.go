package openshifttektonresources

import (
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/duration"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// filePipeline is the Pipeline of a saas file. Its tasks are those of the task templates that they have the names of,
// and take as long as the saas file lets them.
func (r rendered) filePipeline(file saasFile, types map[string]string) (map[string]any, error) {
	name, err := tekton.PipelineName(r.Name, file.Name)
	if err != nil {
		return nil, err
	}
	pipeline, err := r.object(name)
	if err != nil {
		return nil, err
	}
	timeout := ""
	if file.Timeout != "" {
		seconds, err := duration.Seconds(file.Timeout)
		if err != nil {
			return nil, fmt.Errorf("timeout of saas file %s: %w", file.Name, err)
		}
		timeout = duration.Text(seconds)
	}
	for _, task := range append(items(pipeline, "tasks"), items(pipeline, "finally")...) {
		of, _ := task["name"].(string)
		kind, known := types[of]
		if !known {
			return nil, apierr.Errorf(apierr.Invalid, "pipeline template %s has the task %q, which there is no task template for: correct its name, or add one", r.Name, of)
		}
		reference, ok := task["taskRef"].(map[string]any)
		if !ok {
			return nil, apierr.Errorf(apierr.Invalid, "pipeline template %s: task %q has no taskRef: add one", r.Name, of)
		}
		if reference["name"], err = taskName(of, kind, file.Name); err != nil {
			return nil, err
		}
		if timeout != "" {
			task["timeout"] = timeout
		}
	}
	return pipeline, nil
}

// taskName is the name of the Task that is made of a task template, for a saas file or for all of a namespace.
func taskName(template, kind, file string) (string, error) {
	if kind == onePerNamespace {
		return tekton.ObjectName(template)
	}
	return tekton.TaskName(template, file)
}
