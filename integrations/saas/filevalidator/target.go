package filevalidator

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
)

// check applies the rules that concern one saas file alone.
func check(made *findings, file *saasfile.File) {
	if len(file.App.SelfServiceRoles) == 0 {
		made.add(file.Name, "app %s has no self-service roles: give it one, so that somebody may change the saas file", file.App.Name)
	}
	secrets(made, file, "the saas file", file.SecretParameters)
	for i := range file.ResourceTemplates {
		template := &file.ResourceTemplates[i]
		secrets(made, file, "resource template "+template.Name, template.SecretParameters)
	}
	for template, target := range file.Targets() {
		at := place(template, target)
		secrets(made, file, at, target.SecretParameters)
		environment := target.Namespace.Environment
		secrets(made, file, "environment "+environment.Name, environment.SecretParameters)
		inApp(made, file, at, target)
		promoted(made, file, at, target)
		triggers(made, file, at, target)
		parameters(made, file, at, target)
	}
}

// secrets refuses references to secrets outside the paths that the saas file allows. A path allows itself and what is below.
func secrets(made *findings, file *saasfile.File, at string, secrets []saasfile.SecretParameter) {
	allowed := file.AllowedSecretParameterPaths
	if len(secrets) > 0 && len(allowed) == 0 {
		made.add(file.Name, "it has secret parameters and no allowedSecretParameterPaths: list the paths that they may be read from")
		return
	}
	for _, parameter := range secrets {
		path := parameter.Secret.Path
		if !slices.ContainsFunc(allowed, func(one string) bool { return path == one || strings.HasPrefix(path, one+"/") }) {
			made.add(file.Name, "%s: the secret parameter %s is at %s, which allowedSecretParameterPaths does not allow: add the path, or use another secret", at, parameter.Name, path)
		}
	}
}

func inApp(made *findings, file *saasfile.File, at string, target *saasfile.Target) {
	if file.ValidateTargetsInApp == nil || !*file.ValidateTargetsInApp {
		return
	}
	allowed := []string{file.App.Name}
	if file.App.ParentApp != nil {
		allowed = append(allowed, file.App.ParentApp.Name)
	}
	if app := target.Namespace.App.Name; !slices.Contains(allowed, app) {
		made.add(file.Name, "%s: the namespace belongs to app %s, and validateTargetsInApp allows %s alone", at, app, strings.Join(allowed, " and "))
	}
}

// promoted applies the rules of automatic promotions.
func promoted(made *findings, file *saasfile.File, at string, target *saasfile.Target) {
	promotion := target.Promotion
	if promotion == nil || promotion.Auto == nil || !*promotion.Auto {
		return
	}
	if !saasfile.IsCommit(target.Ref) {
		made.add(file.Name, "%s: it is promoted automatically, and its ref %s is no commit: set the full SHA of one", at, target.Ref)
	}
	if len(promotion.Subscribe) == 0 {
		return
	}
	for _, data := range promotion.PromotionData {
		if data.Channel == nil || !slices.Contains(promotion.Subscribe, *data.Channel) {
			made.add(file.Name, "%s: it has promotion_data for channel %s, to which it does not subscribe: remove them", at, channelName(data.Channel))
		}
	}
}

func channelName(name *string) string {
	if name == nil {
		return "(none)"
	}
	return *name
}

// triggers refuses triggers that exclude each other.
func triggers(made *findings, file *saasfile.File, at string, target *saasfile.Target) {
	byCommit := saasfile.IsCommit(target.Ref)
	if target.Upstream != nil && byCommit {
		made.add(file.Name, "%s: it has an upstream job, and its ref %s is a commit, which no build changes: name a branch, or remove upstream", at, target.Ref)
	}
	if target.Upstream != nil && len(target.Images) > 0 {
		made.add(file.Name, "%s: it has an upstream job and images: remove one of them", at)
	}
	if len(target.Images) > 0 && byCommit {
		made.add(file.Name, "%s: it has images, and its ref %s is a commit, which has one tag for ever: name a branch, or remove images", at, target.Ref)
	}
}
