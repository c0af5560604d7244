package ocmapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// NewCluster is what OCM makes a cluster of.
// Source: the type Cluster in clusters_mgmt's model.
type NewCluster struct {
	Name          string         `json:"name"`
	CloudProvider Link           `json:"cloud_provider"`
	Region        Link           `json:"region"`
	Version       NewVersion     `json:"version"`
	MultiAZ       bool           `json:"multi_az"`
	Nodes         NewNodes       `json:"nodes"`
	Network       ClusterNetwork `json:"network"`
	API           Listening      `json:"api"`
	// DisableUserWorkloadMonitoring is true unless people want the monitoring.
	DisableUserWorkloadMonitoring bool              `json:"disable_user_workload_monitoring"`
	StorageQuota                  *Amount           `json:"storage_quota,omitempty"`
	LoadBalancerQuota             *int              `json:"load_balancer_quota,omitempty"`
	Properties                    map[string]string `json:"properties,omitempty"`
}

// NewVersion names a version by its ID, such as openshift-v4.16.3, and the channel that upgrades come from.
type NewVersion struct {
	ID           string `json:"id,omitempty"`
	ChannelGroup string `json:"channel_group"`
}

// NewNodes are the workers of a cluster: a number of them, or bounds for it.
type NewNodes struct {
	ComputeMachineType Link   `json:"compute_machine_type"`
	Compute            *int   `json:"compute,omitempty"`
	AutoscaleCompute   *Range `json:"autoscale_compute,omitempty"`
}

// Range bounds a number of nodes.
type Range struct {
	MinReplicas int `json:"min_replicas"`
	MaxReplicas int `json:"max_replicas"`
}

// Listening says who reaches an API server: Internal or External.
type Listening struct {
	Listening string `json:"listening"`
}

// Who reaches a cluster's API server.
const (
	Internal = "internal"
	External = "external"
)

// Amount is a number of bytes.
type Amount struct {
	Value float64 `json:"value"`
}

// ClusterUpdate is what is to become of a cluster; what is nil stays as it is.
type ClusterUpdate struct {
	Version                       *NewVersion `json:"version,omitempty"`
	API                           *Listening  `json:"api,omitempty"`
	DisableUserWorkloadMonitoring *bool       `json:"disable_user_workload_monitoring,omitempty"`
	StorageQuota                  *Amount     `json:"storage_quota,omitempty"`
	LoadBalancerQuota             *int        `json:"load_balancer_quota,omitempty"`
}

// CreateCluster has a cluster made in the organisation of the service account, which takes OCM the better part of an hour.
// It is not safe to repeat: look first for a cluster of the name.
func (c *Client) CreateCluster(ctx context.Context, cluster NewCluster) error {
	return c.provision(ctx, http.MethodPost, "create cluster "+cluster.Name, []string{"clusters"}, cluster, nil)
}

// CheckNewCluster says whether OCM would take the cluster. Nothing is made of it: what OCM would refuse is Invalid.
func (c *Client) CheckNewCluster(ctx context.Context, cluster NewCluster) error {
	return c.provision(ctx, http.MethodPost, "check cluster "+cluster.Name, []string{"clusters"}, cluster, dryRun())
}

// UpdateCluster changes a cluster.
func (c *Client) UpdateCluster(ctx context.Context, cluster string, update ClusterUpdate) error {
	return c.provision(ctx, http.MethodPatch, "update cluster "+cluster, of(cluster), update, nil)
}

// CheckClusterUpdate says whether OCM would take the update, as CheckNewCluster does.
func (c *Client) CheckClusterUpdate(ctx context.Context, cluster string, update ClusterUpdate) error {
	return c.provision(ctx, http.MethodPatch, "check an update of cluster "+cluster, of(cluster), update, dryRun())
}

func (c *Client) provision(ctx context.Context, method, what string, segments []string, body any, query url.Values) error {
	return c.do(ctx, request{what: what, method: method, path: clustersMgmt, segments: segments, query: query, body: body}, nil)
}

// ProvisionShard returns the ID of the shard of OCM that looks after a cluster, "" where it has none.
func (c *Client) ProvisionShard(ctx context.Context, cluster string) (string, error) {
	var shard Link
	err := c.do(ctx, request{
		what: in(cluster, "get the provision shard"), method: http.MethodGet, path: clustersMgmt, segments: of(cluster, "provision_shard"),
	}, &shard)
	if apierr.Is(err, apierr.Missing) {
		return "", nil
	}
	return shard.ID, err
}

// dryRunParameter has OCM check a request, and do nothing.
const dryRunParameter = "dryRun"

func dryRun() url.Values { return url.Values{dryRunParameter: {"true"}} }

// isDryRun recognises requests that change nothing though they are no GET.
func isDryRun(r *http.Request) bool { return r.URL.Query().Get(dryRunParameter) == "true" }
