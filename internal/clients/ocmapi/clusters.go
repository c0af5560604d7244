package ocmapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Link refers to another object of OCM.
type Link struct {
	ID   string `json:"id"`
	Href string `json:"href,omitempty"`
}

// The products whose clusters app-interface describes.
const (
	ProductOSD  = "osd"
	ProductROSA = "rosa"
)

// The states of a cluster that the reference tells apart; OCM has more.
const (
	ClusterReady        = "ready"
	ClusterInstalling   = "installing"
	ClusterError        = "error"
	ClusterUninstalling = "uninstalling"
)

// Cluster is a cluster as clusters_mgmt knows it.
type Cluster struct {
	// ID is clusters_mgmt's own, ExternalID the cluster's UUID.
	ID          string `json:"id"`
	ExternalID  string `json:"external_id"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Managed     bool   `json:"managed"`
	State       string `json:"state"`

	Subscription      Link           `json:"subscription"`
	Region            Link           `json:"region"`
	CloudProvider     Link           `json:"cloud_provider"`
	Product           Link           `json:"product"`
	IdentityProviders Link           `json:"identity_providers"`
	Version           ClusterVersion `json:"version"`
	Hypershift        struct {
		Enabled bool `json:"enabled"`
	} `json:"hypershift"`
	AWS     *ClusterAWS `json:"aws"`
	Console struct {
		URL string `json:"url"`
	} `json:"console"`
	API struct {
		URL       string `json:"url"`
		Listening string `json:"listening"`
	} `json:"api"`
	DNS struct {
		BaseDomain string `json:"base_domain"`
	} `json:"dns"`
	ClusterSize
	// CreationTimestamp is as OCM writes it: RFC 3339.
	CreationTimestamp string `json:"creation_timestamp"`
	Status            struct {
		// ProvisionErrorMessage is why a cluster in the state error could not be installed.
		ProvisionErrorMessage string `json:"provision_error_message"`
	} `json:"status"`
}

// ClusterSize is what was chosen when the cluster was made.
type ClusterSize struct {
	MultiAZ                       bool           `json:"multi_az"`
	DisableUserWorkloadMonitoring bool           `json:"disable_user_workload_monitoring"`
	Network                       ClusterNetwork `json:"network"`
	// CCS says that the cluster runs in an AWS account of its owners, who pay for storage and load balancers there.
	CCS struct {
		Enabled bool `json:"enabled"`
	} `json:"ccs"`
	StorageQuota      Amount `json:"storage_quota"`
	LoadBalancerQuota int    `json:"load_balancer_quota"`
	// Properties are free text; OCM and its command lines put some of their own there.
	Properties map[string]string `json:"properties"`
	Nodes      struct {
		AvailabilityZones []string `json:"availability_zones"`
	} `json:"nodes"`
}

// PropertyCreatorARN is the property with the ARN of the AWS user who made a cluster of ROSA.
const PropertyCreatorARN = "rosa_creator_arn"

// ClusterNetwork are the address ranges of a cluster. Type is its network plugin.
type ClusterNetwork struct {
	Type        string `json:"type"`
	MachineCIDR string `json:"machine_cidr"`
	ServiceCIDR string `json:"service_cidr"`
	PodCIDR     string `json:"pod_cidr"`
}

// ClusterVersion is the version that a cluster runs.
type ClusterVersion struct {
	// ID is that of the version with its channel, such as openshift-v4.16.3-candidate; RawID is 4.16.3.
	ID                string   `json:"id"`
	RawID             string   `json:"raw_id"`
	ChannelGroup      string   `json:"channel_group"`
	AvailableUpgrades []string `json:"available_upgrades"`
}

// ClusterAWS is what OCM knows of the AWS account of a cluster.
type ClusterAWS struct {
	STS       *ClusterSTS `json:"sts"`
	SubnetIDs []string    `json:"subnet_ids"`
}

// ClusterSTS are the roles of a cluster that works with short-lived credentials.
type ClusterSTS struct {
	Enabled            bool              `json:"enabled"`
	RoleARN            string            `json:"role_arn"`
	SupportRoleARN     string            `json:"support_role_arn"`
	OIDCEndpointURL    string            `json:"oidc_endpoint_url"`
	OperatorRolePrefix string            `json:"operator_role_prefix"`
	InstanceIAMRoles   map[string]string `json:"instance_iam_roles"`
	OperatorIAMRoles   []struct {
		ID             string `json:"id"`
		Name           string `json:"name"`
		Namespace      string `json:"namespace"`
		RoleARN        string `json:"role_arn"`
		ServiceAccount string `json:"service_account"`
	} `json:"operator_iam_roles"`
}

// IsSTS says whether the cluster works with short-lived credentials of AWS.
func (c Cluster) IsSTS() bool { return c.AWS != nil && c.AWS.STS != nil && c.AWS.STS.Enabled }

// Ready says whether app-interface can work with the cluster: it is a managed one of a known product, and installed.
func (c Cluster) Ready() bool {
	return c.Managed && c.State == ClusterReady && slices.Contains([]string{ProductOSD, ProductROSA}, c.Product.ID)
}

// ListClusters returns the clusters that meet the condition and the service account may see, by their IDs.
func (c *Client) ListClusters(ctx context.Context, condition Search) ([]Cluster, error) {
	return list(ctx, c, request{
		what: "list clusters", path: clustersMgmt, segments: []string{"clusters"}, query: searched(condition),
	}, order{"order", "id"}, func(cluster Cluster) string { return cluster.ID })
}

// ManagedIn is met by the managed clusters of an organisation that are of a known product, ready or not.
func ManagedIn(organization string) Search {
	return All(Is("organization.id", organization), Is("managed", "true"), In("product.id", ProductOSD, ProductROSA))
}

// GetCluster returns a cluster by its ID.
func (c *Client) GetCluster(ctx context.Context, id string) (Cluster, error) {
	var cluster Cluster
	err := c.do(ctx, request{
		what: "look up cluster " + id, method: http.MethodGet, path: clustersMgmt, segments: of(id),
	}, &cluster)
	return cluster, err
}

func searched(condition Search) url.Values {
	if condition.text == "" {
		return nil
	}
	return url.Values{"search": {condition.text}}
}

// in puts words on where something is, for messages.
func in(cluster, format string, args ...any) string {
	return fmt.Sprintf(format, args...) + " of cluster " + cluster
}
