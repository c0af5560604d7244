// Package saasfile reads saas files from app-interface: which templates of which repositories are deployed to which
// namespaces, with which parameters. What it returns is resolved: every target has its namespace, and the templates in
// the parameters of targets are rendered.
package saasfile

import (
	"encoding/hex"
	"iter"
	"strings"
)

// Tekton is the pipelines provider that runs deployments as PipelineRuns.
type Tekton = PipelinesProviderPipelinesProviderTektonV1

// ParentSaas is the promotion data that an automatic promotion leaves in a target: the configuration of the publisher that
// was promoted.
type ParentSaas = ChannelDataParentSaasPromotionV1

// DefaultProvider is the provider of a template that names none.
const DefaultProvider = "openshift-template"

// Targets returns the file's targets with their templates, in order.
func (f *File) Targets() iter.Seq2[*Template, *Target] {
	return func(yield func(*Template, *Target) bool) {
		for i := range f.ResourceTemplates {
			template := &f.ResourceTemplates[i]
			for j := range template.Targets {
				if !yield(template, &template.Targets[j]) {
					return
				}
			}
		}
	}
}

// RendersWith is the name of what makes resources of the template's files.
func (t *Template) RendersWith() string {
	if t.Provider == "" {
		return DefaultProvider
	}
	return t.Provider
}

// ShortHash is the number of characters of a commit that image tags have; the saas files' default where the template does not say.
func (t *Template) ShortHash(byDefault int) int {
	if t.HashLength == nil || *t.HashLength == 0 {
		return byDefault
	}
	return *t.HashLength
}

// Disabled says that the target is not deployed.
func (t *Target) Disabled() bool { return t.Disable != nil && *t.Disable }

// Deleted says that everything that the target deployed is removed.
func (t *Target) Deleted() bool { return t.Delete != nil && *t.Delete }

// UID identifies the target in the states of promotions. It is the reference's: states carry it.
func (t *Target) UID(file, template string) string {
	name := "default"
	if t.Name != nil && *t.Name != "" {
		name = *t.Name
	}
	sum := blake2s([]byte(strings.Join([]string{file, template, name, t.Namespace.Cluster.Name, t.Namespace.Name}, ":")), 20)
	return hex.EncodeToString(sum)
}

// URL is the image's repository.
func (i Image) URL() string { return i.Org.Instance.Url + "/" + i.Org.Name + "/" + i.Name }

// PipelineTemplate is the name of the pipeline that deploys: the provider's own, else that of its defaults.
func (t *Tekton) PipelineTemplate() string {
	if t.PipelineTemplates != nil {
		return t.PipelineTemplates.OpenshiftSaasDeploy.Name
	}
	return t.Defaults.PipelineTemplates.OpenshiftSaasDeploy.Name
}

// IsCommit says whether a ref is the full SHA of a commit.
//
// Differs from the reference: a newline at the end makes it none.
func IsCommit(ref string) bool {
	return len(ref) == 40 && strings.Trim(ref, "0123456789abcdef") == ""
}
