package kubeapi

import (
	"context"
	"net/http"

	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// projectKind is what OpenShift has people make instead of namespaces.
const projectKind = "Project.project.openshift.io"

var namespaceKind = Kind{Name: "Namespace", Version: "v1", Resource: "namespaces"}

// namespaceLike is the cluster's kind for namespaces: OpenShift's projects, where it serves them.
func (c *Client) namespaceLike(ctx context.Context) (Kind, error) {
	kind, err := c.Kind(ctx, projectKind)
	if apierr.Is(err, apierr.Missing) {
		return namespaceKind, nil
	}
	return kind, err
}

// NamespaceExists says whether a namespace is there, be it on its way out.
func (c *Client) NamespaceExists(ctx context.Context, name string) (bool, error) {
	kind, err := c.namespaceLike(ctx)
	if err != nil {
		return false, err
	}
	_, err = c.get(ctx, reference{Kind: kind, name: name})
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return err == nil, err
}

// Namespace is a namespace that exists.
type Namespace struct {
	Name string
	// Terminating says that it is being deleted, with all that is in it.
	Terminating bool
}

// ListNamespaces returns the namespaces that exist and the token may see.
func (c *Client) ListNamespaces(ctx context.Context) ([]Namespace, error) {
	kind, err := c.namespaceLike(ctx)
	if err != nil {
		return nil, err
	}
	items, err := c.list(ctx, kind, "", "")
	if err != nil {
		return nil, err
	}
	namespaces := make([]Namespace, len(items))
	for i, item := range items {
		namespaces[i] = Namespace{Name: nameOf(item), Terminating: terminating(item)}
	}
	return namespaces, nil
}

// Namespaces returns the names of the namespaces that exist and the token may see.
func (c *Client) Namespaces(ctx context.Context) (map[string]bool, error) {
	namespaces, err := c.ListNamespaces(ctx)
	if err != nil {
		return nil, err
	}
	existing := make(map[string]bool, len(namespaces))
	for _, namespace := range namespaces {
		existing[namespace.Name] = true
	}
	return existing, nil
}

// CreateNamespace makes a namespace, on OpenShift by a request for a project. One that is there already is fine; one
// that is still being deleted is apierr.NotYet.
func (c *Client) CreateNamespace(ctx context.Context, name string) error {
	kind, err := c.namespaceLike(ctx)
	if err != nil {
		return err
	}
	request := reference{Kind: kind}
	if kind.Group != "" {
		request.Kind.Name, request.Resource = "ProjectRequest", "projectrequests"
	}
	body := map[string]any{"apiVersion": kind.APIVersion(), "kind": request.Kind.Name, "metadata": map[string]any{"name": name}}
	_, err = c.create(ctx, request, body)
	if !apierr.Is(err, apierr.Conflict) {
		return err
	}
	live, err := c.get(ctx, reference{Kind: kind, name: name})
	if apierr.Is(err, apierr.Missing) || err == nil && terminating(live) {
		return apierr.Errorf(apierr.NotYet, "namespace %s in cluster %s is still being deleted", name, c.cluster)
	}
	return err
}

// DeleteNamespace deletes a namespace with all that is in it. It returns when the server has taken the request;
// the namespace goes when it is empty. One that is gone already is fine.
func (c *Client) DeleteNamespace(ctx context.Context, name string) error {
	kind, err := c.namespaceLike(ctx)
	if err != nil {
		return err
	}
	ref := reference{Kind: kind, name: name}
	_, err = c.send(ctx, ref.call("delete"), func() *rest.Request { return c.request(http.MethodDelete, ref) })
	// A namespace that is being deleted answers a second request with a conflict.
	if apierr.Is(err, apierr.Missing) || apierr.Is(err, apierr.Conflict) {
		return nil
	}
	return err
}
