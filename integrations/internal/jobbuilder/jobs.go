// Package jobbuilder says which jobs the configurations of Jenkins Job Builder define. It expands projects, groups, templates
// and defaults as that program does, as far as names, repositories and branches of jobs need it. What it does not need is left
// as it is: macros, views, modules and tags that include files.
package jobbuilder

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Job is a job of one Jenkins.
type Job struct {
	Name string
	// Repository is the address of its code, without slash and .git at its end; empty where it has none.
	Repository string
	// Ref is the first branch that it builds; empty where it names none.
	Ref string
}

// Config is one configuration: a list of items with one key each, such as project or job-template, as YAML or JSON.
type Config struct {
	Text string
	// App is what the variable app_name stands for in projects; empty for what the configuration itself says.
	App string
}

type fields = map[string]any

// items are the items of one Jenkins by kind and name.
type items map[string]map[string]fields

// Expand returns the jobs of the configurations of one Jenkins, sorted by name. The error is Invalid: a configuration cannot be
// read, a project names a template that is not there, or a variable of a job has no value.
func Expand(configs []Config) ([]Job, error) {
	all := items{}
	for _, config := range configs {
		if err := all.load(config); err != nil {
			return nil, err
		}
	}
	var jobs []Job
	for _, name := range slices.Sorted(maps.Keys(all["job"])) {
		jobs = append(jobs, read(all.defaulted(all["job"][name], nil)))
	}
	for _, name := range slices.Sorted(maps.Keys(all["project"])) {
		expanded, err := all.expand(all["project"][name])
		if err != nil {
			return nil, fmt.Errorf("project %s: %w", name, err)
		}
		jobs = append(jobs, expanded...)
	}
	slices.SortStableFunc(jobs, func(a, b Job) int { return strings.Compare(a.Name, b.Name) })
	return jobs, nil
}

func (all items) load(config Config) error {
	var list []fields
	if err := yaml.Unmarshal([]byte(config.Text), &list); err != nil {
		return apierr.Errorf(apierr.Invalid, "it is no list of items in YAML")
	}
	for _, item := range list {
		for kind, value := range item {
			found, ok := value.(fields)
			if !ok {
				continue
			}
			if kind == "project" && config.App != "" {
				found["app_name"] = config.App
			}
			name := text(found["id"])
			if name == "" {
				name = text(found["name"])
			}
			if all[kind] == nil {
				all[kind] = map[string]fields{}
			}
			all[kind][name] = found
		}
	}
	return nil
}

// defaulted is an item with the defaults that it names, or the global ones. What the template says wins over defaults.
func (all items) defaulted(item, template fields) fields {
	name := text(item["defaults"])
	if name == "" {
		name = "global"
	}
	made := fields{}
	for key, value := range all["defaults"][name] {
		if changed, there := template[key]; there {
			value = changed
		}
		made[key] = value
	}
	maps.Copy(made, item)
	return made
}

func (all items) expand(project fields) ([]Job, error) {
	var jobs []Job
	for _, spec := range list(project["jobs"]) {
		name, values := reference(spec)
		made := merged(project, values)
		group, grouped := all["job-group"][name]
		if !grouped {
			expanded, err := all.template(name, made)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, expanded...)
			continue
		}
		for _, spec := range list(group["jobs"]) {
			of, values := reference(spec)
			variables := merged(made, group, values)
			variables["name"] = project["name"]
			expanded, err := all.template(of, variables)
			if err != nil {
				return nil, fmt.Errorf("group %s: %w", name, err)
			}
			jobs = append(jobs, expanded...)
		}
	}
	return jobs, nil
}

// template returns the jobs of a template: one for each combination of the lists among the variables of its name.
func (all items) template(name string, variables fields) ([]Job, error) {
	if _, plain := all["job"][name]; plain {
		return nil, nil
	}
	template, there := all["job-template"][name]
	if !there {
		return nil, apierr.Errorf(apierr.Invalid, "there is no job or template %s: add it", name)
	}
	template = all.defaulted(template, nil)
	delete(variables, "jobs")
	excluded := list(variables["exclude"])
	var jobs []Job
	for _, chosen := range combinations(text(template["name"]), variables) {
		params := all.defaulted(variables, template)
		maps.Copy(params, chosen)
		params = resolved(params)
		if slices.ContainsFunc(excluded, func(one any) bool { return matches(one, params) }) {
			continue
		}
		for key, value := range template {
			if _, there := params[key]; !there {
				params[key] = value
			}
		}
		expanded := fields{}
		for _, key := range []string{"name", "properties", "scm"} {
			value, err := format(template[key], params)
			if err != nil {
				return nil, fmt.Errorf("job template %s: %s: %w", name, key, err)
			}
			expanded[key] = value
		}
		jobs = append(jobs, read(expanded))
	}
	return jobs, nil
}

// read is what matters of an expanded job.
func read(job fields) Job {
	made := Job{Name: text(job["name"])}
	if github, ok := first(job["properties"])["github"].(fields); ok {
		made.Repository = strings.ReplaceAll(strings.Trim(text(github["url"]), "/"), ".git", "")
	}
	if git, ok := first(job["scm"])["git"].(fields); ok {
		if branches := list(git["branches"]); len(branches) > 0 {
			made.Ref = text(branches[0])
		}
	}
	return made
}
