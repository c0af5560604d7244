package tekton

import (
	"regexp"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/duration"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// shortestTimeout is the least that a saas file may give its deployments, in seconds.
const shortestTimeout = 3600

// Run is a deployment of one saas file's environment.
type Run struct {
	SaasFile, Environment string
	// Pipeline is the name of the pipeline that runs, ConsoleURL that of its cluster's console, Namespace where it runs.
	Pipeline, ConsoleURL, Namespace string
	// Timeout is how long its tasks may take; empty for Tekton's own.
	Timeout string
	// Trace tells the run what triggered it; nil for nothing.
	Trace *Trace
}

// Trace is what triggered a run.
type Trace struct{ Integration, Reason string }

// Object is the PipelineRun. Its parameters are what the pipelines of app-interface take. The error is Invalid.
func (r Run) Object() (map[string]any, error) {
	short, _ := RunName(r.SaasFile, r.Environment)
	name := strings.ToLower(short)
	if !regexp.MustCompile(`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`).MatchString(name) {
		return nil, apierr.Errorf(apierr.Invalid, "%s is no name of a PipelineRun: give the saas file and the environment names of letters, digits and dashes", name)
	}
	params := []any{
		param("saas_file_name", r.SaasFile),
		param("env_name", r.Environment),
		param("tkn_cluster_console_url", r.ConsoleURL),
		param("tkn_namespace_name", r.Namespace),
	}
	if r.Trace != nil {
		if r.Trace.Reason == "" {
			return nil, apierr.Errorf(apierr.Invalid, "the deployment of saas file %s has no reason to tell", r.SaasFile)
		}
		params = append(params, param("trigger_integration", r.Trace.Integration), param("trigger_reason", r.Trace.Reason))
	}
	spec := map[string]any{"pipelineRef": map[string]any{"name": r.Pipeline}, "params": params}
	if err := r.limit(spec); err != nil {
		return nil, err
	}
	return map[string]any{
		"apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
		"metadata": map[string]any{"generateName": name + "-"},
		"spec":     spec,
	}, nil
}

// limit gives the tasks the timeout, and takes that of the pipeline away, which would end what follows them.
func (r Run) limit(spec map[string]any) error {
	if r.Timeout == "" {
		return nil
	}
	allowed, err := duration.Seconds(r.Timeout)
	if err != nil {
		return err
	}
	if allowed < shortestTimeout {
		return apierr.Errorf(apierr.Invalid, "the timeout %s of saas file %s is shorter than an hour: give it more", r.Timeout, r.SaasFile)
	}
	spec["timeouts"] = map[string]any{"pipeline": "0", "tasks": r.Timeout}
	return nil
}

func param(name, value string) any { return map[string]any{"name": name, "value": value} }
