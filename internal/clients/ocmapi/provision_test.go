package ocmapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// company is an estate whose bot makes clusters.
var company = strings.Replace(estate, "[org-1, org-2]", "[org-1]", 1)

func wanted() ocmapi.NewCluster {
	workers, balancers := 4, 2
	return ocmapi.NewCluster{
		Name: "prod-2", CloudProvider: ocmapi.Link{ID: "aws"}, Region: ocmapi.Link{ID: "eu-west-1"},
		Version: ocmapi.NewVersion{ID: "openshift-v4.16.1", ChannelGroup: "candidate"}, MultiAZ: true,
		Nodes:   ocmapi.NewNodes{ComputeMachineType: ocmapi.Link{ID: "m5.xlarge"}, Compute: &workers},
		Network: ocmapi.ClusterNetwork{Type: "OVNKubernetes", MachineCIDR: "10.0.0.0/16", ServiceCIDR: "172.30.0.0/16", PodCIDR: "10.128.0.0/14"},
		API:     ocmapi.Listening{Listening: ocmapi.Internal}, DisableUserWorkloadMonitoring: true,
		StorageQuota: &ocmapi.Amount{Value: 600 << 30}, LoadBalancerQuota: &balancers,
		Properties: map[string]string{"provision_shard_id": "shard-1"},
	}
}

func TestAClusterIsMade(t *testing.T) {
	s := serve(t, company)
	client := s.client(t, "bot", "hunter2")
	named := func() []ocmapi.Cluster {
		found, err := client.ListClusters(t.Context(), ocmapi.All(ocmapi.ManagedIn("org-1"), ocmapi.Is("name", "prod-2")))
		require.NoError(t, err)
		return found
	}
	require.NoError(t, client.CheckNewCluster(t.Context(), wanted()), "outside apply")
	require.Empty(t, named())
	require.NoError(t, client.CreateCluster(applying(t), wanted()))
	require.True(t, apierr.Is(client.CreateCluster(applying(t), wanted()), apierr.Invalid), "one of the name")
	made := named()[0]
	require.Equal(t, ocmapi.ClusterInstalling, made.State)
	require.Empty(t, made.API.URL)

	s.Advance(time.Hour)
	made = named()[0]
	require.True(t, made.Ready())
	require.Equal(t, "https://api.prod-2.0000.p1.openshiftapps.com:6443", made.API.URL)
	require.Equal(t, "https://console-openshift-console.apps.prod-2.0000.p1.openshiftapps.com", made.Console.URL)
	require.Equal(t, []any{"4.16.1", "candidate", "eu-west-1", ocmapi.Internal}, []any{made.Version.RawID, made.Version.ChannelGroup, made.Region.ID, made.API.Listening})
	require.Equal(t, ocmapi.ClusterSize{
		MultiAZ: true, DisableUserWorkloadMonitoring: true, Network: wanted().Network, StorageQuota: *wanted().StorageQuota, LoadBalancerQuota: 2,
	}, made.ClusterSize)
	shard, err := client.ProvisionShard(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, "shard-1", shard)
	shard, err = client.ProvisionShard(t.Context(), "c1")
	require.NoError(t, err)
	require.Empty(t, shard)
}

func TestWhatOCMWouldNotMake(t *testing.T) {
	client := serve(t, company).client(t, "bot", "hunter2")
	want := wanted()
	want.Version.ID = "openshift-v4.99.0"
	err := client.CheckNewCluster(t.Context(), want)
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.ErrorContains(t, err, "check cluster prod-2: CLUSTERS-MGMT-400: Version '4.99.0' doesn't exist")
}

func TestAClusterIsUpdated(t *testing.T) {
	client := serve(t, company).client(t, "bot", "hunter2")
	off, balancers := true, 8
	update := ocmapi.ClusterUpdate{
		Version: &ocmapi.NewVersion{ChannelGroup: "fast"}, API: &ocmapi.Listening{Listening: ocmapi.Internal},
		DisableUserWorkloadMonitoring: &off, StorageQuota: &ocmapi.Amount{Value: 1100 << 30}, LoadBalancerQuota: &balancers,
	}
	require.NoError(t, client.CheckClusterUpdate(t.Context(), "c1", update))
	require.True(t, apierr.Is(client.CheckClusterUpdate(t.Context(), "c2", update), apierr.Invalid), "it is being installed")
	require.NoError(t, client.UpdateCluster(applying(t), "c1", update))
	now, err := client.GetCluster(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, []any{"fast", ocmapi.Internal, true, float64(1100 << 30), 8}, []any{
		now.Version.ChannelGroup, now.API.Listening, now.DisableUserWorkloadMonitoring, now.StorageQuota.Value, now.LoadBalancerQuota,
	})
}

func TestAGateIsAgreedToOnce(t *testing.T) {
	client := serve(t, company).client(t, "bot", "hunter2")
	require.NoError(t, client.AgreeToGate(applying(t), "c1", "gate-2"))
	require.NoError(t, client.AgreeToGate(applying(t), "c1", "gate-1"))
	require.True(t, apierr.Is(client.AgreeToGate(applying(t), "c1", "gate-1"), apierr.Conflict))
	require.True(t, apierr.Is(client.AgreeToGate(applying(t), "c1", "gate-3"), apierr.Missing), "it is not there yet")
	agreed, err := client.ListGateAgreements(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, []string{"gate-1", "gate-2"}, agreed)
}

func TestNothingIsProvisionedOutsideApply(t *testing.T) {
	client := serve(t, company).client(t, "bot", "hunter2")
	for _, err := range []error{
		client.CreateCluster(t.Context(), wanted()), client.UpdateCluster(t.Context(), "c1", ocmapi.ClusterUpdate{}), client.AgreeToGate(t.Context(), "c1", "gate-1"),
	} {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
}

func TestAccessTokenForOtherPrograms(t *testing.T) {
	s := serve(t, company)
	client := s.client(t, "bot", "hunter2")
	token, err := client.AccessToken(t.Context())
	require.NoError(t, err)
	require.Equal(t, "hunter2.0", token.Reveal())
	require.NotContains(t, token.String(), "hunter2")
	_, err = s.client(t, "bot", "wrong").AccessToken(t.Context())
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
}
