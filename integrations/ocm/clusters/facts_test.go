package clusters

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestWhatCanBeChanged(t *testing.T) {
	off := true
	for _, tc := range []struct {
		name            string
		kind            kind
		wanted, live    facts
		change, refused []string
	}{
		{"nothing", kindOSD, facts{channel: "a", storage: "1"}, facts{channel: "a", storage: "1", disableMonitoring: "true"}, nil, nil},
		{
			"all that OCM changes", kindOSD,
			facts{channel: "b", storage: "2", loadBalancers: "2", private: "true", disableMonitoring: "false"},
			facts{channel: "a", storage: "1", loadBalancers: "1", private: "false", disableMonitoring: "true"},
			[]string{channel, disableMonitoring, loadBalancers, private, storage}, nil,
		},
		{"a network", kindOSD, facts{networkRanges: "b", channel: "b"}, facts{networkRanges: "a", channel: "a"}, []string{channel}, []string{networkRanges}},
		{"a product", kindROSA, facts{product: "osd"}, facts{product: "rosa"}, nil, []string{product}},
		{"a quota in the account of the owners", kindOSD, facts{storage: "2", loadBalancers: "2"}, facts{}, nil, nil},
		{"a quota that the datafile cannot have", kindOSD, facts{}, facts{storage: "2"}, nil, []string{storage}},
		{"ROSA, its channel", kindROSA, facts{channel: "b", disableMonitoring: "true"}, facts{channel: "a", disableMonitoring: "false"}, []string{channel, disableMonitoring}, nil},
		{"ROSA, who reaches it", kindROSA, facts{private: "true"}, facts{private: "false"}, nil, []string{private}},
		{"a hosted control plane", kindHypershift, facts{channel: "b", private: "true"}, facts{channel: "a", private: "false"}, nil, nil},
		{"the monitoring of a hosted control plane", kindHypershift, facts{disableMonitoring: "true"}, facts{disableMonitoring: "false"}, []string{disableMonitoring}, nil},
		{"its availability zones", kindHypershift, facts{multiAZ: "true"}, facts{multiAZ: "false"}, nil, []string{multiAZ}},
		{"of a product that is not known", "aro", facts{channel: "b"}, facts{channel: "a"}, nil, []string{channel}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			change, refused := tc.wanted.differences(tc.live, tc.kind)
			require.Equal(t, tc.change, change)
			require.Equal(t, tc.refused, refused)
		})
	}
	update := osdFile(func(f *specClusterSpecOSDV1) {
		f.Storage, f.LoadBalancers, f.Private, f.Channel, f.DisableUserWorkloadMonitoring = 3, 2, true, "fast", &off
	}).update([]string{channel, disableMonitoring, loadBalancers, private, storage})
	balancers := 2
	require.Equal(t, ocmapi.ClusterUpdate{
		Version: &ocmapi.NewVersion{ChannelGroup: "fast"}, API: &ocmapi.Listening{Listening: ocmapi.Internal}, DisableUserWorkloadMonitoring: &off,
		StorageQuota: &ocmapi.Amount{Value: 3 << 30}, LoadBalancerQuota: &balancers,
	}, update)
}

// osdFile is a datafile of a cluster that OCM makes.
func osdFile(change func(*specClusterSpecOSDV1)) file {
	fields := &specClusterSpecOSDV1{
		Product: "osd", Provider: "aws", Region: "us-east-1", Channel: "stable", Version: "4.10.0", InitialVersion: "4.9.1", Storage: 1100, LoadBalancers: 5,
	}
	change(fields)
	replicas := 5
	return file{
		Path: "/c.yml", Name: "c", Ocm: &manager{Name: "ocm", OrgId: "org-1"}, Spec: fields, Network: &network{Vpc: "10.0.0.0/16", Service: "172.30.0.0/16", Pod: "10.128.0.0/14"},
		MachinePools: []machinePool{{Id: "extra", InstanceType: "m5.large"}, {Id: "worker", InstanceType: "m5.xlarge", Replicas: &replicas}},
	}
}

func TestWhatOCMMakesAClusterOf(t *testing.T) {
	made, err := osdFile(func(*specClusterSpecOSDV1) {}).newCluster()
	require.NoError(t, err)
	five, balancers := 5, 5
	require.Equal(t, ocmapi.NewCluster{
		Name: "c", CloudProvider: ocmapi.Link{ID: "aws"}, Region: ocmapi.Link{ID: "us-east-1"}, Version: ocmapi.NewVersion{ID: "openshift-v4.9.1", ChannelGroup: "stable"},
		Nodes:   ocmapi.NewNodes{ComputeMachineType: ocmapi.Link{ID: "m5.xlarge"}, Compute: &five},
		Network: ocmapi.ClusterNetwork{Type: "OVNKubernetes", MachineCIDR: "10.0.0.0/16", ServiceCIDR: "172.30.0.0/16", PodCIDR: "10.128.0.0/14"},
		API:     ocmapi.Listening{Listening: ocmapi.External}, DisableUserWorkloadMonitoring: true,
		StorageQuota: &ocmapi.Amount{Value: 1181116006400}, LoadBalancerQuota: &balancers,
	}, made)

	wanted := false
	scaled := osdFile(func(f *specClusterSpecOSDV1) { f.DisableUserWorkloadMonitoring, f.ProvisionShardId = &wanted, "shard" })
	scaled.MachinePools[1].Autoscale = &machinePoolAutoscaleClusterSpecAutoScaleV1{MinReplicas: 21, MaxReplicas: 30}
	made, err = scaled.newCluster()
	require.NoError(t, err)
	require.Nil(t, made.Nodes.Compute)
	require.Equal(t, &ocmapi.Range{MinReplicas: 21, MaxReplicas: 30}, made.Nodes.AutoscaleCompute)
	require.False(t, made.DisableUserWorkloadMonitoring)
	require.Equal(t, map[string]string{"provision_shard_id": "shard"}, made.Properties)

	scaled.MachinePools = scaled.MachinePools[:1]
	_, err = scaled.newCluster()
	require.ErrorContains(t, err, "cluster c (/c.yml) has no machine pool worker: add it")
}

func TestFaultsOfDatafiles(t *testing.T) {
	sound := osdFile(func(*specClusterSpecOSDV1) {})
	require.NoError(t, sound.fault())
	bare := sound
	bare.Network = nil
	require.ErrorContains(t, bare.fault(), "no network")
	bare.Spec = nil
	require.ErrorContains(t, bare.fault(), "no spec")
	for name, tc := range map[string]struct {
		environments []string
		says         string
	}{
		"an account that knows the OCM":              {[]string{"other", "ocm"}, ""},
		"one that does not":                          {[]string{"other"}, "has 0 entries of ocm ocm"},
		"one that knows it twice":                    {[]string{"ocm", "ocm"}, "has 2 entries of ocm ocm"},
		"one that is not configured for ROSA at all": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := rosaFile(true, func(*specClusterSpecROSAV1) {})
			if tc.environments != nil {
				at.rosa().Account.Rosa = &accountRosaRosaOcmSpecV1{}
			}
			for _, environment := range tc.environments {
				entry := accountRosaRosaOcmSpecV1OcmEnvironmentsRosaOcmAwsSpecV1{}
				entry.Ocm.Name = environment
				at.rosa().Account.Rosa.OcmEnvironments = append(at.rosa().Account.Rosa.OcmEnvironments, entry)
			}
			if tc.says == "" {
				require.NoError(t, at.fault())
				return
			}
			require.ErrorContains(t, at.fault(), tc.says)
		})
	}
}

func TestWhatADatafileLacks(t *testing.T) {
	live := seen{shard: "shard"}
	live.ID, live.ExternalID, live.Version.RawID = "id", "uuid", "4.10.0"
	live.API.URL, live.Console.URL = "https://api.c.x.org:6443", "https://console-openshift-console.apps.c.x.org"
	live.DisableUserWorkloadMonitoring = true
	full := osdFile(func(f *specClusterSpecOSDV1) { f.Id, f.ExternalId, f.ProvisionShardId = "id", "uuid", "shard" })
	full.ServerUrl, full.ConsoleUrl, full.ElbFQDN = live.API.URL, live.Console.URL, "elb.apps.c.x.org"
	no := false
	full.osd().DisableUserWorkloadMonitoring = &no
	root := map[string]any{"serverUrl": live.API.URL, "consoleUrl": live.Console.URL, "elbFQDN": "elb.apps.c.x.org"}
	for _, tc := range []struct {
		name   string
		change func(*file, *specClusterSpecOSDV1, *seen)
		want   fill
	}{
		{"nothing", func(*file, *specClusterSpecOSDV1, *seen) {}, fill{}},
		{"all of it", func(f *file, s *specClusterSpecOSDV1, _ *seen) {
			f.ServerUrl, f.ConsoleUrl, f.ElbFQDN = "", "", ""
			s.Id, s.ExternalId, s.ProvisionShardId, s.Version, s.DisableUserWorkloadMonitoring = "", "", "", "", nil
		}, fill{Root: root, Spec: map[string]any{
			"id": "id", "external_id": "uuid", "provision_shard_id": "shard", "version": "4.10.0", "disable_user_workload_monitoring": true,
		}}},
		{"what has changed", func(f *file, s *specClusterSpecOSDV1, _ *seen) {
			f.ServerUrl, f.ConsoleUrl, f.ElbFQDN = "old", "old", "old"
			s.Id, s.ExternalId, s.ProvisionShardId, s.Version = "old", "old", "old", "4.9.99"
		}, fill{Root: root, Spec: map[string]any{"id": "id", "external_id": "uuid", "provision_shard_id": "shard", "version": "4.10.0"}}},
		{"what OCM does not tell", func(_ *file, _ *specClusterSpecOSDV1, l *seen) {
			l.shard, l.API.URL, l.Console.URL, l.ExternalID, l.DisableUserWorkloadMonitoring = "", "", "", "", false
		}, fill{}},
		{"the address of the load balancer", func(f *file, _ *specClusterSpecOSDV1, _ *seen) { f.ElbFQDN = "wrong" }, fill{Root: map[string]any{"elbFQDN": "elb.apps.c.x.org"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, fields, l := full, *full.osd(), live
			f.Spec = &fields
			tc.change(&f, &fields, &l)
			got, err := f.lacks(l)
			require.NoError(t, err)
			require.True(t, maps.Equal(tc.want.Root, got.Root), "%v", got)
			require.True(t, maps.Equal(tc.want.Spec, got.Spec), "%v", got)
		})
	}
	ahead := full
	ahead.osd().Version = "4.11.0"
	_, err := ahead.lacks(live)
	require.ErrorContains(t, err, "write 4.10.0 there")
	ahead.osd().Version = "latest"
	_, err = ahead.lacks(live)
	require.ErrorContains(t, err, `"latest" is no version`)

	at := rosaFile(false, func(f *specClusterSpecROSAV1) { f.Version = "4.10.0" })
	live.AWS = &ocmapi.ClusterAWS{STS: &ocmapi.ClusterSTS{OIDCEndpointURL: "https://oidc/x"}}
	got, err := at.lacks(live)
	require.NoError(t, err)
	require.Equal(t, "https://oidc/x", got.Spec["oidc_endpoint_url"])
}
