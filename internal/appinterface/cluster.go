package appinterface

import (
	"slices"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Cluster is what it takes to connect to a cluster, as the shared fragment ClusterConnection selects it. It holds
// references to tokens, never a token.
type Cluster struct {
	Name string `json:"name"`
	// ServerURL is the address of the API server; empty while the cluster is being made.
	ServerURL             string `json:"serverUrl"`
	InsecureSkipTLSVerify bool   `json:"insecureSkipTLSVerify,omitempty"`
	// Internal says whether the cluster is reachable from inside only; nil where the datafile does not say.
	Internal                    *bool       `json:"internal,omitempty"`
	AutomationToken             *secret.Ref `json:"automationToken,omitempty"`
	ClusterAdminAutomationToken *secret.Ref `json:"clusterAdminAutomationToken,omitempty"`
	Disable                     *Disable    `json:"disable,omitempty"`
	JumpHost                    *JumpHost   `json:"jumpHost,omitempty"`
}

// Disable names what is switched off for a cluster, or for another object that has such a field.
type Disable struct {
	Integrations []string `json:"integrations,omitempty"`
}

// JumpHost is the SSH host through which a cluster is reached, as the shared fragment JumpHost selects it.
type JumpHost struct {
	Hostname string `json:"hostname"`
	// KnownHosts is the path of the resource with the host's keys.
	KnownHosts string `json:"knownHosts"`
	User       string `json:"user"`
	// Port is the SSH port; nil is 22.
	Port *int `json:"port,omitempty"`
	// RemotePort is the port of the HTTP proxy on the host; nil is 8888.
	RemotePort *int       `json:"remotePort,omitempty"`
	Identity   secret.Ref `json:"identity"`
}

// Disables says whether the integration is switched off for the cluster.
func (c Cluster) Disables(integration string) bool { return c.Disable.Covers(integration) }

// Covers says whether the integration is switched off; nil switches none off.
func (d *Disable) Covers(integration string) bool {
	return d != nil && slices.Contains(d.Integrations, integration)
}
