package cluster

import (
	"encoding/json"
	"net/http"
	"strings"
)

// checkHidden refuses requests for groups and kinds that this cluster does not serve.
func (c *Cluster) checkHidden(r *http.Request, t target, isResource bool) error {
	if len(c.hidden) == 0 {
		return nil
	}
	if group, ok := strings.CutPrefix(r.URL.Path, "/apis/"); ok {
		group, _, _ = strings.Cut(group, "/")
		if c.hidden[group] {
			return notServed()
		}
	}
	if !isResource {
		return nil
	}
	found, ok, err := c.kinds.of(r.Context(), t)
	if err != nil {
		return err
	}
	if ok && c.hidesKind(found.Kind, t.group) {
		return notServed()
	}
	return nil
}

func (c *Cluster) hidesKind(kind, group string) bool {
	return c.hidden[strings.TrimSuffix(kind+"."+group, ".")]
}

// filterDiscovery takes hidden groups and kinds out of the documents at /api, /apis, /apis/GROUP/VERSION and /openapi/v3,
// in the plain form and in the aggregated one (apidiscovery.k8s.io/v2).
func (c *Cluster) filterDiscovery(text []byte, path string) ([]byte, error) {
	if len(c.hidden) == 0 {
		return text, nil
	}
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		// Not every document is an object; one that is none lists no kinds.
		return text, nil
	}
	group := ""
	if parts := strings.Split(strings.Trim(path, "/"), "/"); parts[0] == "apis" && len(parts) > 1 {
		group = parts[1]
	}
	keep(document, "groups", func(g map[string]any) bool { return !c.hidden[textOf(g["name"])] })
	keep(document, "resources", func(r map[string]any) bool { return !c.hidesKind(textOf(r["kind"]), group) })
	keep(document, "items", func(g map[string]any) bool {
		name := textOf(field(g, "metadata")["name"])
		for _, version := range items(g, "versions") {
			keep(version, "resources", func(r map[string]any) bool {
				return !c.hidesKind(textOf(field(r, "responseKind")["kind"]), name)
			})
		}
		return !c.hidden[name]
	})
	for key := range field(document, "paths") {
		if parts := strings.Split(key, "/"); parts[0] == "apis" && len(parts) > 1 && c.hidden[parts[1]] {
			delete(field(document, "paths"), key)
		}
	}
	return json.Marshal(document)
}

// keep leaves only those objects in a list that wanted says yes to.
func keep(document map[string]any, list string, wanted func(map[string]any) bool) {
	if _, ok := document[list].([]any); !ok {
		return
	}
	kept := []any{}
	for _, item := range items(document, list) {
		if wanted(item) {
			kept = append(kept, item)
		}
	}
	document[list] = kept
}

// textOf is a value's text, empty where it is none.
func textOf(value any) string {
	text, _ := value.(string)
	return text
}
