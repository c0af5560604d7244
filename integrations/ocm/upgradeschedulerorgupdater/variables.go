package upgradeschedulerorgupdater

import (
	"cmp"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

const gibibyte = 1 << 30

// clusterVariables are what templates see of a cluster. Names and nesting are those of the reference's OCMSpec, and what
// OCM does not say, or the reference does not take from it, is None as there.
//
// Differs from the reference: a cluster of ROSA without the property rosa_creator_arn has None there; the reference breaks
// off.
func clusterVariables(c ocmapi.Cluster) map[string]any {
	spec := map[string]any{
		"id": c.ID, "external_id": c.ExternalID, "product": c.Product.ID, "provider": c.CloudProvider.ID, "region": c.Region.ID,
		"channel": c.Version.ChannelGroup, "version": c.Version.RawID, "multi_az": c.MultiAZ, "private": c.API.Listening == ocmapi.Internal,
		"disable_user_workload_monitoring": c.DisableUserWorkloadMonitoring, "hypershift": c.Hypershift.Enabled,
		"autoscale": nil, "instance_type": nil, "nodes": nil, "provision_shard_id": nil, "initial_version": nil,
	}
	switch {
	case c.Product.ID == ocmapi.ProductROSA:
		addROSA(spec, c)
	case !c.CCS.Enabled:
		spec["storage"], spec["load_balancers"] = int(c.StorageQuota.Value)/gibibyte, c.LoadBalancerQuota
	}
	return map[string]any{
		"spec": spec,
		"network": map[string]any{
			"type": cmp.Or(c.Network.Type, "OVNKubernetes"), "vpc": c.Network.MachineCIDR, "service": c.Network.ServiceCIDR, "pod": c.Network.PodCIDR,
		},
		"domain": c.DNS.BaseDomain, "server_url": c.API.URL, "console_url": c.Console.URL,
		"path": nil, "machine_pools": []any{}, "elb_fqdn": "",
	}
}

func addROSA(spec map[string]any, c ocmapi.Cluster) {
	var uid, creator, endpoint, sts, subnets, zones any
	if arn := c.Properties[ocmapi.PropertyCreatorARN]; arn != "" {
		creator = arn
		// arn:aws:iam::ACCOUNT:user/NAME
		if parts := strings.Split(arn, ":"); len(parts) > 4 {
			uid = parts[4]
		}
	}
	if c.AWS != nil {
		subnets = list(c.AWS.SubnetIDs)
		if roles := c.AWS.STS; roles != nil {
			sts = map[string]any{
				"installer_role_arn": roles.RoleARN, "support_role_arn": roles.SupportRoleARN,
				"controlplane_role_arn": text(roles.InstanceIAMRoles["master_role_arn"]), "worker_role_arn": text(roles.InstanceIAMRoles["worker_role_arn"]),
			}
			endpoint = roles.OIDCEndpointURL
		}
	}
	zones = list(c.Nodes.AvailabilityZones)
	spec["account"] = map[string]any{
		"uid": uid, "rosa": map[string]any{"creator_role_arn": creator, "sts": sts}, "billing_account_id": nil,
	}
	spec["subnet_ids"], spec["availability_zones"], spec["oidc_endpoint_url"] = subnets, zones, endpoint
}

// list is None where OCM says nothing.
func list(of []string) any {
	if of == nil {
		return nil
	}
	return of
}

func text(of string) any {
	if of == "" {
		return nil
	}
	return of
}
