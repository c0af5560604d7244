package ocmapi

import "context"

// Organization is a customer of OCM.
type Organization struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Labels are all that it has.
	Labels []Label `json:"labels"`
}

// ListOrganizations returns the organisations that meet the condition, with their labels.
func (c *Client) ListOrganizations(ctx context.Context, condition Search) ([]Organization, error) {
	return list(ctx, c, request{
		what: "list organisations", path: accountsMgmt, segments: []string{"organizations"}, query: withLabels(condition),
	}, byID, func(o Organization) string { return o.ID })
}
