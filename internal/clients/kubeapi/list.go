package kubeapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// pageSize is the number of objects in one answer.
	pageSize = 500
	// listStarts is how often a list is begun when the server forgets its next page.
	listStarts = 3
	// parallelReads bounds the lists and dry runs that one client has under way.
	parallelReads = 10
	// manyNamespaces is from how many namespaces on one list of the whole cluster is tried instead of one list each.
	manyNamespaces = 10
)

// List reads all objects of a kind, in one namespace or with an empty one in all, and with a selector only those
// whose labels match it. The list is complete or there is an error.
func (c *Client) List(ctx context.Context, kind, namespace, selector string) ([]map[string]any, error) {
	resolved, err := c.Kind(ctx, kind)
	if err != nil {
		return nil, err
	}
	return c.list(ctx, resolved, namespace, selector)
}

// ListKind reads all objects of a kind in the namespaces; for a kind of the cluster itself, those of the cluster.
// Where many namespaces are wanted it reads the whole cluster in one list if the token may, and else each
// namespace by itself, some side by side. The list is complete or there is an error.
func (c *Client) ListKind(ctx context.Context, kind string, namespaces []string) ([]map[string]any, error) {
	resolved, err := c.Kind(ctx, kind)
	if err != nil {
		return nil, err
	}
	return gatherKind(ctx, c, resolved, namespaces, whole)
}

func (c *Client) list(ctx context.Context, kind Kind, namespace, selector string) ([]map[string]any, error) {
	return gather(ctx, c, kind, namespace, selector, whole)
}

// pick makes of the objects of one page what is kept of them. A page that is read again is picked again.
type pick[T any] func(ctx context.Context, page []map[string]any) ([]T, error)

// whole keeps the objects as they are.
func whole(_ context.Context, page []map[string]any) ([]map[string]any, error) { return page, nil }

// gatherKind reads all objects of a kind in the namespaces, as ListKind says, and returns what is picked of them. No
// more of them than a page, or a page of each namespace that is being read, is in memory at a time. Namespaces that do
// not exist are not asked for: a token that may read some namespaces only would be denied there.
func gatherKind[T any](ctx context.Context, c *Client, kind Kind, namespaces []string, pick pick[T]) ([]T, error) {
	namespaces = slices.Compact(slices.Sorted(slices.Values(namespaces)))
	if !kind.Namespaced {
		return gather(ctx, c, kind, "", "", pick)
	}
	if len(namespaces) >= manyNamespaces {
		answered := false
		found, err := gather(ctx, c, kind, "", "", func(ctx context.Context, page []map[string]any) ([]T, error) {
			answered = true
			return pick(ctx, slices.DeleteFunc(page, func(item map[string]any) bool {
				_, wanted := slices.BinarySearch(namespaces, namespaceOf(item))
				return !wanted
			}))
		})
		if answered || !apierr.Is(err, apierr.Denied) {
			return found, err
		}
	}
	existing, err := c.Namespaces(ctx)
	if err != nil && !apierr.Is(err, apierr.Denied) {
		return nil, err
	}
	var (
		mu  sync.Mutex
		all []T
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, namespace := range namespaces {
		if err == nil && !existing[namespace] {
			continue
		}
		group.Go(func() error {
			found, err := gather(ctx, c, kind, namespace, "", pick)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, found...)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}

// gather reads page by page and returns what is picked of the objects. When the server forgets the next page, as it
// does some minutes after the first, all is read again.
func gather[T any](ctx context.Context, c *Client, kind Kind, namespace, selector string, pick pick[T]) ([]T, error) {
	var (
		found []T
		next  string
		all   = reference{Kind: kind, namespace: namespace}
	)
	for start := 1; ; {
		items, following, err := c.page(ctx, all, selector, next)
		switch {
		case problemOf(err) == problemExpired && start < listStarts:
			start, found, next = start+1, nil, ""
			continue
		case problemOf(err) == problemExpired:
			return nil, apierr.New(apierr.Unavailable, err)
		case apierr.Is(err, apierr.Missing):
			c.kinds.forget()
			return nil, apierr.Errorf(apierr.Unavailable, "%w; the cluster has just stopped to serve the kind", err)
		case err != nil:
			return nil, err
		}
		picked, err := pick(ctx, items)
		if err != nil {
			return nil, err
		}
		found = append(found, picked...)
		if next = following; next == "" {
			return found, nil
		}
	}
}

// page reads one page of a list and returns where the next one begins, empty after the last.
func (c *Client) page(ctx context.Context, all reference, selector, start string) (items []map[string]any, next string, err error) {
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return nil, "", apierr.New(apierr.Unavailable, err)
	}
	defer c.slots.Release(1)
	data, err := c.send(ctx, all.call("list"), func() *rest.Request {
		req := c.request(http.MethodGet, all).Param("limit", strconv.Itoa(pageSize))
		if start != "" {
			req.Param("continue", start)
		}
		if selector != "" {
			req.Param("labelSelector", selector)
		}
		return req
	})
	if err != nil {
		return nil, "", err
	}
	var page struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		Items []map[string]any `json:"items"`
	}
	if err := utiljson.Unmarshal(data, &page); err != nil {
		return nil, "", apierr.Errorf(apierr.Unavailable, "%s in cluster %s: the server's answer is no list", all.call("list"), c.cluster)
	}
	for _, item := range page.Items {
		// The server leaves both out of the items of its built-in lists.
		item["apiVersion"], item["kind"] = all.APIVersion(), all.Kind.Name
	}
	return page.Items, page.Metadata.Continue, nil
}
