package clusters

import (
	"cmp"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// defaultPool is the machine pool that OCM makes a cluster with.
const defaultPool = "worker"

// plainNetwork is the network plugin where a datafile names none.
const plainNetwork = "OVNKubernetes"

// newCluster is what OCM makes the cluster of.
func (f file) newCluster() (ocmapi.NewCluster, error) {
	at := slices.IndexFunc(f.MachinePools, func(p machinePool) bool { return p.Id == defaultPool })
	if at < 0 {
		return ocmapi.NewCluster{}, apierr.Errorf(apierr.Invalid, "cluster %s (%s) has no machine pool %s: add it", f.Name, f.Path, defaultPool)
	}
	pool, osd := f.MachinePools[at], f.osd()
	if osd == nil {
		return ocmapi.NewCluster{}, apierr.Errorf(apierr.Invalid, "cluster %s (%s): OCM makes no clusters of the product %s", f.Name, f.Path, f.Spec.GetProduct())
	}
	made := ocmapi.NewCluster{
		Name: f.Name, CloudProvider: ocmapi.Link{ID: osd.Provider}, Region: ocmapi.Link{ID: osd.Region}, MultiAZ: osd.MultiAz,
		Version: ocmapi.NewVersion{ID: "openshift-v" + osd.InitialVersion, ChannelGroup: osd.Channel},
		Nodes:   ocmapi.NewNodes{ComputeMachineType: ocmapi.Link{ID: pool.InstanceType}, Compute: pool.Replicas},
		Network: ocmapi.ClusterNetwork{
			Type: cmp.Or(f.Network.Type, plainNetwork), MachineCIDR: f.Network.Vpc, ServiceCIDR: f.Network.Service, PodCIDR: f.Network.Pod,
		},
		API:                           listening(osd.Private),
		DisableUserWorkloadMonitoring: osd.DisableUserWorkloadMonitoring == nil || *osd.DisableUserWorkloadMonitoring,
		StorageQuota:                  bytes(osd.Storage), LoadBalancerQuota: &osd.LoadBalancers,
	}
	if pool.Autoscale != nil {
		made.Nodes.Compute = nil
		made.Nodes.AutoscaleCompute = &ocmapi.Range{MinReplicas: pool.Autoscale.MinReplicas, MaxReplicas: pool.Autoscale.MaxReplicas}
	}
	if osd.ProvisionShardId != "" {
		made.Properties = map[string]string{"provision_shard_id": osd.ProvisionShardId}
	}
	return made, nil
}

// update is what OCM is told of the fields.
func (f file) update(fields []string) ocmapi.ClusterUpdate {
	var update ocmapi.ClusterUpdate
	for _, name := range fields {
		switch name {
		case channel:
			update.Version = &ocmapi.NewVersion{ChannelGroup: f.Spec.GetChannel()}
		case private:
			reached := listening(f.Spec.GetPrivate())
			update.API = &reached
		case disableMonitoring:
			update.DisableUserWorkloadMonitoring = f.Spec.GetDisableUserWorkloadMonitoring()
		case storage:
			update.StorageQuota = bytes(f.osd().Storage)
		case loadBalancers:
			update.LoadBalancerQuota = &f.osd().LoadBalancers
		}
	}
	return update
}

func listening(private bool) ocmapi.Listening {
	if private {
		return ocmapi.Listening{Listening: ocmapi.Internal}
	}
	return ocmapi.Listening{Listening: ocmapi.External}
}

func bytes(gibibytes int) *ocmapi.Amount { return &ocmapi.Amount{Value: float64(gibibytes) * gibibyte} }
