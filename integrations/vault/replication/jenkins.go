package replication

import (
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var (
	// secretPathLine is a path in the configuration of a Jenkins instance.
	secretPathLine = regexp.MustCompile(`secret-path:\s*['"]([^'"]+)['"]`)
	variable       = regexp.MustCompile(`\{+[^{}]*\}+`)
)

// jenkinsPaths are the paths that the configurations of a Jenkins instance read, in their order and each once. Some have
// variables in braces.
func jenkinsPaths(configs []jenkinsConfig, instance string) []string {
	var paths []string
	for _, config := range configs {
		if config.Instance.Name != instance || config.ConfigPath == nil {
			continue
		}
		for line := range strings.Lines(config.ConfigPath.Content) {
			found := secretPathLine.FindStringSubmatch(line)
			if found != nil && !slices.Contains(paths, found[1]) {
				paths = append(paths, found[1])
			}
		}
	}
	return paths
}

// template is a path with variables.
type template struct {
	// folder is where the secrets are that it can mean.
	folder  string
	pattern *regexp.Regexp
}

// parseTemplate returns nil for a path without variables. A variable stands for any text, with slashes too; the mount has
// to be named.
//
// Differs from the reference: what stands around the variables of a path in Jenkins's configuration has to be there in its
// order. The reference looks for each part anywhere in a secret's path and so copies secrets that the path cannot mean.
func parseTemplate(path string) (*template, error) {
	first := variable.FindStringIndex(path)
	if first == nil {
		if strings.ContainsAny(path, "{}") {
			return nil, apierr.Errorf(apierr.Invalid, "secret-path %q has a brace without its other half: correct it", path)
		}
		return nil, nil //nolint:nilnil // a path without variables is no template.
	}
	slash := strings.LastIndex(path[:first[0]], "/")
	if slash < 0 {
		return nil, apierr.Errorf(apierr.Invalid, "secret-path %q has a variable in its mount: name the mount", path)
	}
	var pattern strings.Builder
	end := 0
	for _, at := range variable.FindAllStringIndex(path, -1) {
		pattern.WriteString(regexp.QuoteMeta(path[end:at[0]]) + ".+")
		end = at[1]
	}
	pattern.WriteString(regexp.QuoteMeta(path[end:]))
	matcher, err := regexp.Compile("^" + pattern.String() + "$")
	return &template{folder: path[:slash+1], pattern: matcher}, err
}

// among returns the secrets that the template can mean.
func (t *template) among(secrets []string) []string {
	return slices.DeleteFunc(slices.Clone(secrets), func(path string) bool { return !t.pattern.MatchString(path) })
}
