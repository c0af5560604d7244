package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Discard takes the world away: its namespaces with all kinds of objects that were written through this cluster, and its
// cluster-scoped objects. It does not wait for the controllers of the real server. Without it the lists of the real server
// grow with every world, and all worlds get slower. It works after Close too.
func (c *Cluster) Discard(ctx context.Context) error {
	names, err := c.owned(ctx, "/api/v1/namespaces")
	if err != nil {
		return err
	}
	var errs []error
	for _, t := range c.wrote() {
		if t.namespacedByURL {
			for _, name := range names {
				t.namespace = strings.TrimPrefix(name, string(c.world))
				errs = append(errs, c.remove(ctx, t.path(c.world)))
			}
			continue
		}
		if t.isNamespace() || t.shared() {
			continue
		}
		objects, err := c.owned(ctx, t.path(c.world))
		errs = append(errs, err)
		for _, name := range objects {
			errs = append(errs, c.remove(ctx, t.path(c.world)+"/"+name))
		}
	}
	for _, name := range names {
		path := "/api/v1/namespaces/" + name
		// Without finalizers the first delete marks the namespace, with nothing for the controllers to do, and the second
		// one removes it.
		unbound := `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"` + name + `"},"spec":{"finalizers":[]}}`
		_, err := c.ask(ctx, http.MethodPut, path+"/finalize", unbound)
		errs = append(errs, err, c.remove(ctx, path), c.remove(ctx, path))
	}
	return errors.Join(errs...)
}

// owned lists the names of the world's objects in a collection that is not a namespace's.
func (c *Cluster) owned(ctx context.Context, path string) ([]string, error) {
	text, err := c.ask(ctx, http.MethodGet, path, "")
	if err != nil || text == nil {
		return nil, err
	}
	var list struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("list %s: %w", path, err)
	}
	var names []string
	for _, item := range list.Items {
		if c.world.owns(item.Metadata.Name) {
			names = append(names, item.Metadata.Name)
		}
	}
	return names, nil
}

func (c *Cluster) remove(ctx context.Context, path string) error {
	_, err := c.ask(ctx, http.MethodDelete, path, "")
	return err
}

// ask sends one request to the real server as the administrator. What is gone, or cannot be deleted by its kind, is
// answered with nil.
func (c *Cluster) ask(ctx context.Context, method, path, body string) ([]byte, error) {
	text, status, err := c.send(ctx, method, path, body)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusConflict:
		return nil, nil
	case status >= http.StatusBadRequest:
		return nil, fmt.Errorf("%s %s: status %d", method, path, status)
	}
	return text, nil
}

// note remembers the resource of a request that may create an object.
func (c *Cluster) note(r *http.Request, t target) {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		return
	}
	if t.isReview() || len(t.subresources) > 0 || r.URL.Query().Get("dryRun") == "All" {
		return
	}
	of := target{group: t.group, version: t.version, resource: t.resource, namespacedByURL: t.namespacedByURL}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written[of.path("")] = of
}

// wrote lists the resources that were written to, and the one that controllers put into every namespace.
func (c *Cluster) wrote() []target {
	all := []target{{version: "v1", resource: "serviceaccounts", namespacedByURL: true}}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.written {
		all = append(all, t)
	}
	return all
}
