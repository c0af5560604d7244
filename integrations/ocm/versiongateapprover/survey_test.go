package versiongateapprover

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// clusterOf is a cluster with all kinds of gates enabled.
func clusterOf(product string, sts, hosted bool, upgradesTo ...string) found {
	c := ocmapi.Cluster{ID: "c1", Name: "c", Product: ocmapi.Link{ID: product}, Region: ocmapi.Link{ID: "us-east-1"}}
	c.Version = ocmapi.ClusterVersion{RawID: "4.12.17", ChannelGroup: "stable", AvailableUpgrades: upgradesTo}
	c.Hypershift.Enabled = hosted
	if sts {
		c.AWS = &ocmapi.ClusterAWS{STS: &ocmapi.ClusterSTS{Enabled: true, RoleARN: "arn:aws:iam::123:role/path/acme-Installer-Role"}}
	}
	return found{c, map[string]string{approvals: upgrades.GateOCP + "," + upgrades.GateSTS + "," + upgrades.GateIngress}}
}

func TestWhichGatesAreAhead(t *testing.T) {
	gates := []ocmapi.VersionGate{
		{ID: "ocp-12", Label: upgrades.GateOCP, VersionRawIDPrefix: "4.12"}, {ID: "ocp-13", Label: upgrades.GateOCP, VersionRawIDPrefix: "4.13"},
		{ID: "sts-13", Label: upgrades.GateSTS, VersionRawIDPrefix: "4.13", STSOnly: true}, {ID: "other-13", Label: "other", VersionRawIDPrefix: "4.13"},
		{ID: "ingress-14", Label: upgrades.GateIngress, VersionRawIDPrefix: "4.14"},
	}
	for _, tc := range []struct {
		name    string
		cluster found
		want    []string
	}{
		{"of OSD", clusterOf("osd", false, false, "4.13.1"), []string{"ocp-13"}},
		{"of ROSA without STS", clusterOf("rosa", false, false, "4.13.1"), []string{"ocp-13"}},
		{"of ROSA with STS", clusterOf("rosa", true, false, "4.13.1"), []string{"ocp-13", "sts-13"}},
		{"of a hosted control plane", clusterOf("rosa", true, true, "4.13.1"), []string{"ocp-13", "sts-13"}},
		{"of two versions", clusterOf("osd", false, false, "4.12.18", "4.13.1", "4.14.0"), []string{"ocp-13", "ingress-14"}},
		{"without an upgrade", clusterOf("osd", false, false), nil},
		{"without an upgrade to another minor version", clusterOf("osd", true, false, "4.12.18"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var ids []string
			for _, g := range tc.cluster.ahead(gates) {
				ids = append(ids, g.ID)
			}
			require.Equal(t, tc.want, ids)
			tc.cluster.labels = map[string]string{approvals: "none"}
			require.Empty(t, tc.cluster.ahead(gates), "none is enabled")
		})
	}
}

func TestWhichKindsAreEnabled(t *testing.T) {
	for _, tc := range []struct {
		name   string
		labels map[string]string
		want   []string
	}{
		{"one", map[string]string{approvals: "a"}, []string{"a"}},
		{"several", map[string]string{approvals: "a,b, c"}, []string{"a", "b", "c"}},
		{"an empty label", map[string]string{approvals: ""}, []string{upgrades.GateOCP}},
		{"another label", map[string]string{prefix + "workloads": "a"}, []string{upgrades.GateOCP}},
		{"no label", nil, []string{upgrades.GateOCP}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kinds := enabled(tc.labels)
			require.Len(t, kinds, len(tc.want))
			for _, kind := range tc.want {
				require.True(t, kinds[kind], kind)
			}
		})
	}
}

func TestWhoseRolesAreUpgraded(t *testing.T) {
	settings := func() (rosa.Settings, error) { return rosa.Settings{Role: "r"}, nil }
	of := scheduling.Organization{}
	of.ID = "org-1"
	ahead := []gate{
		{ID: "sts-10", Label: upgrades.GateSTS, Minor: "4.10"}, {ID: "ocp-9", Label: upgrades.GateOCP, Minor: "4.9"}, {ID: "sts-9", Label: upgrades.GateSTS, Minor: "4.9"},
	}
	items, err := clusterOf("rosa", true, false).items(of, ahead, settings)
	require.NoError(t, err)
	require.Len(t, items, 2)
	require.Equal(t, []gate{ahead[2], ahead[0]}, items[1].Gates, "the older one first")
	require.Equal(t, &roles{
		Settings: rosa.Settings{Role: "r"}, Account: rosa.Account{UID: "123", Region: "us-east-1", Organization: "org-1"}, Prefix: "acme", Channel: "stable",
	}, items[1].Roles)

	items, err = clusterOf("rosa", true, true).items(of, ahead, settings)
	require.NoError(t, err)
	require.Len(t, items, 3, "those of a hosted control plane are not")
	for _, item := range items {
		require.Nil(t, item.Roles)
	}
	for says, arn := range map[string]string{
		"only those of ROSA clusters can":                                "",
		`"arn:aws:iam::123:role/mine" does not end in -Installer-Role`:   "arn:aws:iam::123:role/mine",
		`"-Installer-Role" does not end in -Installer-Role`:              "-Installer-Role",
		`"arn:aws:iam::1:role/-Installer-Role" does not end in`:          "arn:aws:iam::1:role/-Installer-Role",
		`"" does not end in -Installer-Role, before which the prefix of`: "none",
	} {
		c := clusterOf("osd", true, false)
		if arn != "" {
			c.Product.ID, c.AWS.STS.RoleARN = "rosa", arn
		}
		if arn == "none" {
			c.AWS.STS.RoleARN = ""
		}
		_, fault, err := c.roles(of, settings)
		require.NoError(t, err)
		require.Contains(t, fault, says)
	}
	_, fault, err := clusterOf("rosa", true, false).roles(of, func() (rosa.Settings, error) {
		return rosa.Settings{}, apierr.Errorf(apierr.Invalid, "set --rosa-role")
	})
	require.NoError(t, err)
	require.Equal(t, "set --rosa-role", fault)
	_, _, err = clusterOf("rosa", true, false).roles(of, func() (rosa.Settings, error) {
		return rosa.Settings{}, apierr.Errorf(apierr.Unavailable, "no answer")
	})
	require.Error(t, err)
}
