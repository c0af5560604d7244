package openshiftsaasdeploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/codehost"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/helmchart"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/openshifttemplate"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/yaml11"
)

// rendering makes the objects of targets of a stage.
type rendering struct {
	*reconciler
	scope  reconcile.Scope
	stage  *stage
	checks *checks
	code   *codehost.View
}

// rendering begins the rendering of a stage.
func (r *reconciler) rendering(ctx context.Context, s reconcile.Scope, st *stage) *rendering {
	return &rendering{reconciler: r, scope: s, stage: st, checks: r.newChecks(ctx, st), code: r.code(r.at(s))}
}

// repository has the target's template.
func (r *rendering) repository(t *target) codehost.Repository {
	var token *secret.Ref
	if r.stage.file.Authentication != nil {
		token = r.stage.file.Authentication.Code
	}
	return r.code.Repository(t.template.Url, token)
}

// resolve returns the commit that the target's ref stands for; of a rollback the one that succeeded before it.
func (r *rendering) resolve(ctx context.Context, t *target) (string, error) {
	commit := t.Ref
	if !saasfile.IsCommit(commit) {
		var err error
		if commit, err = r.repository(t).Commit(ctx, t.Ref); err != nil {
			return "", err
		}
	}
	if !r.scope.Args.Bool(RollbackFlag) {
		return commit, nil
	}
	latest, err := r.recorded(ctx, r.scope, t.name)
	if err != nil {
		return "", err
	}
	earlier := latest.before(commit)
	if earlier == "" {
		return "", apierr.Errorf(apierr.Invalid, "no other commit than %s is known to have succeeded here: set the ref to one in app-interface", short(commit))
	}
	return earlier, nil
}

// bodies makes the managed objects of a target, as of a commit.
func (r *rendering) bodies(ctx context.Context, t *target, commit string) ([]namespaced.Body, error) {
	made, err := r.made(ctx, t, commit)
	if err != nil {
		return nil, fmt.Errorf("[%s/%s] %s: %w", r.stage.file.Name, t.template.Name, deployment.Page(t.template, t.Target), err)
	}
	sensitive := r.sensitive(t)
	var bodies []namespaced.Body
	for _, object := range made {
		kind, _ := object["kind"].(string)
		if !r.stage.manages(object) {
			logging.From(ctx).Debug("object skipped: it is not managed", "kind", kind, "target", t.name)
			continue
		}
		linkAlerts(object, deployment.Page(t.template, t.Target))
		bodies = append(bodies, namespaced.Body{Object: object, Secret: sensitive || kind == "Secret"})
	}
	return bodies, nil
}

// made makes the objects by the template's provider.
func (r *rendering) made(ctx context.Context, t *target, commit string) ([]map[string]any, error) {
	switch provider := t.template.RendersWith(); provider {
	case saasfile.DefaultProvider:
		text, err := r.repository(t).File(ctx, t.template.Path, commit)
		if err != nil {
			return nil, fmt.Errorf("fetch the template: %w", err)
		}
		return r.processed(ctx, t, commit, string(text))
	case "directory":
		files, err := r.repository(t).Folder(ctx, t.template.Path, commit)
		if err != nil {
			return nil, fmt.Errorf("fetch the folder, of which files in folders are no part: %w", err)
		}
		return manifests(files)
	case "helm":
		files, err := r.repository(t).Tree(ctx, t.template.Path, commit)
		if err != nil {
			return nil, fmt.Errorf("fetch the chart: %w", err)
		}
		return r.charted(ctx, t, files)
	default:
		return nil, apierr.Errorf(apierr.Invalid, "the provider %s is not known: use openshift-template, directory or helm", provider)
	}
}

// charted makes the objects of a Helm chart. Its values are the parameters as they are written.
func (r *rendering) charted(ctx context.Context, t *target, files map[string][]byte) ([]map[string]any, error) {
	chart, err := helmchart.Load(files)
	if err != nil {
		return nil, err
	}
	values, err := r.values(ctx, t, true)
	if err != nil {
		return nil, err
	}
	made, err := chart.Render(t.Namespace.Name, []byte(pyjson.Compact().Text(values.Reveal())))
	if err != nil && r.sensitive(t) {
		return nil, apierr.Errorf(apierr.Invalid, "the chart cannot be rendered with these parameters; why is not shown, because it may quote secrets: render it by hand with others")
	}
	return objectsOf(made), err
}

// objectsOf are the maps among documents. What is none is no object.
func objectsOf(documents []any) []map[string]any {
	var objects []map[string]any
	for _, document := range documents {
		if object, ok := document.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// processed makes the objects of an OpenShift template.
func (r *rendering) processed(ctx context.Context, t *target, commit, text string) ([]map[string]any, error) {
	document, err := yaml11.Parse(text)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "read the template: %w", err)
	}
	object, _ := document.(map[string]any)
	template, err := openshifttemplate.Parse(object)
	if err != nil {
		return nil, err
	}
	values, err := r.values(ctx, t, false)
	if err != nil {
		return nil, err
	}
	tag, err := values.AddCommit(commit, t.template.ShortHash(r.stage.hashLength), namespaced.IsTrue(r.stage.file.UseChannelInImageTag))
	if err != nil {
		return nil, err
	}
	declared := slices.DeleteFunc([]string{"REPO_DIGEST", "IMAGE_DIGEST"}, func(name string) bool { return !template.Declares(name) })
	image, needed, err := values.DigestOf(declared, tag)
	if err != nil {
		return nil, err
	}
	if needed {
		digest, err := r.checks.digest(ctx, image)
		if err != nil {
			return nil, err
		}
		values.AddDigest(declared, strings.TrimSuffix(image, ":"+tag), digest)
	}
	given := texts(values)
	return template.Process(given, generator(given, t.UID(r.stage.file.Name, t.template.Name), commit))
}

// values are the effective parameters of a target.
func (r *rendering) values(ctx context.Context, t *target, asWritten bool) (*deployment.Values, error) {
	return deployment.Collect(r.stage.file, t.template, t.Target, asWritten, func(ref secret.Ref) (secret.Value, error) {
		return r.secrets.Read(ctx, ref)
	})
}

// texts are parameters as OpenShift's command line takes them.
func texts(values *deployment.Values) map[string]string {
	given := map[string]string{}
	for _, member := range values.Reveal() {
		switch value := member.Value.(type) {
		case nil:
			given[member.Key] = "None"
		case string:
			given[member.Key] = value
		default:
			given[member.Key] = pyjson.Default().Text(value)
		}
	}
	return given
}

// sensitive says whether parameters of the target are secrets, so that any of its objects may hold them.
func (r *rendering) sensitive(t *target) bool {
	return len(r.stage.file.SecretParameters)+len(t.template.SecretParameters)+len(t.SecretParameters)+
		len(t.Namespace.Environment.SecretParameters) > 0
}

// manifests are the objects of a folder, by the names of its files.
func manifests(files map[string][]byte) ([]map[string]any, error) {
	var objects []map[string]any
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, text := range documents(string(files[name])) {
			value, err := yaml11.Parse(text)
			if err != nil {
				return nil, apierr.Errorf(apierr.Invalid, "read file %s: %w", name, err)
			}
			if object, ok := value.(map[string]any); ok {
				objects = append(objects, object)
			}
		}
	}
	return objects, nil
}

// documents are the YAML documents of a text. YAML allows the mark between them nowhere else at the beginning of a line.
func documents(text string) []string {
	var all []string
	var one strings.Builder
	for line := range strings.Lines(text) {
		if rest, mark := strings.CutPrefix(line, "---"); mark && (rest == "" || strings.ContainsAny(rest[:1], " \t\r\n")) {
			all = append(all, one.String())
			one.Reset()
			line = strings.TrimLeft(rest, " \t")
		}
		one.WriteString(line)
	}
	return append(all, one.String())
}
