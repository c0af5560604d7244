package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// addressed is the key of a request's target in its context, for the rewriting of the answer.
type addressed struct{}

// serve rewrites a request and passes it on to the real server, or refuses it.
func (c *Cluster) serve(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	// The transport asks for compression by itself and undoes it, so that answers can be rewritten.
	out.Header.Del("Accept-Encoding")
	out.Header.Set("Accept", accepted(r.Header.Get("Accept")))
	c.rewriteImpersonation(out.Header)

	t, ok := parseTarget(r.URL.Path)
	if err := c.rewriteRequest(out, t, ok); err != nil {
		refuse(w, err)
		return
	}
	if ok {
		c.note(r, t)
		out.URL.Path, out.URL.RawPath = t.path(c.world), ""
		out = out.WithContext(context.WithValue(out.Context(), addressed{}, t))
	}
	c.proxy.ServeHTTP(w, out)
}

func (c *Cluster) rewriteRequest(out *http.Request, t target, isResource bool) error {
	if err := c.checkHidden(out, t, isResource); err != nil {
		return err
	}
	if !isResource {
		return nil
	}
	if err := c.checkOffered(out, t); err != nil {
		return err
	}
	if err := c.rewriteQuery(out, t); err != nil {
		return err
	}
	return c.rewriteBody(out, t)
}

// checkOffered refuses what a virtual cluster cannot do without showing or harming other worlds.
func (c *Cluster) checkOffered(r *http.Request, t target) error {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	watch := r.URL.Query().Get("watch")
	switch {
	case t.resource == "watch" || watch == "true" || watch == "1":
		return refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "a virtual cluster does not offer watches: list instead"}
	case r.Method == http.MethodDelete && !t.namespacedByURL && t.name == "":
		return refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "a virtual cluster does not delete cluster-scoped objects by collection: delete them one by one"}
	case r.Method == http.MethodDelete && t.shared():
		return refusal{http.StatusForbidden, "Forbidden", t.resource + " are shared by all virtual clusters and cannot be deleted"}
	case !reads && t.isClusterRole() && builtinRole(t.name):
		return refusal{http.StatusForbidden, "Forbidden", "the built-in ClusterRole " + t.name + " is shared by all virtual clusters and cannot be changed"}
	}
	return nil
}

// accepted reduces an Accept header to the JSON forms that can be rewritten: objects, and the metadata and discovery
// lists that carry their form as a parameter. A table is no such form.
func accepted(header string) string {
	var kept []string
	for _, entry := range strings.Split(header, ",") {
		form, parameters, err := mime.ParseMediaType(entry)
		if err == nil && form == "application/json" && parameters["as"] != "Table" {
			kept = append(kept, strings.TrimSpace(entry))
		}
	}
	if len(kept) == 0 {
		return "application/json"
	}
	return strings.Join(kept, ",")
}

func (c *Cluster) rewriteImpersonation(header http.Header) {
	for _, name := range []string{"Impersonate-User", "Impersonate-Group"} {
		for i, value := range header[name] {
			header[name][i] = c.world.user(value)
		}
	}
}

// rewriteQuery prefixes the names in field and label selectors.
func (c *Cluster) rewriteQuery(out *http.Request, t target) error {
	query := out.URL.Query()
	fields, labels := query.Get("fieldSelector"), query.Get("labelSelector")
	if fields == "" && labels == "" {
		return nil
	}
	if strings.Contains(fields, "metadata.name=") || strings.Contains(fields, "metadata.name!=") {
		clusterScoped, err := c.clusterScoped(out.Context(), t)
		if err != nil {
			return err
		}
		if clusterScoped {
			fields = c.prefixValues(fields, "metadata.name", t)
		}
	}
	if fields != "" {
		query.Set("fieldSelector", c.prefixValues(c.prefixValues(fields, "metadata.namespace", target{}), "involvedObject.namespace", target{}))
	}
	if labels != "" {
		query.Set("labelSelector", c.prefixValues(labels, namespaceNameLabel, target{}))
	}
	out.URL.RawQuery = query.Encode()
	return nil
}

// prefixValues prefixes the value of each requirement on key in a comma-separated selector of the forms =, == and !=.
func (c *Cluster) prefixValues(selector, key string, t target) string {
	requirements := strings.Split(selector, ",")
	for i, requirement := range requirements {
		for _, operator := range []string{"==", "!=", "="} {
			if value, ok := strings.CutPrefix(requirement, key+operator); ok {
				requirements[i] = key + operator + t.realName(c.world, value)
				break
			}
		}
	}
	return strings.Join(requirements, ",")
}

func (c *Cluster) clusterScoped(ctx context.Context, t target) (bool, error) {
	if t.namespacedByURL {
		return false, nil
	}
	found, ok, err := c.kinds.of(ctx, t)
	return ok && !found.Namespaced, err
}

// rewriteBody prefixes the names in an object or a patch.
func (c *Cluster) rewriteBody(out *http.Request, t target) error {
	if out.Body == nil || out.Method == http.MethodGet {
		return nil
	}
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return badRequest("read the request: %v", err)
	}
	_ = out.Body.Close()
	if len(bytes.TrimSpace(text)) > 0 {
		if text, err = c.rewriteContent(text, out.Header.Get("Content-Type"), out.Method, t); err != nil {
			return err
		}
	}
	out.Body = io.NopCloser(bytes.NewReader(text))
	out.ContentLength = int64(len(text))
	out.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return nil
}

func (c *Cluster) rewriteContent(text []byte, contentType, method string, t target) ([]byte, error) {
	form, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		form = "application/json"
	}
	switch {
	case strings.HasSuffix(form, "yaml"):
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, badRequest("the body is no YAML: %v", err)
		}
	case !strings.HasSuffix(form, "json"):
		return nil, refusal{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "a virtual cluster takes JSON and YAML, not " + form}
	}
	if method == http.MethodDelete {
		return text, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var content any
	if err := decoder.Decode(&content); err != nil {
		return nil, badRequest("the body is no JSON: %v", err)
	}
	switch content := content.(type) {
	case map[string]any:
		err = c.prefixObject(content, t)
	case []any:
		c.prefixOperations(content)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(content)
}
