package servicedependencies

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

type (
	component  = ServiceDependenciesAppsAppV1CodeComponentsAppCodeComponentsV1
	dependency = ServiceDependenciesAppsAppV1DependenciesDependencyV1
	namespace  = ServiceDependenciesAppsAppV1NamespacesNamespaceV1
	external   = ServiceDependenciesAppsAppV1NamespacesNamespaceV1ExternalResourcesNamespaceExternalResourceV1
	aws        = ServiceDependenciesAppsAppV1NamespacesNamespaceV1ExternalResourcesNamespaceTerraformProviderResourceAWSV1
	cloudflare = ServiceDependenciesAppsAppV1NamespacesNamespaceV1ExternalResourcesNamespaceTerraformProviderResourceCloudflareV1
	jenkins    = ServiceDependenciesAppsAppV1JenkinsConfigsJenkinsConfigV1
	saasFile   = ServiceDependenciesAppsAppV1SaasFilesSaasFileV2
	template   = ServiceDependenciesAppsAppV1SaasFilesSaasFileV2ResourceTemplatesSaasResourceTemplateV2
	target     = ServiceDependenciesAppsAppV1SaasFilesSaasFileV2ResourceTemplatesSaasResourceTemplateV2TargetsSaasResourceTemplateTargetV2
	upstream   = ServiceDependenciesAppsAppV1SaasFilesSaasFileV2ResourceTemplatesSaasResourceTemplateV2TargetsSaasResourceTemplateTargetV2UpstreamSaasResourceTemplateTargetUpstreamV1
	tekton     = ServiceDependenciesAppsAppV1SaasFilesSaasFileV2PipelinesProviderPipelinesProviderTektonV1
	quayRepo   = ServiceDependenciesAppsAppV1QuayReposAppQuayReposV1
)

func TestKinds(t *testing.T) {
	yes, no := true, false
	resources := []external{&aws{Provider: "aws"}, &cloudflare{Provider: "cloudflare"}}
	config := jenkins{}
	config.Instance.Name = "ci-int"
	triggered := target{Upstream: &upstream{}}
	triggered.Upstream.Instance.Name = "ci-ext"
	for _, tc := range []struct {
		name string
		app  app
		want []string
	}{
		{"an app without anything uses nothing", app{}, nil},
		{"a GitLab is any host with gitlab in its name", app{CodeComponents: []component{{Url: "https://gitlab.cee.example.com/a/b"}}}, []string{"gitlab"}},
		{"GitHub is github.com alone", app{CodeComponents: []component{{Url: "https://github.com/a/b"}, {Url: "https://github.example.com/a/b"}}}, []string{"github"}},
		{"a mirror of both counts as both", app{CodeComponents: []component{{Url: "https://gitlab.example.com/mirrors/github.com/a"}}}, []string{"gitlab", "github"}},
		{"capitals are not recognised", app{CodeComponents: []component{{Url: "https://GitHub.com/a/b"}, {Url: "https://GITLAB.example.com/a/b"}}}, nil},
		{"a Jenkins config needs its instance", app{JenkinsConfigs: []jenkins{config}}, []string{"ci-int"}},
		{"a Tekton pipeline runs on OpenShift", app{SaasFiles: []saasFile{{PipelinesProvider: &tekton{Provider: "tekton"}}}}, []string{"openshift"}},
		{
			"a pipeline of another provider does not, and its upstream job needs its Jenkins",
			app{SaasFiles: []saasFile{{PipelinesProvider: &tekton{Provider: "other"}, ResourceTemplates: []template{{Targets: []target{{}, triggered}}}}}},
			[]string{"ci-ext"},
		},
		{"Quay repositories need Quay", app{QuayRepos: []quayRepo{{}}}, []string{"quay"}},
		{"a namespace is on OpenShift", app{Namespaces: []namespace{{}}}, []string{"openshift"}},
		{"managed external resources need their providers", app{Namespaces: []namespace{{ManagedExternalResources: &yes, ExternalResources: resources}}}, []string{"openshift", "aws", "cloudflare"}},
		{"external resources that are not managed need none", app{Namespaces: []namespace{{ManagedExternalResources: &no, ExternalResources: resources}}}, []string{"openshift"}},
		{"external resources that nobody calls managed need none", app{Namespaces: []namespace{{ExternalResources: resources}}}, []string{"openshift"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, kinds(tc.app))
		})
	}
}

func TestCompare(t *testing.T) {
	m := mappings{"github": {"github"}, "quay": {"quay.io", "quay.stage"}}
	used := app{Name: "payments", CodeComponents: []component{{Url: "https://github.com/a/b"}}, QuayRepos: []quayRepo{{}}}
	finding := func(severity plan.Severity, message string) reconcile.Finding {
		return reconcile.Finding{Severity: severity, Subject: "app payments", Message: message}
	}
	for _, tc := range []struct {
		name     string
		declared []dependency
		want     []reconcile.Finding
	}{
		{"all services are declared", []dependency{{Name: "quay.stage"}, {Name: "github"}, {Name: "quay.io"}}, nil},
		{"missing services are listed in order", nil, []reconcile.Finding{
			finding(plan.SeverityError, "has missing dependencies: github, quay.io, quay.stage; add them to its dependencies"),
		}},
		{"redundant services are a remark, each once", []dependency{{Name: "quay.stage"}, {Name: "github"}, {Name: "quay.io"}, {Name: "kafka"}, {Name: "kafka"}}, []reconcile.Finding{
			finding(plan.SeverityInfo, "has redundant dependencies: kafka"),
		}},
		{"both can be said of one app", []dependency{{Name: "kafka"}, {Name: "quay.io"}, {Name: "quay.stage"}}, []reconcile.Finding{
			finding(plan.SeverityError, "has missing dependencies: github; add them to its dependencies"),
			finding(plan.SeverityInfo, "has redundant dependencies: kafka"),
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := used
			a.Dependencies = tc.declared
			require.Equal(t, tc.want, compare(a, m))
		})
	}
}
