package ocmapi

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// pageSize is the largest that every API of OCM takes.
const pageSize = 100

// page is the envelope of lists.
type page[T any] struct {
	Kind  string `json:"kind"`
	Size  int    `json:"size"`
	Total int    `json:"total"`
	Items []T    `json:"items"`
}

// order is how a list is sorted, so that its pages fit together. The APIs differ in the name of the parameter.
type order struct{ parameter, by string }

// list reads all pages of a list; ID returns what tells its items apart.
//
// Differs from the reference: pages that overlap, or that together have fewer items than the list says, are an error
// that passes. The reference orders most lists not at all, and takes what it gets.
func list[T any](ctx context.Context, c *Client, r request, by order, id func(T) string) ([]T, error) {
	r.method = http.MethodGet
	query := url.Values{"size": {strconv.Itoa(pageSize)}}
	maps.Copy(query, r.query)
	if by.by != "" {
		query.Set(by.parameter, by.by)
	}
	r.query = query
	items, seen := []T{}, map[string]bool{}
	for number := 1; ; number++ {
		query.Set("page", strconv.Itoa(number))
		var answer page[T]
		if err := c.do(ctx, r, &answer); err != nil {
			return nil, err
		}
		for _, item := range answer.Items {
			seen[id(item)] = true
		}
		items = append(items, answer.Items...)
		if len(answer.Items) == pageSize {
			continue
		}
		if len(seen) < len(items) || answer.Total > len(items) {
			return nil, apierr.Errorf(apierr.Unavailable, "ocm %s: %s: the list of %d changed while it was read", c.base.Host, r.what, answer.Total)
		}
		return items, nil
	}
}
