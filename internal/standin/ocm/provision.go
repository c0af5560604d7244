package ocm

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Spec is what was chosen when a cluster was made, as far as a case writes it down.
type Spec struct {
	MultiAZ bool `json:"multiAZ,omitempty"`
	// Private clusters are reached from within their network alone.
	Private                       bool `json:"private,omitempty"`
	DisableUserWorkloadMonitoring bool `json:"disableUserWorkloadMonitoring,omitempty"`
	// CCS clusters run in an AWS account of their owners.
	CCS bool `json:"ccs,omitempty"`
	// Storage is in GiB.
	Storage       int `json:"storage,omitempty"`
	LoadBalancers int `json:"loadBalancers,omitempty"`
	// VPC, Service and Pod are address ranges.
	NetworkType string `json:"networkType,omitempty"`
	VPC         string `json:"vpc,omitempty"`
	Service     string `json:"service,omitempty"`
	Pod         string `json:"pod,omitempty"`
	// ProvisionShard is the ID of the shard that looks after the cluster; none where it is empty.
	ProvisionShard string `json:"provisionShard,omitempty"`
	OIDCEndpoint   string `json:"oidcEndpoint,omitempty"`
	// Domain is the one below which the addresses of the cluster are; none where they are not known.
	Domain string `json:"domain,omitempty"`
	// MachineType and Workers are those of its first machine pool; Workers is a number, or two with a dash between.
	MachineType string `json:"machineType,omitempty"`
	Workers     string `json:"workers,omitempty"`
	// InstallBegan is set while it is installed, which takes InstallTakes; zero is 40 minutes.
	InstallBegan *time.Time `json:"installBegan,omitempty"`
	InstallTakes Duration   `json:"installTakes,omitempty"`
	// Failure is why it could not be installed.
	Failure string `json:"failure,omitempty"`
}

const (
	gibibyte     = 1 << 30
	installTakes = 40 * time.Minute
)

// show puts it into the view of a cluster.
func (c *Cluster) show(view object) {
	spec := c.Spec
	if spec == nil {
		spec = &Spec{}
	}
	listening := "external"
	if spec.Private {
		listening = "internal"
	}
	view["multi_az"], view["disable_user_workload_monitoring"] = spec.MultiAZ, spec.DisableUserWorkloadMonitoring
	view["ccs"] = object{"enabled": spec.CCS}
	view["storage_quota"] = object{"value": spec.Storage * gibibyte, "unit": "B"}
	view["load_balancer_quota"] = spec.LoadBalancers
	view["network"] = object{
		"type": cmp.Or(spec.NetworkType, "OVNKubernetes"), "machine_cidr": spec.VPC, "service_cidr": spec.Service, "pod_cidr": spec.Pod, "host_prefix": 23,
	}
	view["status"] = object{"state": view["state"], "provision_error_message": spec.Failure}
	api := object{"listening": listening}
	if spec.Domain != "" && view["state"] == "ready" {
		view["dns"] = object{"base_domain": spec.Domain}
		api["url"] = "https://api." + c.Name + "." + spec.Domain + ":6443"
		view["console"] = object{"url": "https://console-openshift-console.apps." + c.Name + "." + spec.Domain}
	}
	if c.Kubeconfig != nil {
		api["url"] = c.Kubeconfig.Server
	}
	view["api"] = api
}

// install brings a cluster that is installed to where it is by now.
func (c *Cluster) install(now time.Time) {
	if c.State != "installing" || c.Spec == nil || c.Spec.InstallBegan == nil {
		return
	}
	takes := time.Duration(c.Spec.InstallTakes)
	if takes == 0 {
		takes = installTakes
	}
	if !now.Before(c.Spec.InstallBegan.Add(takes)) {
		c.State, c.Spec.InstallBegan = "", nil
		c.Spec.Domain = cmp.Or(c.Spec.Domain, "0000.p1.openshiftapps.com")
	}
}

func getShard(c *call) response {
	if c.cluster.Spec == nil || c.cluster.Spec.ProvisionShard == "" {
		return notFound("Provision shard of cluster", c.id)
	}
	return ok(object{"kind": "ProvisionShard", "id": c.cluster.Spec.ProvisionShard, "href": clustersMgmt + "/provision_shards/" + c.cluster.Spec.ProvisionShard})
}

// asked is what a request says of a cluster.
type asked struct {
	Name          string
	CloudProvider struct{ ID string } `json:"cloud_provider"`
	Region        struct{ ID string }
	Product       struct{ ID string }
	Version       *struct {
		ID           string
		ChannelGroup string `json:"channel_group"`
	}
	MultiAZ bool `json:"multi_az"`
	Nodes   struct {
		Compute            *int
		AutoscaleCompute   *replicas           `json:"autoscale_compute"`
		ComputeMachineType struct{ ID string } `json:"compute_machine_type"`
	}
	Network struct {
		Type        string
		MachineCIDR string `json:"machine_cidr"`
		ServiceCIDR string `json:"service_cidr"`
		PodCIDR     string `json:"pod_cidr"`
	}
	API                           *struct{ Listening string }
	DisableUserWorkloadMonitoring *bool                    `json:"disable_user_workload_monitoring"`
	StorageQuota                  *struct{ Value float64 } `json:"storage_quota"`
	LoadBalancerQuota             *int                     `json:"load_balancer_quota"`
	Properties                    map[string]string
}

type replicas struct {
	Min int `json:"min_replicas"`
	Max int `json:"max_replicas"`
}

// dryRun says whether a request is to be checked only.
func dryRun(r *http.Request) bool { return r.URL.Query().Get("dryRun") == "true" }

// createCluster makes a cluster in the organisation of the service account.
func createCluster(c *call) response {
	var want asked
	if refused, sound := c.decode(&want); !sound {
		return refused
	}
	bad := func(format string, args ...any) response {
		return refusal(http.StatusBadRequest, fmt.Sprintf(format, args...))
	}
	if len(c.account.Organizations) != 1 {
		return refusal(http.StatusForbidden, "Account is not authorized to perform create")
	}
	organization := c.account.Organizations[0]
	for _, other := range c.estate.Clusters {
		if other.Name == want.Name && other.Organization == organization {
			return bad("Cluster name '%s' already exists in organization '%s'", want.Name, organization)
		}
	}
	version := ""
	if want.Version != nil {
		version = strings.TrimPrefix(want.Version.ID, "openshift-v")
	}
	switch {
	case want.Name == "" || len(want.Name) > 54:
		return bad("Cluster name '%s' is not valid", want.Name)
	case want.Region.ID == "" || want.CloudProvider.ID == "":
		return bad("Cloud provider and region are mandatory")
	case c.estate.Versions[version] == nil:
		return bad("Version '%s' doesn't exist", version)
	case want.Nodes.ComputeMachineType.ID == "":
		return bad("Machine type is mandatory")
	case dryRun(c.Request):
		return gone
	}
	began := c.server.now().UTC().Truncate(time.Second)
	made := &Cluster{
		Name: want.Name, Organization: organization, Product: want.Product.ID, State: "installing", Region: want.Region.ID, Version: version,
		Spec: &Spec{InstallBegan: &began, MultiAZ: want.MultiAZ, ProvisionShard: want.Properties["provision_shard_id"], MachineType: want.Nodes.ComputeMachineType.ID},
	}
	if want.Nodes.Compute != nil {
		made.Spec.Workers = fmt.Sprint(*want.Nodes.Compute)
	} else if bounds := want.Nodes.AutoscaleCompute; bounds != nil {
		made.Spec.Workers = fmt.Sprintf("%d-%d", bounds.Min, bounds.Max)
	}
	made.Spec.NetworkType, made.Spec.VPC = want.Network.Type, want.Network.MachineCIDR
	made.Spec.Service, made.Spec.Pod = want.Network.ServiceCIDR, want.Network.PodCIDR
	made.take(want)
	id := "id-of-" + want.Name
	if c.estate.Clusters == nil {
		c.estate.Clusters = map[string]*Cluster{}
	}
	c.estate.Clusters[id] = made
	return created(c.clusterView(id, made))
}

func updateCluster(c *call) response {
	var want asked
	if refused, sound := c.decode(&want); !sound {
		return refused
	}
	switch {
	case c.cluster.State != "" && c.cluster.State != "ready":
		return refusal(http.StatusBadRequest, "Cluster '"+c.id+"' is not ready, it is in state '"+c.cluster.State+"'")
	case (want.StorageQuota != nil || want.LoadBalancerQuota != nil) && c.cluster.Spec != nil && c.cluster.Spec.CCS:
		return refusal(http.StatusBadRequest, "Quota of CCS cluster '"+c.id+"' can't be changed")
	case dryRun(c.Request):
		return gone
	}
	if c.cluster.Spec == nil {
		c.cluster.Spec = &Spec{}
	}
	c.cluster.take(want)
	return ok(c.clusterView(c.id, c.cluster))
}

// take is what can be changed later too.
func (c *Cluster) take(want asked) {
	if want.Version != nil && want.Version.ChannelGroup != "" {
		c.Channel = want.Version.ChannelGroup
		if c.Channel == "stable" {
			c.Channel = ""
		}
	}
	if want.API != nil {
		c.Spec.Private = want.API.Listening == "internal"
	}
	if want.DisableUserWorkloadMonitoring != nil {
		c.Spec.DisableUserWorkloadMonitoring = *want.DisableUserWorkloadMonitoring
	}
	if want.StorageQuota != nil {
		c.Spec.Storage = int(want.StorageQuota.Value) / gibibyte
	}
	if want.LoadBalancerQuota != nil {
		c.Spec.LoadBalancers = *want.LoadBalancerQuota
	}
}
