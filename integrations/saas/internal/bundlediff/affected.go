// Package bundlediff says which targets of saas files two bundles of app-interface deploy in another way, and which commits
// of theirs differ. It is pure.
package bundlediff

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Rollout is what one run of a deployment covers: the targets of a saas file in an environment.
type Rollout struct{ SaasFile, Environment string }

// Affected are the rollouts of head that have a target which base has not, or not in the same way, in the order of their
// names. Targets that only base has are in none. Where parameters cannot be read the target is passed over, and the error
// names its saas file.
func Affected(base, head []saasfile.File) ([]Rollout, error) {
	known := map[string]bool{}
	for i := range base {
		for template, target := range base[i].Targets() {
			if text, err := describe(&base[i], template, target); err == nil {
				known[text] = true
			}
		}
	}
	affected := map[Rollout]bool{}
	var errs []error
	for i := range head {
		for template, target := range head[i].Targets() {
			switch text, err := describe(&head[i], template, target); {
			case err != nil:
				errs = append(errs, fmt.Errorf("saas file %s, resource template %s: %w", head[i].Name, template.Name, err))
			case !known[text]:
				affected[Rollout{SaasFile: head[i].Name, Environment: target.Namespace.Environment.Name}] = true
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(affected), func(a, b Rollout) int {
		return cmp.Or(cmp.Compare(a.SaasFile, b.SaasFile), cmp.Compare(a.Environment, b.Environment))
	})
	return sorted, errors.Join(errs...)
}

// described is what makes a target deploy in another way.
//
// Differs from the reference: the parameters of the environment count too, and so do the path, the provider and the length of
// hashes of the template, the target's name and its images. There a change of these alone is not tried.
type described struct {
	Path, Place                      string
	Name                             *string
	URL, TemplatePath, Provider, Ref string
	HashLength                       *int
	Parameters                       map[string]string
	SecretParameters                 map[string]secret.Ref
	DeployResources                  *saasfile.DeployResources
	ManagedTypes, ImagePatterns      []string
	ChannelInTag                     bool
	Upstream                         *saasfile.Upstream
	Images                           []saasfile.Image
	Disable, Delete                  *bool
	TargetPath                       string
}

// level is one of those whose parameters a target has. Later ones win.
type level struct {
	parameters appinterface.JSON
	secrets    []saasfile.SecretParameter
}

// describe is a text that two targets have in common where they deploy the same in the same way.
func describe(file *saasfile.File, template *saasfile.Template, target *saasfile.Target) (string, error) {
	environment := target.Namespace.Environment
	d := described{
		Path: file.Path, Place: deployment.Place(file, template, target), Name: target.Name,
		URL: template.Url, TemplatePath: template.Path, Provider: template.RendersWith(), HashLength: template.HashLength, Ref: target.Ref,
		Parameters: map[string]string{}, SecretParameters: map[string]secret.Ref{},
		DeployResources: file.DeployResources, ManagedTypes: file.ManagedResourceTypes, ImagePatterns: file.ImagePatterns,
		ChannelInTag: file.UseChannelInImageTag != nil && *file.UseChannelInImageTag,
		Upstream:     target.Upstream, Images: target.Images, Disable: target.Disable, Delete: target.Delete, TargetPath: target.Path,
	}
	for _, level := range []level{
		{environment.Parameters, environment.SecretParameters},
		{file.Parameters, file.SecretParameters},
		{template.Parameters, template.SecretParameters},
		{target.Parameters, target.SecretParameters},
	} {
		parameters, err := saasfile.Parameters(level.parameters)
		if err != nil {
			return "", err
		}
		for _, parameter := range parameters {
			d.Parameters[parameter.Key] = pyjson.Sorted().Text(parameter.Value)
		}
		for _, parameter := range level.secrets {
			d.SecretParameters[parameter.Name] = parameter.Secret
		}
	}
	text, err := json.Marshal(d)
	return string(text), err
}
