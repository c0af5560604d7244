package filevalidator

import (
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobbuilder"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
)

// upstream refuses upstream jobs that Jenkins does not have, or that build something else than the target deploys.
//
// Differs from the reference: an instance without configurations has no jobs, and a job without a repository builds none; there
// either ends the run. Configurations that cannot be expanded are one finding.
func upstream(made *findings, set saasfile.Set, configs []jenkinsConfig) {
	known := buildJobs(made, configs)
	for i := range set.Files {
		file := &set.Files[i]
		for template, target := range file.Targets() {
			if target.Upstream == nil || saasfile.IsCommit(target.Ref) || known.unread[target.Upstream.Instance.Name] {
				continue
			}
			job := target.Upstream.Instance.Name + "/" + target.Upstream.Name
			fitting := known.building[code{template.Url, target.Ref}]
			if slices.Contains(fitting, job) {
				continue
			}
			fault, remedy := "does not exist", "add a job that does, or remove upstream"
			if known.named[job] {
				fault = "builds something else than " + target.Ref + " of " + template.Url
			}
			if len(fitting) > 0 {
				remedy = "use " + strings.Join(fitting, " or ")
			}
			made.add(file.Name, "%s: the upstream job %s %s: %s", place(template, target), job, fault, remedy)
		}
	}
}

// code is what a job builds.
type code struct{ repository, ref string }

// builds are the jobs that build, as instance/job.
type builds struct {
	named    map[string]bool
	building map[code][]string
	// unread are the instances whose jobs are not known.
	unread map[string]bool
}

func buildJobs(made *findings, configs []jenkinsConfig) builds {
	byInstance := map[string][]jobbuilder.Config{}
	for _, config := range configs {
		byInstance[config.Instance.Name] = append(byInstance[config.Instance.Name], text(config))
	}
	known := builds{named: map[string]bool{}, building: map[code][]string{}, unread: map[string]bool{}}
	for _, instance := range slices.Sorted(maps.Keys(byInstance)) {
		jobs, err := jobbuilder.Expand(byInstance[instance])
		if err != nil {
			made.tell("Jenkins "+instance, "the configurations of its jobs cannot be expanded: "+err.Error())
			known.unread[instance] = true
			continue
		}
		for _, job := range jobs {
			if !strings.Contains(job.Name, "build") {
				continue
			}
			name, built := instance+"/"+job.Name, code{job.Repository, job.Ref}
			known.named[name] = true
			known.building[built] = append(known.building[built], name)
		}
	}
	return known
}

func text(config jenkinsConfig) jobbuilder.Config {
	if !config.Config.IsNull() {
		if raw, err := config.Config.MarshalJSON(); err == nil {
			made := jobbuilder.Config{Text: string(raw)}
			if config.Type == "jobs" {
				made.App = config.App.Name
			}
			return made
		}
	}
	if config.ConfigPath == nil {
		return jobbuilder.Config{}
	}
	return jobbuilder.Config{Text: config.ConfigPath.Content}
}
