package ocmapi

import "context"

// The states of subscriptions whose clusters are in use.
const (
	SubscriptionActive   = "Active"
	SubscriptionReserved = "Reserved"
)

// Subscription is what ties a cluster to its organisation, and has the cluster's labels.
type Subscription struct {
	ID             string `json:"id"`
	ClusterID      string `json:"cluster_id"`
	OrganizationID string `json:"organization_id"`
	Status         string `json:"status"`
	// Labels are all that it has.
	Labels []Label `json:"labels"`
}

// ListSubscriptions returns the subscriptions that meet the condition, with their labels.
func (c *Client) ListSubscriptions(ctx context.Context, condition Search) ([]Subscription, error) {
	return list(ctx, c, request{
		what: "list subscriptions", path: accountsMgmt, segments: []string{"subscriptions"}, query: withLabels(condition),
	}, byID, func(s Subscription) string { return s.ID })
}

// InUse is met by the subscriptions of managed clusters that are in use.
func InUse() Search {
	return All(In("status", SubscriptionActive, SubscriptionReserved), Is("managed", "true"))
}
