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
	return c.listKind(ctx, resolved, namespaces)
}

func (c *Client) listKind(ctx context.Context, kind Kind, namespaces []string) ([]map[string]any, error) {
	namespaces = slices.Compact(slices.Sorted(slices.Values(namespaces)))
	if !kind.Namespaced {
		return c.list(ctx, kind, "", "")
	}
	if len(namespaces) >= manyNamespaces {
		keep := func(item map[string]any) bool {
			_, wanted := slices.BinarySearch(namespaces, namespaceOf(item))
			return wanted
		}
		items, err := c.listWhere(ctx, kind, "", "", keep)
		if !apierr.Is(err, apierr.Denied) {
			return items, err
		}
	}
	var (
		mu  sync.Mutex
		all []map[string]any
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, namespace := range namespaces {
		group.Go(func() error {
			items, err := c.list(ctx, kind, namespace, "")
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, items...)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return all, nil
}

func (c *Client) list(ctx context.Context, kind Kind, namespace, selector string) ([]map[string]any, error) {
	return c.listWhere(ctx, kind, namespace, selector, func(map[string]any) bool { return true })
}

// listWhere reads page by page and keeps some of the objects. When the server forgets the next page, as it does
// some minutes after the first, all is read again.
func (c *Client) listWhere(ctx context.Context, kind Kind, namespace, selector string, keep func(map[string]any) bool) ([]map[string]any, error) {
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return nil, apierr.New(apierr.Unavailable, err)
	}
	defer c.slots.Release(1)
	for start := 1; ; start++ {
		items, err := c.listPages(ctx, reference{Kind: kind, namespace: namespace}, selector, keep)
		switch {
		case problemOf(err) == problemExpired && start < listStarts:
			continue
		case problemOf(err) == problemExpired:
			return nil, apierr.New(apierr.Unavailable, err)
		case apierr.Is(err, apierr.Missing):
			c.kinds.forget()
			return nil, apierr.Errorf(apierr.Unavailable, "%w; the cluster has just stopped to serve the kind", err)
		}
		return items, err
	}
}

func (c *Client) listPages(ctx context.Context, all reference, selector string, keep func(map[string]any) bool) ([]map[string]any, error) {
	var (
		items []map[string]any
		next  string
	)
	for {
		data, err := c.send(ctx, all.call("list"), func() *rest.Request {
			req := c.request(http.MethodGet, all).Param("limit", strconv.Itoa(pageSize))
			if next != "" {
				req.Param("continue", next)
			}
			if selector != "" {
				req.Param("labelSelector", selector)
			}
			return req
		})
		if err != nil {
			return nil, err
		}
		var page struct {
			Metadata struct {
				Continue string `json:"continue"`
			} `json:"metadata"`
			Items []map[string]any `json:"items"`
		}
		if err := utiljson.Unmarshal(data, &page); err != nil {
			return nil, apierr.Errorf(apierr.Unavailable, "%s in cluster %s: the server's answer is no list", all.call("list"), c.cluster)
		}
		for _, item := range page.Items {
			if !keep(item) {
				continue
			}
			// The server leaves both out of the items of its built-in lists.
			item["apiVersion"], item["kind"] = all.APIVersion(), all.Kind.Name
			items = append(items, item)
		}
		if next = page.Metadata.Continue; next == "" {
			return items, nil
		}
	}
}
