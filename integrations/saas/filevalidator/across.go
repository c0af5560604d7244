package filevalidator

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
)

// names refuses saas files with one name, and names that deployments cannot be told apart by.
func names(made *findings, set saasfile.Set) {
	paths := map[string][]string{}
	for _, file := range set.Files {
		paths[file.Name] = append(paths[file.Name], file.Path)
	}
	for _, fault := range set.Faults {
		paths[fault.File] = append(paths[fault.File], fault.Path)
	}
	runs := map[string]string{}
	for i := range set.Files {
		file := &set.Files[i]
		if all := paths[file.Name]; len(all) > 1 {
			made.add(file.Name, "its name is not unique: %s", strings.Join(all, ", "))
		}
		for _, target := range file.Targets() {
			environment := target.Namespace.Environment.Name
			short, long := tekton.RunName(file.Name, environment)
			if other, taken := runs[short]; taken && other != long {
				made.add(file.Name, "its deployments to environment %s are named %s, as those of %s are: shorten the name of the saas file or of the environment, so that their first 56 characters differ", environment, short, other)
			}
			runs[short] = long
		}
	}
}

// publisher is a target that publishes to a channel.
type publisher struct{ path, template, url, uid string }

// channels refuses subscriptions to what nobody publishes, and promotions from one repository to another.
func channels(made *findings, set saasfile.Set) {
	publishers := published(made, set)
	faulty := map[string]bool{}
	for _, fault := range set.Faults {
		for _, channel := range fault.Publishes {
			faulty[channel] = true
		}
	}
	for i := range set.Files {
		file := &set.Files[i]
		for template, target := range file.Targets() {
			if target.Promotion == nil {
				continue
			}
			for _, channel := range target.Promotion.Subscribe {
				if len(publishers[channel]) == 0 && !faulty[channel] {
					made.add(file.Name, "%s: no target publishes to channel %s: add it to a publisher, or do not subscribe to it", place(template, target), channel)
				}
				within(made, file, template, target, channel, publishers[channel])
			}
		}
	}
}

// within refuses promotions to a target from another repository than its own.
func within(made *findings, file *saasfile.File, template *saasfile.Template, target *saasfile.Target, channel string, publishers []publisher) {
	for _, from := range publishers {
		if from.url != template.Url {
			made.add(file.Name, "%s: it deploys %s, and subscribes to channel %s, where resource template %s of %s publishes commits of %s: promote within one repository",
				place(template, target), template.Url, channel, from.template, from.path, from.url)
		}
	}
}

// published returns the publishers of all channels, and refuses what publishes to one more than once.
func published(made *findings, set saasfile.Set) map[string][]publisher {
	publishers := map[string][]publisher{}
	for i := range set.Files {
		file := &set.Files[i]
		for template, target := range file.Targets() {
			if target.Promotion == nil {
				continue
			}
			this := publisher{file.Path, template.Name, template.Url, target.UID(file.Name, template.Name)}
			for _, channel := range target.Promotion.Publish {
				if slices.Contains(publishers[channel], this) {
					made.add(file.Name, "%s: it publishes to channel %s more than once: remove the others, or give targets with one namespace names", place(template, target), channel)
					continue
				}
				publishers[channel] = append(publishers[channel], this)
			}
		}
	}
	return publishers
}

// repositories refuses code that no app has among its codeComponents.
func repositories(made *findings, set saasfile.Set, apps []app) {
	known := map[string]bool{}
	for _, app := range apps {
		for _, component := range app.CodeComponents {
			known[component.Url] = true
		}
	}
	for _, file := range set.Files {
		for _, template := range file.ResourceTemplates {
			if !known[template.Url] {
				made.add(file.Name, "no app has the repository %s among its codeComponents: add it to one", template.Url)
			}
		}
	}
}

// patterns refuses images of organisations that app-interface does not have, in registries that it has.
func patterns(made *findings, set saasfile.Set, instances []quayInstance, orgs []quayOrg) {
	for _, file := range set.Files {
		for _, pattern := range file.ImagePatterns {
			parts := strings.Split(pattern, "/")
			if len(parts) < 2 || !slices.ContainsFunc(instances, func(one quayInstance) bool { return one.Url == parts[0] }) {
				continue
			}
			if !slices.ContainsFunc(orgs, func(one quayOrg) bool { return one.Instance.Url == parts[0] && one.Name == parts[1] }) {
				made.add(file.Name, "the image pattern %s is of the organisation %s, which app-interface does not have in %s: add a quay-org datafile", pattern, parts[1], parts[0])
			}
		}
	}
}
