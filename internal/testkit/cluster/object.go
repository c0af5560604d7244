package cluster

import (
	"net/http"
	"strings"
)

// namespaceNameLabel is set by the API server on each namespace to the namespace's own name.
const namespaceNameLabel = "kubernetes.io/metadata.name"

// prefixObject prefixes the names in an object, or in a patch of the same shape, for the real server.
func (c *Cluster) prefixObject(object map[string]any, t target) error {
	metadata := field(object, "metadata")
	if t.namespacedByURL {
		prefixField(metadata, "namespace", c.world.in)
	} else {
		if name, ok := metadata["name"].(string); ok && t.isClusterRole() && builtinRole(name) {
			return refusal{http.StatusForbidden, "Forbidden", "the built-in ClusterRole " + name + " is shared by all virtual clusters and cannot be changed"}
		}
		inWorld := func(name string) string { return t.realName(c.world, name) }
		prefixField(metadata, "name", inWorld)
		prefixField(metadata, "generateName", inWorld)
		for _, owner := range items(metadata, "ownerReferences") {
			prefixField(owner, "name", c.world.in)
		}
	}
	if t.isNamespace() {
		prefixField(field(metadata, "labels"), namespaceNameLabel, c.world.in)
	}
	if role := field(object, "roleRef"); role["kind"] == "ClusterRole" {
		prefixField(role, "name", c.world.role)
	}
	for _, subject := range items(object, "subjects") {
		c.prefixSubject(subject)
	}
	if t.isReview() {
		c.prefixReview(field(object, "spec"))
	}
	return nil
}

// prefixSubject prefixes the namespace that a binding's subject names, directly or within a user's or group's name.
func (c *Cluster) prefixSubject(subject map[string]any) {
	prefixField(subject, "namespace", c.world.in)
	if subject["kind"] == "User" || subject["kind"] == "Group" {
		prefixField(subject, "name", c.world.user)
	}
}

// prefixReview prefixes what a review asks about: authorization.k8s.io/v1, the spec of all its kinds.
func (c *Cluster) prefixReview(spec map[string]any) {
	prefixField(spec, "namespace", c.world.in)
	prefixField(spec, "user", c.world.user)
	if groups, ok := spec["groups"].([]any); ok {
		for i, group := range groups {
			if name, ok := group.(string); ok {
				groups[i] = c.world.user(name)
			}
		}
	}
	attributes := field(spec, "resourceAttributes")
	if namespace, _ := attributes["namespace"].(string); namespace == "" || attributes["resource"] == "namespaces" {
		prefixField(attributes, "name", c.world.in)
	}
	prefixField(attributes, "namespace", c.world.in)
}

// prefixOperations prefixes the subjects that the operations of a JSON patch (RFC 6902) write.
func (c *Cluster) prefixOperations(operations []any) {
	for _, operation := range operations {
		operation, ok := operation.(map[string]any)
		if !ok {
			continue
		}
		path, _ := operation["path"].(string)
		if !strings.HasPrefix(path, "/subjects") {
			continue
		}
		switch value := operation["value"].(type) {
		case map[string]any:
			c.prefixSubject(value)
		case []any:
			for _, subject := range items(operation, "value") {
				c.prefixSubject(subject)
			}
		case string:
			if strings.HasSuffix(path, "/namespace") {
				operation["value"] = c.world.in(value)
			}
		}
	}
}

// field is the object in a field; an empty one where there is none.
func field(object map[string]any, name string) map[string]any {
	if value, ok := object[name].(map[string]any); ok {
		return value
	}
	return map[string]any{}
}

// items lists the objects in a field.
func items(object map[string]any, name string) []map[string]any {
	list, _ := object[name].([]any)
	var found []map[string]any
	for _, item := range list {
		if item, ok := item.(map[string]any); ok {
			found = append(found, item)
		}
	}
	return found
}

// prefixField replaces a field's text; a missing or empty one stays.
func prefixField(object map[string]any, name string, prefix func(string) string) {
	if value, ok := object[name].(string); ok && value != "" {
		object[name] = prefix(value)
	}
}
