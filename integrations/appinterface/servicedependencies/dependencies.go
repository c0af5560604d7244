package servicedependencies

import (
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

type app = ServiceDependenciesAppsAppV1

// mappings are the names of the services by type of dependency: "github", "quay", a Jenkins instance, a provider.
type mappings map[string][]string

// required returns the services that the app uses, sorted.
func (m mappings) required(a app) []string {
	names := map[string]bool{}
	for _, kind := range kinds(a) {
		for _, name := range m[kind] {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// kinds returns the types of dependency that follow from the app's other fields.
func kinds(a app) []string {
	var kinds []string
	for _, component := range a.CodeComponents {
		if strings.Contains(component.Url, "gitlab") {
			kinds = append(kinds, "gitlab")
		}
		if strings.Contains(component.Url, "github.com") {
			kinds = append(kinds, "github")
		}
	}
	for _, config := range a.JenkinsConfigs {
		kinds = append(kinds, config.Instance.Name)
	}
	for _, file := range a.SaasFiles {
		kinds = append(kinds, deployment(file)...)
	}
	if len(a.QuayRepos) > 0 {
		kinds = append(kinds, "quay")
	}
	for _, namespace := range a.Namespaces {
		kinds = append(kinds, "openshift")
		if managed := namespace.ManagedExternalResources; managed == nil || !*managed {
			continue
		}
		for _, resource := range namespace.ExternalResources {
			kinds = append(kinds, resource.GetProvider())
		}
	}
	return kinds
}

// deployment returns what a saas file needs: OpenShift for its Tekton pipelines, and the Jenkins of its upstream jobs.
func deployment(file ServiceDependenciesAppsAppV1SaasFilesSaasFileV2) []string {
	var kinds []string
	if file.PipelinesProvider.GetProvider() == "tekton" {
		kinds = append(kinds, "openshift")
	}
	for _, template := range file.ResourceTemplates {
		for _, target := range template.Targets {
			if target.Upstream != nil {
				kinds = append(kinds, target.Upstream.Instance.Name)
			}
		}
	}
	return kinds
}

func compare(a app, m mappings) []reconcile.Finding {
	var declared []string
	for _, dependency := range a.Dependencies {
		declared = append(declared, dependency.Name)
	}
	required := m.required(a)
	var findings []reconcile.Finding
	add := func(severity plan.Severity, message string) {
		findings = append(findings, reconcile.Finding{Severity: severity, Subject: "app " + a.Name, Message: message})
	}
	if missing := without(required, declared); len(missing) > 0 {
		add(plan.SeverityError, "has missing dependencies: "+strings.Join(missing, ", ")+"; add them to its dependencies")
	}
	if redundant := without(declared, required); len(redundant) > 0 {
		add(plan.SeverityInfo, "has redundant dependencies: "+strings.Join(redundant, ", "))
	}
	return findings
}

// without returns the names that others lacks, sorted.
func without(names, others []string) []string {
	left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
	slices.Sort(left)
	return slices.Compact(left)
}
