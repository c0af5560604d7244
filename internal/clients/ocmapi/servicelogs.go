package ocmapi

import (
	"context"
	"net/http"
)

// Warning is the severity of a service log about what somebody has to mend.
const Warning = "Warning"

// ServiceLog is an entry that the owners of a cluster see.
type ServiceLog struct {
	// ID is empty where the entry is not written yet.
	ID string `json:"id,omitempty"`
	// ClusterUUID is the ExternalID of the cluster.
	ClusterUUID string `json:"cluster_uuid"`
	// ServiceName says who wrote it.
	ServiceName string `json:"service_name"`
	Severity    string `json:"severity"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
}

// ListServiceLogs returns the entries that meet the condition, of any cluster. They can be searched by created_at besides
// their fields.
func (c *Client) ListServiceLogs(ctx context.Context, condition Search) ([]ServiceLog, error) {
	return list(ctx, c, request{
		what: "list service logs", path: serviceLogs, segments: []string{"cluster_logs"}, query: searched(condition),
	}, byID, func(l ServiceLog) string { return l.ID })
}

// CreateServiceLog writes an entry. It is not safe to repeat: look first for what is written.
func (c *Client) CreateServiceLog(ctx context.Context, log ServiceLog) error {
	return c.do(ctx, request{
		what: "write a service log to cluster " + log.ClusterUUID, method: http.MethodPost, path: serviceLogs, segments: []string{"cluster_logs"}, body: log,
	}, nil)
}
