package kubeapi

import (
	"fmt"
	"strings"
)

// metadata is the object's metadata, nil where there is none. Reading from nil is fine.
func metadata(body map[string]any) map[string]any {
	meta, _ := body["metadata"].(map[string]any)
	return meta
}

// annotations are the object's annotations, nil where there are none.
func annotations(body map[string]any) map[string]any {
	all, _ := metadata(body)["annotations"].(map[string]any)
	return all
}

// ensureAnnotations makes the maps that annotations stand in, and returns the annotations.
func ensureAnnotations(body map[string]any) map[string]any {
	meta := metadata(body)
	if meta == nil {
		meta = map[string]any{}
		body["metadata"] = meta
	}
	all, _ := meta["annotations"].(map[string]any)
	if all == nil {
		all = map[string]any{}
		meta["annotations"] = all
	}
	return all
}

// child is the map under key, nil where there is none.
func child(parent map[string]any, path ...string) map[string]any {
	for _, key := range path {
		parent, _ = parent[key].(map[string]any)
	}
	return parent
}

// str is the text under key, empty where there is none.
func str(parent map[string]any, key string) string {
	s, _ := parent[key].(string)
	return s
}

func nameOf(body map[string]any) string       { return str(metadata(body), "name") }
func namespaceOf(body map[string]any) string  { return str(metadata(body), "namespace") }
func uidOf(body map[string]any) string        { return str(metadata(body), "uid") }
func kindOf(body map[string]any) string       { return str(body, "kind") }
func apiVersionOf(body map[string]any) string { return str(body, "apiVersion") }

// terminating says whether the live object is being deleted.
func terminating(body map[string]any) bool { return metadata(body)["deletionTimestamp"] != nil }

// KindAndGroup is the qualified form of the object's kind: "Kind.group", or "Kind" in the core group.
func KindAndGroup(body map[string]any) string {
	if group, _, found := strings.Cut(apiVersionOf(body), "/"); found {
		return kindOf(body) + "." + group
	}
	return kindOf(body)
}

// describe names an object in messages: "ConfigMap team-a/settings", "ClusterRole view".
func describe(kind, namespace, name string) string {
	if namespace == "" {
		return fmt.Sprintf("%s %s", kind, name)
	}
	return fmt.Sprintf("%s %s/%s", kind, namespace, name)
}

// truthy is what the reference's language takes for true.
func truthy(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	zero := text(value)
	return zero != "0" && zero != "0.0" && zero != "-0.0"
}
