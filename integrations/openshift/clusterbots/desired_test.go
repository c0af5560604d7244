package clusterbots

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestClustersThatBotsAreMadeIn(t *testing.T) {
	ref, yes, no := &secret.Ref{Path: "p", Field: "token"}, true, false
	args := plan.Args{credsPath: {"creds"}, dedicatedAdminSpace: {"da"}, dedicatedAdminAccount: {"bot"}, clusterAdminSpace: {"ca"}, clusterAdminAccount: {"root"}}
	dedicated := Item{Cluster: "prod-1", What: dedicatedAdmin, Namespace: "da", Account: "bot", Vault: "creds/prod-1"}
	admin := Item{Cluster: "prod-1", What: clusterAdmin, Namespace: "ca", Account: "root", Vault: "creds/prod-1-cluster-admin"}
	ocm := &clusterOCM{OrgId: "org-1"}
	for _, tc := range []struct {
		name    string
		cluster clusterDatafile
		bots    []Item
	}{
		{"without a token", clusterDatafile{Ocm: ocm, ServerUrl: "s"}, []Item{dedicated}},
		{"without a token, and no administrators", clusterDatafile{Ocm: ocm, ServerUrl: "s", ClusterAdmin: &no}, []Item{dedicated}},
		{"with its token", clusterDatafile{Ocm: ocm, ServerUrl: "s", AutomationToken: ref}, nil},
		{"with administrators and without any token", clusterDatafile{Ocm: ocm, ServerUrl: "s", ClusterAdmin: &yes}, []Item{dedicated, admin}},
		{"with administrators and without their token", clusterDatafile{Ocm: ocm, ServerUrl: "s", ClusterAdmin: &yes, AutomationToken: ref}, []Item{admin}},
		{"with administrators and their token alone", clusterDatafile{Ocm: ocm, ServerUrl: "s", ClusterAdmin: &yes, ClusterAdminAutomationToken: ref}, []Item{dedicated}},
		{"with administrators and both tokens", clusterDatafile{Ocm: ocm, ServerUrl: "s", ClusterAdmin: &yes, AutomationToken: ref, ClusterAdminAutomationToken: ref}, nil},
		{"without OCM", clusterDatafile{ServerUrl: "s"}, nil},
		{"without an address", clusterDatafile{Ocm: ocm}, nil},
		{"with the integration switched off", clusterDatafile{Ocm: ocm, ServerUrl: "s", Disable: &switchedOff{Integrations: []string{Name}}}, nil},
		{"with another integration switched off", clusterDatafile{Ocm: ocm, ServerUrl: "s", Disable: &switchedOff{Integrations: []string{"other"}}}, []Item{dedicated}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.cluster.Name = "prod-1"
			require.Equal(t, tc.bots != nil, tc.cluster.wanting())
			if tc.bots != nil {
				require.Equal(t, tc.bots, tc.cluster.bots(args))
			}
		})
	}
}

func TestARequestComesAfterItsTokens(t *testing.T) {
	require.Less(t, Item{What: clusterAdmin}.Wave(), Item{What: request}.Wave())
	require.Less(t, Item{What: dedicatedAdmin}.Wave(), Item{What: request}.Wave())
}
