package sqlquery

import (
	"cmp"
	"context"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// job is what the object that runs a query is made of, besides its definition.
type job struct {
	// image is that of the engine, and adminSecret the Secret with the connection.
	image, adminSecret string
	command            string
	// key is the requestor's, in base64, or "".
	key string
}

// defaultRepository has the images where the settings name none.
const defaultRepository = "quay.io/app-sre"

// mailbox is what bash takes for one word, as mail addresses are.
var mailbox = regexp.MustCompile(`^[A-Za-z0-9._%+@-]+$`)

// instance is the database instance of the query.
func (l *listed) instance() (externalresources.Resource, bool) {
	namespace := l.definition.Namespace
	if namespace.ManagedExternalResources == nil || !*namespace.ManagedExternalResources {
		return externalresources.Resource{}, false
	}
	return externalresources.Find(namespace.ExternalResources, "rds", l.Identifier)
}

// job returns what the query runs as. Its error is reconcile.Problems where the query is at fault.
//
// Differs from the reference: a query at fault stops no other. There the run ends.
func (r *reconciler) job(ctx context.Context, s reconcile.Scope, l *listed) (job, error) {
	var made job
	var problems reconcile.Problems
	refuse := func(format string, args ...any) {
		problems = append(problems, apierr.Errorf(apierr.Invalid, "SQL query "+l.Name+" ("+l.Path+"): "+format, args...))
	}
	if l.twice {
		refuse("the name is that of another query too: choose another")
	}
	if len(l.chunks()) == 0 {
		refuse("it has no SQL: set query or queries")
	}
	output, recipient := cmp.Or(l.Output, stdout), ""
	switch {
	case !slices.Contains([]string{stdout, filesystem, encrypted}, output):
		refuse("the output %s is not supported: use %s, %s or %s", output, stdout, filesystem, encrypted)
	case output != encrypted:
	case l.Requestor == nil:
		refuse("encrypted output needs a requestor")
	case l.Requestor.PublicGpgKey == "":
		refuse("the requestor %s has no public_gpg_key, for which the output is to be encrypted", l.Requestor.OrgUsername)
	case l.mailAddress == "":
		refuse("encrypted output needs the requestor's mail address: add smtp to app-interface-settings")
	default:
		made.key, recipient = strings.ReplaceAll(l.Requestor.PublicGpgKey, "\n", ""), l.Requestor.OrgUsername+"@"+l.mailAddress
		if _, err := base64.StdEncoding.DecodeString(made.key); err != nil || !mailbox.MatchString(recipient) {
			refuse("the requestor's public_gpg_key is not base64, or %q is no mail address", recipient)
		}
	}
	resource, ok := l.instance()
	if !ok {
		refuse("namespace %s has no rds %s: correct the identifier, or remove the query; a read-only instance that is gone may have left its source", l.definition.Namespace.Name, l.Identifier)
		return made, problems
	}
	values, err := resource.Values(ctx, r.at(s))
	if err != nil && !apierr.Is(err, apierr.Invalid) {
		return made, err
	}
	if err != nil {
		return made, append(problems, err)
	}
	engine, repository := values.Text("engine", "postgres"), defaultRepository
	client, known := programs()[engine]
	if !known {
		refuse("the engine %s is not supported", engine)
	}
	if l.settings != nil {
		repository = l.settings.ImageRepository
	}
	made.image = repository + "/" + engine + ":" + values.Text("engine_version", "latest")
	made.adminSecret, made.command = resource.SecretName(), command(client, output, recipient)
	return made, problems.ErrorOrNil()
}
