package ocmapi

import (
	"context"
	"net/url"
)

// The types of labels say what they are on.
const (
	OrganizationLabel = "Organization"
	SubscriptionLabel = "Subscription"
)

// Label is a key with a value on an organisation, or on a subscription, which is to say on its cluster.
type Label struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Value string `json:"value"`
	// Type says which of the IDs is set. OCM has more types than are named here.
	Type           string `json:"type"`
	OrganizationID string `json:"organization_id"`
	SubscriptionID string `json:"subscription_id"`
}

// ListLabels returns the labels that meet the condition, of whatever they are on.
func (c *Client) ListLabels(ctx context.Context, condition Search) ([]Label, error) {
	return list(ctx, c, request{
		what: "list labels", path: accountsMgmt, segments: []string{"labels"}, query: searched(condition),
	}, byID, func(l Label) string { return l.ID })
}

// byID is the order of accounts_mgmt's lists: IDs do not change, and the reference knows of an index on them.
var byID = order{"orderBy", "id"}

// withLabels has labels put into what is listed.
func withLabels(condition Search) url.Values {
	query := url.Values{"fetchLabels": {"true"}}
	if condition.text != "" {
		query.Set("search", condition.text)
	}
	return query
}

// Values are labels by their keys.
func Values(labels []Label) map[string]string {
	values := make(map[string]string, len(labels))
	for _, l := range labels {
		values[l.Key] = l.Value
	}
	return values
}
