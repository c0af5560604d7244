// Package helmchart makes the objects of Helm charts, as `helm template CHART --namespace NAMESPACE --values VALUES` prints
// them: with the objects of hooks and tests, and without the definitions in crds. It reads and writes nothing, and templates
// look nothing up in clusters or in DNS.
package helmchart

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/ignore"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

// Chart is a chart with its dependencies. It does not change, so that one that was read once serves many targets.
type Chart struct{ files []*loader.BufferedFile }

// Load reads a chart from its files by their paths in it. Those that its .helmignore names are left out. What is no chart, or
// one that others are made with, is Invalid, and so is one that lacks a dependency: those are in its folder charts.
//
// Differs from the reference: dependencies are not downloaded. There each deployment fetches them from their repositories.
func Load(files map[string][]byte) (*Chart, error) {
	rules := ignore.Empty()
	if text, has := files[ignore.HelmIgnore]; has {
		var err error
		if rules, err = ignore.Parse(bytes.NewReader(text)); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "%s of the chart: %w", ignore.HelmIgnore, err)
		}
	}
	rules.AddDefaults()
	c := &Chart{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !ignored(rules, name) {
			c.files = append(c.files, &loader.BufferedFile{Name: name, Data: bytes.TrimPrefix(files[name], []byte("\xef\xbb\xbf"))})
		}
	}
	made, err := c.load()
	if err != nil {
		return nil, err
	}
	if kind := made.Metadata.Type; kind != "" && kind != "application" {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s is of type %s: name one that makes objects", made.Name(), kind)
	}
	var missing []string
	for _, wanted := range made.Metadata.Dependencies {
		if !slices.ContainsFunc(made.Dependencies(), func(d *chart.Chart) bool { return d.Name() == wanted.Name }) {
			missing = append(missing, wanted.Name)
		}
	}
	if len(missing) > 0 {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s lacks dependencies, %s: commit what `helm dependency build` puts into its folder charts", made.Name(), strings.Join(missing, ", "))
	}
	return c, nil
}

// ignored says whether the rules leave out a file, or a folder that it is in.
func ignored(rules *ignore.Rules, name string) bool {
	for at, c := range name {
		if c == '/' && rules.Ignore(name[:at], entry{name[:at], true}) {
			return true
		}
	}
	return rules.Ignore(name, entry{name, false})
}

// entry is a file or a folder as rules see it.
type entry struct {
	path   string
	folder bool
}

func (e entry) Name() string     { return path.Base(e.path) }
func (e entry) Size() int64      { return 0 }
func (entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool      { return e.folder }
func (entry) Sys() any           { return nil }
func (e entry) Mode() fs.FileMode {
	if e.folder {
		return fs.ModeDir
	}
	return 0
}

// load makes a chart of the files; rendering changes it.
func (c *Chart) load() (*chart.Chart, error) {
	made, err := loader.LoadFiles(c.files)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "it is no chart: %w", err)
	}
	if err := made.Validate(); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "it is no chart: %w", err)
	}
	return made, nil
}

// release is the name that `helm template` gives releases without a name.
const release = "release-name"

// kubernetes is the version that charts are rendered for.
var kubernetes = chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}

// Render makes the objects for a namespace, with values as JSON or YAML that win over the chart's own. Errors of a chart's
// templates are its own words, which may have values in them.
func (c *Chart) Render(namespace string, values []byte) ([]any, error) {
	made, err := c.load()
	if err != nil {
		return nil, err
	}
	given, err := chartutil.ReadValues(values)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the values for chart %s are no names with values", made.Name())
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = kubernetes
	if wanted := made.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, kubernetes.Version) {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s is for Kubernetes %s, and it is rendered for %s: widen its kubeVersion", made.Name(), wanted, kubernetes.Version)
	}
	if err := chartutil.ProcessDependenciesWithMerge(made, given); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s: its dependencies: %w", made.Name(), err)
	}
	all, err := chartutil.ToRenderValues(made, given, chartutil.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}, capabilities)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s: %w", made.Name(), err)
	}
	texts, err := engine.Render(made, all)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "chart %s: %w", made.Name(), err)
	}
	return objects(texts)
}

// objects are those of the rendered files, in the order of the files' names. Partials and notes are none.
func objects(texts map[string]string) ([]any, error) {
	var all []any
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if strings.HasPrefix(path.Base(name), "_") || strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		documents, err := yaml11.ParseAll(texts[name])
		if err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "what %s makes: %w", name, err)
		}
		for _, document := range documents {
			if document != nil {
				all = append(all, document)
			}
		}
	}
	return all, nil
}
