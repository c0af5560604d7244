package appinterface_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

func TestAClusterReadsAnAnswerAndTravels(t *testing.T) {
	const answered = `{
		"name": "prod-1", "serverUrl": "https://api.prod-1:6443", "insecureSkipTLSVerify": null, "internal": false,
		"automationToken": {"path": "creds/prod-1", "field": "token", "version": null, "format": null},
		"clusterAdminAutomationToken": null,
		"disable": {"integrations": ["openshift-routes"]},
		"jumpHost": {"hostname": "bastion", "knownHosts": "/jump/hosts", "user": "ssh", "port": 2222, "remotePort": null,
			"identity": {"path": "creds/bastion", "field": "key", "version": 3, "format": "base64"}}}`
	no, port, version := false, 2222, 3
	want := appinterface.Cluster{
		Name: "prod-1", ServerURL: "https://api.prod-1:6443", Internal: &no,
		AutomationToken: &secret.Ref{Path: "creds/prod-1", Field: "token"},
		Disable:         &appinterface.Disable{Integrations: []string{"openshift-routes"}},
		JumpHost: &appinterface.JumpHost{
			Hostname: "bastion", KnownHosts: "/jump/hosts", User: "ssh", Port: &port,
			Identity: secret.Ref{Path: "creds/bastion", Field: "key", Version: &version, Format: "base64"},
		},
	}
	var got appinterface.Cluster
	require.NoError(t, json.Unmarshal([]byte(answered), &got))
	require.Equal(t, want, got)

	written, err := json.Marshal(got)
	require.NoError(t, err)
	var again appinterface.Cluster
	require.NoError(t, json.Unmarshal(written, &again))
	require.Equal(t, want, again)

	require.True(t, got.Disables("openshift-routes"))
	require.False(t, got.Disables("openshift-users"))
	require.False(t, appinterface.Cluster{}.Disables("openshift-routes"))
}
