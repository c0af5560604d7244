package saasfile

import (
	"context"
	"fmt"
	"slices"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Set is all saas files of app-interface.
type Set struct {
	// Files are the sound ones, in app-interface's order.
	Files []File
	// Faults are the others.
	Faults []Fault
}

// Fault is a saas file that cannot be resolved. Nothing of it is deployed, and nothing of what it deployed is removed.
type Fault struct {
	// File is the saas file's name, and Path that of its datafile.
	File, Path string
	Err        error
	// Provider is what runs its pipelines.
	Provider PipelinesProvider
	// Publishes are the channels to which its targets publish: who subscribes to them cannot know all publishers.
	Publishes []string
}

// Error names the saas file.
func (f Fault) Error() string { return fmt.Sprintf("saas file %s: %v", f.File, f.Err) }

// Unwrap returns what is wrong with it.
func (f Fault) Unwrap() error { return f.Err }

// Read reads all saas files. The namespaces of app-interface are read only where a target selects its own among them.
func Read(ctx context.Context, app graphql.Client) (Set, error) {
	answer, err := SaasFiles(ctx, app)
	if err != nil {
		return Set{}, err
	}
	if !slices.ContainsFunc(answer.Files, selects) {
		return Resolve(answer.Files, nil), nil
	}
	all, err := SaasNamespaces(ctx, app)
	if err != nil {
		return Set{}, err
	}
	return Resolve(answer.Files, all.Namespaces), nil
}

// ReadSettings reads the settings of all saas files.
func ReadSettings(ctx context.Context, app graphql.Client) (Settings, error) {
	answer, err := SaasSettings(ctx, app)
	if err != nil {
		return Settings{}, err
	}
	if len(answer.Settings) == 0 {
		return Settings{}, apierr.Errorf(apierr.Invalid, "app-interface has no settings: add a datafile of /app-interface/app-interface-settings-1.yml")
	}
	return answer.Settings[0], nil
}

// Resolve gives every target its namespace, by its selector where it has one, and renders the templates in the parameters
// of targets. The files stay as they are.
func Resolve(files []File, namespaces []Namespace) Set {
	choice := newSelection(namespaces)
	var set Set
	for _, file := range files {
		resolved, err := resolve(file, choice)
		if err != nil {
			set.Faults = append(set.Faults, Fault{File: file.Name, Path: file.Path, Err: err, Provider: file.PipelinesProvider, Publishes: published(file)})
			continue
		}
		set.Files = append(set.Files, resolved)
	}
	return set
}

func selects(file File) bool {
	for _, target := range file.Targets() {
		if target.NamespaceSelector != nil {
			return true
		}
	}
	return false
}

// published are the channels of the file's publishers, those that are deleted left out.
func published(file File) []string {
	var channels []string
	for _, target := range file.Targets() {
		if target.Promotion != nil && !target.Deleted() {
			channels = append(channels, target.Promotion.Publish...)
		}
	}
	return channels
}

func resolve(file File, choice *selection) (File, error) {
	file.ResourceTemplates = slices.Clone(file.ResourceTemplates)
	for i := range file.ResourceTemplates {
		template := &file.ResourceTemplates[i]
		targets, err := placed(template.Targets, choice)
		if err != nil {
			return File{}, fmt.Errorf("resource template %s: %w", template.Name, err)
		}
		for j := range targets {
			if err := render(&targets[j]); err != nil {
				return File{}, fmt.Errorf("resource template %s: target in %s/%s: %w", template.Name, targets[j].Namespace.Cluster.Name, targets[j].Namespace.Name, err)
			}
		}
		template.Targets = targets
	}
	return file, nil
}

// placed returns the targets with their namespaces. Those made by selectors follow the others.
func placed(targets []Target, choice *selection) ([]Target, error) {
	var named, selected []Target
	for _, target := range targets {
		selector := target.NamespaceSelector
		switch {
		case target.Namespace != nil && selector != nil:
			return nil, apierr.Errorf(apierr.Invalid, "a target has both a namespace and a namespaceSelector: remove one of them")
		case selector == nil && target.Namespace == nil:
			return nil, apierr.Errorf(apierr.Invalid, "a target has neither a namespace nor a namespaceSelector: add one of them")
		case selector == nil:
			named = append(named, target)
			continue
		case target.Provider != "dynamic":
			return nil, apierr.Errorf(apierr.Invalid, "a target has a namespaceSelector and not the provider dynamic: set the provider")
		}
		found, err := choice.find(selector.JsonPathSelectors)
		if err != nil {
			return nil, err
		}
		for _, namespace := range found {
			one := target
			one.Namespace = namespace
			selected = append(selected, one)
		}
	}
	return append(named, selected...), nil
}

// Where returns the files, with the targets, that fit all that is given: the file's name, its app and the environment of
// targets. Empty fits all. Templates and files that are left without targets by the environment are left out.
func (s Set) Where(name, app, environment string) []File {
	var fitting []File
	for _, file := range s.Files {
		if name != "" && file.Name != name || app != "" && file.App.Name != app {
			continue
		}
		if environment != "" {
			file.ResourceTemplates = within(file.ResourceTemplates, environment)
			if len(file.ResourceTemplates) == 0 {
				continue
			}
		}
		fitting = append(fitting, file)
	}
	return fitting
}

func within(templates []Template, environment string) []Template {
	var left []Template
	for _, template := range templates {
		template.Targets = slices.DeleteFunc(slices.Clone(template.Targets), func(t Target) bool {
			return t.Namespace.Environment.Name != environment
		})
		if len(template.Targets) > 0 {
			left = append(left, template)
		}
	}
	return left
}
