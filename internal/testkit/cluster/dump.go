package cluster

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/yaml"
)

// Selection narrows a dump. The zero value is everything that the world has.
type Selection struct {
	// Kinds lists kinds as "Kind" or "Kind.group"; empty takes all but those that the server writes by itself.
	Kinds []string
	// Namespaces lists namespaces; empty takes all, and the cluster-scoped objects.
	Namespaces []string
}

// Dump returns the world's objects as YAML documents in a fixed order and without what a server fills in, so that two
// estates can be compared as texts. What is being deleted counts as gone, a namespace with all that is in it.
func (c *Cluster) Dump(ctx context.Context, selection Selection) ([]byte, error) {
	objects, err := c.Objects(ctx, selection)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i := range objects {
		text, err := yaml.Marshal(objects[i].Object)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}

// Objects returns what Dump writes, sorted by namespace, kind, group and name.
func (c *Cluster) Objects(ctx context.Context, selection Selection) ([]unstructured.Unstructured, error) {
	e, err := c.estate()
	if err != nil {
		return nil, err
	}
	resources, err := e.resources(selection.Kinds)
	if err != nil {
		return nil, err
	}
	gone, err := e.terminating(ctx)
	if err != nil {
		return nil, err
	}
	var objects []unstructured.Unstructured
	for _, resource := range resources {
		found, err := e.list(ctx, resource)
		if err != nil {
			return nil, err
		}
		for _, object := range found {
			namespace := object.GetNamespace()
			if isNamespace(&object) {
				namespace = object.GetName()
			}
			outside := len(selection.Namespaces) > 0 && !slices.Contains(selection.Namespaces, namespace)
			if outside || gone[namespace] || object.GetDeletionTimestamp() != nil || byControllers(&object) {
				continue
			}
			clean(&object)
			objects = append(objects, object)
		}
	}
	slices.SortFunc(objects, func(a, b unstructured.Unstructured) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetKind(), b.GetKind()),
			cmp.Compare(a.GetAPIVersion(), b.GetAPIVersion()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return objects, nil
}

// resources lists what the kinds are called in URLs, each in the server's preferred version.
func (e *estate) resources(kinds []string) ([]schema.GroupVersionResource, error) {
	lists, err := e.discovery.ServerPreferredResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, err
	}
	var found []schema.GroupVersionResource
	wanted := map[string]bool{}
	for _, kind := range kinds {
		wanted[kind] = true
	}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, resource := range list.APIResources {
			full := strings.TrimSuffix(resource.Kind+"."+version.Group, ".")
			named := wanted[full] || wanted[resource.Kind]
			if strings.Contains(resource.Name, "/") || !slices.Contains(resource.Verbs, "list") || !named && (len(kinds) > 0 || serverWritten(full)) {
				continue
			}
			delete(wanted, full)
			// A kind without its group takes every group's, as the same object may be served by several.
			found = append(found, version.WithResource(resource.Name))
		}
	}
	return found, e.unserved(wanted, lists)
}

// unserved names the kinds that no list has.
func (e *estate) unserved(wanted map[string]bool, lists []*metav1.APIResourceList) error {
	for _, list := range lists {
		for _, resource := range list.APIResources {
			delete(wanted, resource.Kind)
		}
	}
	var errs []error
	for kind := range wanted {
		errs = append(errs, fmt.Errorf("the cluster does not serve the kind %s", kind))
	}
	return errors.Join(errs...)
}

// list returns all objects of a resource, page by page.
func (e *estate) list(ctx context.Context, resource schema.GroupVersionResource) ([]unstructured.Unstructured, error) {
	var objects []unstructured.Unstructured
	options := metav1.ListOptions{Limit: pageSize}
	for {
		page, err := e.objects.Resource(resource).List(ctx, options)
		if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", resource.Resource, err)
		}
		objects = append(objects, page.Items...)
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return objects, nil
		}
	}
}

// terminating returns the namespaces that are being deleted.
func (e *estate) terminating(ctx context.Context) (map[string]bool, error) {
	namespaces, err := e.list(ctx, schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, namespace := range namespaces {
		if namespace.GetDeletionTimestamp() != nil {
			gone[namespace.GetName()] = true
		}
	}
	return gone, nil
}
