// Package trigger decides which targets of saas files are deployed because something changed: their configuration, the
// commit of their branch, the build of their upstream job, their images. It is pure: what stands in the state and what
// Jenkins, registries and hosts of code answer, it is given.
package trigger

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// Kind is what a trigger watches.
type Kind int

// The kinds.
const (
	Configurations Kind = iota
	MovingCommits
	UpstreamJobs
	ContainerImages
)

// Watch is one value of a target whose change deploys the target.
type Watch struct {
	Kind     Kind
	File     *saasfile.File
	Template *saasfile.Template
	Target   *saasfile.Target
	// Key is where the state keeps the value, and Value is what it is now: text, or a pyjson.Object (see Text). Keys and
	// values are the reference's.
	Key   string
	Value any
	// Reason tells people what changed, with a link.
	Reason string
}

// Text is the value as the state keeps it.
func (w Watch) Text() string { return pyjson.Default().Text(w.Value) }

// Configs watch the configurations of a file's targets, sorted by their keys. Disabled targets have none. Of two targets
// with one key the last one counts. Change is the page of the commit of app-interface that is read.
func Configs(file *saasfile.File, change string) ([]Watch, error) {
	watches := map[string]Watch{}
	for template, target := range file.Targets() {
		if target.Disabled() {
			continue
		}
		config, err := deployment.Config(file, template, target)
		if err != nil {
			return nil, err
		}
		// Every change of a target with automatic promotions counts as one: most are.
		reason := change
		if target.Promotion != nil && target.Promotion.Auto != nil && *target.Promotion.Auto {
			reason += " [auto-promotion]"
		}
		key := deployment.Key(file, template, target)
		watches[key] = Watch{Kind: Configurations, File: file, Template: template, Target: target, Key: key, Value: config, Reason: reason}
	}
	var sorted []Watch
	for _, key := range slices.Sorted(maps.Keys(watches)) {
		sorted = append(sorted, watches[key])
	}
	return sorted, nil
}

// Moves says whether a target is deployed when the commit of its ref changes: its ref is no commit, and neither a job nor
// images tell when to deploy it.
func Moves(target *saasfile.Target) bool {
	return !target.Disabled() && target.Upstream == nil && len(target.Images) == 0 && !saasfile.IsCommit(target.Ref)
}

// Commit watches the commit that the ref of a target that moves stands for.
func Commit(file *saasfile.File, template *saasfile.Template, target *saasfile.Target, commit string) Watch {
	return Watch{
		Kind: MovingCommits, File: file, Template: template, Target: target,
		Key: deployment.Place(file, template, target) + "/" + target.Ref, Value: commit,
		Reason: page(template, commit),
	}
}

// Job watches the last build of the upstream job of a target: the fields that Jenkins answers for it, in its order, with
// the commit that was built as commit_sha where Jenkins knows it. The error is Invalid where the build has no number.
func Job(file *saasfile.File, template *saasfile.Template, target *saasfile.Target, build pyjson.Object) (Watch, error) {
	job := target.Upstream
	value, _ := build.Get("number")
	number := pyjson.Compact().Text(value)
	if _, err := strconv.Atoi(number); err != nil {
		return Watch{}, apierr.Errorf(apierr.Invalid, "the last build of job %s on %s has no number", job.Name, job.Instance.Name)
	}
	reason := job.Instance.ServerUrl + "/job/" + job.Name + "/" + number
	if commit, _ := build.Get("commit_sha"); commit != nil && commit != "" {
		if sha, isText := commit.(string); isText {
			reason = page(template, sha) + " via " + reason
		}
	}
	return Watch{
		Kind: UpstreamJobs, File: file, Template: template, Target: target,
		Key: deployment.Place(file, template, target) + "/" + job.Instance.Name + "/" + job.Name, Value: build, Reason: reason,
	}, nil
}

// Images watches the tag that the images of a target have at a commit of its ref. ByDefault is how many characters of the
// commit tags have where the template does not say. The target is deployed only if all its images are there (Pull).
func Images(file *saasfile.File, template *saasfile.Template, target *saasfile.Target, commit string, byDefault int) Watch {
	tag := commit[:min(len(commit), template.ShortHash(byDefault))]
	return Watch{
		Kind: ContainerImages, File: file, Template: template, Target: target,
		Key: deployment.Place(file, template, target) + "/" + strings.Join(repositories(target), "/"), Value: tag,
		Reason: page(template, commit) + " build " + strings.Join(Pull(target, tag), ", "),
	}
}

// Pull are the images of a target with a tag, sorted.
func Pull(target *saasfile.Target, tag string) []string {
	images := repositories(target)
	for i := range images {
		images[i] += ":" + tag
	}
	return images
}

func repositories(target *saasfile.Target) []string {
	var all []string
	for _, image := range target.Images {
		all = append(all, image.URL())
	}
	slices.Sort(all)
	return all
}

func page(template *saasfile.Template, commit string) string {
	return template.Url + "/commit/" + commit
}
