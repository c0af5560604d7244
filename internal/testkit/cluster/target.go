package cluster

import (
	"slices"
	"strings"
)

// target is what a request's path addresses:
// /api/v1 or /apis/GROUP/VERSION, then [namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE...]].
type target struct {
	group, version  string
	namespace       string
	resource, name  string
	subresources    []string
	namespacedByURL bool
}

// parseTarget returns ok false for paths that address no resource: discovery, health, OpenAPI.
func parseTarget(path string) (t target, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case parts[0] == "api" && len(parts) > 2:
		t.version, parts = parts[1], parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		t.group, t.version, parts = parts[1], parts[2], parts[3:]
	default:
		return target{}, false
	}
	if parts[0] == "namespaces" && len(parts) > 2 && !slices.Contains([]string{"status", "finalize"}, parts[2]) {
		t.namespace, t.namespacedByURL, parts = parts[1], true, parts[2:]
	}
	t.resource, parts = parts[0], parts[1:]
	if len(parts) > 0 {
		t.name, t.subresources = parts[0], parts[1:]
	}
	return t, true
}

// path is the target's URL path on the real server.
func (t target) path(w world) string {
	parts := []string{"", "api", t.version}
	if t.group != "" {
		parts = []string{"", "apis", t.group, t.version}
	}
	if t.namespacedByURL {
		parts = append(parts, "namespaces", w.in(t.namespace))
	}
	parts = append(parts, t.resource)
	if t.name != "" {
		parts = append(parts, t.realName(w, t.name))
	}
	return strings.Join(append(parts, t.subresources...), "/")
}

// realName is the name of one of the target's objects on the real server.
func (t target) realName(w world, name string) string {
	switch {
	case t.namespacedByURL || t.shared():
		return name
	case t.isClusterRole():
		return w.role(name)
	case t.group == "user.openshift.io" && t.resource == "identities":
		return w.identity(name)
	default:
		return w.in(name)
	}
}

// shared says whether all worlds see the same objects: the names of these are fixed by what they define.
func (t target) shared() bool {
	return t.group == "apiextensions.k8s.io" || t.group == "apiregistration.k8s.io"
}

func (t target) isClusterRole() bool {
	return t.group == "rbac.authorization.k8s.io" && t.resource == "clusterroles"
}

func (t target) isNamespace() bool { return t.group == "" && t.resource == "namespaces" }

// isReview says whether the resource answers a question about the caller or another, and stores nothing.
func (t target) isReview() bool {
	return (t.group == "authorization.k8s.io" || t.group == "authentication.k8s.io") && strings.HasSuffix(t.resource, "reviews")
}
