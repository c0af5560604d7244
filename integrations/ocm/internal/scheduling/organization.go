package scheduling

import (
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The flags that all integrations have which schedule upgrades. A Source heeds them.
const (
	OrgID        = "org-id"
	ExcludeOrgID = "exclude-org-id"
)

// The flags by which upgrades wait for a person. The Scheduler heeds them.
//
// Differs from the reference: it has none of them. Without them upgrades wait for nobody, as there.
const (
	ApproveOrgID   = "approve-org-id"
	ApproveCluster = "approve-cluster"
)

// OCMEnv is a flag that some of them have besides: the OCM environment to work on, all where it is empty.
const OCMEnv = "ocm-env"

// Params are these flags.
func Params() []reconcile.Param {
	return []reconcile.Param{
		{Name: OrgID, Type: reconcile.Strings, Help: "only the OCM organisations with these IDs"},
		{Name: ExcludeOrgID, Type: reconcile.Strings, Help: "not the OCM organisations with these IDs"},
		{Name: ApproveOrgID, Type: reconcile.Strings, Help: "a person has to approve each upgrade in the OCM organisations with these IDs"},
		{Name: ApproveCluster, Type: reconcile.Strings, Help: "a person has to approve each upgrade of the clusters with these names"},
	}
}

// Organization is an OCM organisation of app-interface.
type Organization struct {
	// Organization are the rules that hold for all of its clusters, as far as they are in app-interface.
	upgrades.Organization
	// In is its OCM environment, with the environment's own access.
	In appinterface.OCMEnvironment
	// Access is the organisation's own.
	Access ocmapi.Access
	// AddonService is the version of OCM's service for add-ons: v1 or v2.
	AddonService string
	// HealthChecks are asked before a cluster contributes to soak days.
	HealthChecks []HealthCheck
	// Telemeter has the alerts of the environment's clusters; nil where the environment has none.
	Telemeter *prometheusapi.Instance
}

// HealthCheck is one that an organisation wants.
type HealthCheck struct {
	// Provider is who knows how clusters are.
	Provider string
	// Enforced says that a sick cluster does not contribute to soak days; otherwise it is only shown.
	Enforced bool
}

// Survey is what there is to upgrade in an organisation, and by which rules.
type Survey struct {
	// Organization has the rules.
	upgrades.Organization
	// Clusters are sorted by their names.
	Clusters []Cluster
	// Faults are what the source found wrong with the rules. More is found in what they say.
	Faults upgrades.Faults
}

// Cluster is one with its rules.
type Cluster struct {
	ocmapi.Cluster
	Workloads []string
	// Schedule is a cron expression in UTC.
	Schedule   string
	Conditions upgrades.Conditions
	// Ailments are what health checks found wrong with it. The Scheduler asks them.
	Ailments []upgrades.Ailment
	// Approval is why a person has to approve each upgrade of the cluster, "" where none has to. A source sets it where its
	// rules say so; the flags are heeded besides.
	Approval string
}

// Fleet is what is decided about together.
type Fleet struct {
	// Addon is the add-on that is upgraded, "" where the clusters are.
	Addon string
	Specs []upgrades.Spec
	// Policies are those that OCM has for it, where they were read with the specs.
	Policies []upgrades.Policy
}

// Notice is what the owners of a cluster are told.
type Notice struct {
	// ClusterUUID is OCM's external ID of the cluster.
	ClusterUUID string `json:"clusterUuid"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
}

// Spec is a cluster as it is decided about.
func (c Cluster) Spec() upgrades.Spec {
	return upgrades.Spec{
		Cluster: upgrades.Cluster{
			ID: c.ID, UUID: c.ExternalID, Name: c.Name, Version: c.Version.RawID, Upgrades: c.Version.AvailableUpgrades,
			HostedControlPlane: c.Product.ID == ocmapi.ProductROSA && c.Hypershift.Enabled, STS: c.IsSTS(),
		},
		Workloads: c.Workloads, Schedule: c.Schedule, Conditions: c.Conditions, Approval: c.Approval, Ailments: c.Ailments,
	}
}
