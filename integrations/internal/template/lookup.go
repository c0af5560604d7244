package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// vault is vault(path, key, version, allow_not_found): one field of a secret. Path, key and version are templates.
func (r *rendering) vault(call jinja.Call) (any, error) {
	given, err := parameters("vault", call, "p", "k", "v?", "allow_not_found?")
	if err != nil {
		return nil, err
	}
	texts, err := r.expandAll("vault", given[:2])
	if err != nil {
		return nil, err
	}
	ref := secret.Ref{Path: texts[0], Field: texts[1]}
	if ref.Version, err = r.version(given[2]); err != nil {
		return nil, err
	}
	if r.recorded {
		return "vault(" + ref.String() + ")", nil
	}
	value, err := r.renderer.secrets.Read(r.ctx, ref)
	if truthy(given[3]) && apierr.Is(err, apierr.Missing) && !errors.Is(err, vaultapi.ErrVersionNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.secret.Store(true)
	return value.Reveal(), nil
}

// version is a number, LATEST, or a template of either.
func (r *rendering) version(given any) (*int, error) {
	var number int
	switch given := given.(type) {
	case nil:
		return nil, nil //nolint:nilnil // no version is asked for.
	case int:
		number = given
	case string:
		text, err := r.expand(given)
		if err != nil || text == "" {
			return nil, err
		}
		if text == vaultapi.Latest.String() {
			number = int(vaultapi.Latest)
		} else if number, err = strconv.Atoi(text); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "vault: the version of a secret is a number, or %s", vaultapi.Latest)
		}
	default:
		return nil, apierr.Errorf(apierr.Invalid, "vault: the version of a secret is a number, or %s", vaultapi.Latest)
	}
	return &number, nil
}

// github is github(repository, path, ref): the content of a file. All of them are templates.
func (r *rendering) github(call jinja.Call) (any, error) {
	given, err := parameters("github", call, "u", "p", "r", "v?")
	if err != nil {
		return nil, err
	}
	texts, err := r.expandAll("github", given[:3])
	if err != nil {
		return nil, err
	}
	files, err := r.renderer.files(r.ctx, r.scope)
	if err != nil {
		return nil, err
	}
	return files.File(r.ctx, texts[0], texts[1], texts[2])
}

// query is query(path, ...): what app-interface answers to a query that is a resource, and a template of the variables
// named. It is the first field of the answer.
func (r *rendering) query(call jinja.Call) (any, error) {
	variables := call.Named
	path := ""
	for _, given := range append(call.Args, variables["query"]) {
		if text, ok := given.(string); ok && path == "" {
			path = text
		}
	}
	if path == "" || len(call.Args) > 1 {
		return nil, apierr.Errorf(apierr.Invalid, "query takes the path of a resource, and variables by name")
	}
	delete(variables, "query")
	app := r.renderer.app(r.scope)
	resource, err := app.Resource(r.ctx, path)
	if err != nil {
		return nil, err
	}
	text, err := jinja.Template{Name: path, Text: resource.Content, Plain: true, Variables: variables}.Render()
	if err != nil {
		return nil, err
	}
	var data json.RawMessage
	if err := app.MakeRequest(r.ctx, &graphql.Request{Query: text}, &graphql.Response{Data: &data}); err != nil {
		return nil, fmt.Errorf("query %s: %w", path, err)
	}
	decoded, err := jinja.DecodeJSON(string(data))
	if err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "query %s: the answer is %w", path, err)
	}
	fields, ok := decoded.(jinja.Object)
	if !ok || len(fields) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "query %s: it asks for nothing", path)
	}
	return fields[0].Value, nil
}

// url is url(URL): whether somebody answers there with something, even if only to people who log in.
func (r *rendering) url(call jinja.Call) (any, error) {
	given, err := parameters("url", call, "url")
	if err != nil {
		return nil, err
	}
	address, ok := given[0].(string)
	if !ok {
		return nil, apierr.Errorf(apierr.Invalid, "url takes text")
	}
	if address = strings.TrimSpace(address); address == "" || r.recorded {
		return false, nil
	}
	status, err := r.renderer.web.Status(r.ctx, address)
	return status > 0 && status < http.StatusNotFound, err
}

// yesterday is yesterday(): the day before, as 2006-01-02.
//
// Differs from the reference: it is a day of UTC on every worker. There it is one of the machine's own time zone.
func (r *rendering) yesterday(call jinja.Call) (any, error) {
	if _, err := parameters("yesterday", call); err != nil {
		return nil, err
	}
	return r.renderer.now().UTC().AddDate(0, 0, -1).Format("2006-01-02"), nil
}

// object is s3(account, bucket, path, region): the content of an object.
func (r *rendering) object(call jinja.Call) (any, error) {
	texts, err := inBucket("s3", call)
	if err != nil {
		return nil, err
	}
	found, err := r.renderer.buckets(r.ctx, r.scope, texts[0], texts[3])
	if err != nil {
		return nil, err
	}
	return found.Object(r.ctx, texts[1], texts[2])
}

// objects is s3_ls(account, bucket, path, region): the keys below a path, with the newest object first.
func (r *rendering) objects(call jinja.Call) (any, error) {
	texts, err := inBucket("s3_ls", call)
	if err != nil {
		return nil, err
	}
	found, err := r.renderer.buckets(r.ctx, r.scope, texts[0], texts[3])
	if err != nil {
		return nil, err
	}
	return found.Objects(r.ctx, texts[1], texts[2])
}

// inBucket are the account, the bucket, the path and the region that a function is called with.
func inBucket(function string, call jinja.Call) ([]string, error) {
	given, err := parameters(function, call, "account_name", "bucket_name", "path", "region_name?")
	if err != nil {
		return nil, err
	}
	if given[3] == nil {
		given[3] = ""
	}
	return asTexts(function, given)
}
