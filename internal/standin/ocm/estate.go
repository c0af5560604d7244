package ocm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sigs.k8s.io/yaml"
)

// Estate is what there is in OCM, as a case writes it down.
type Estate struct {
	// Now is the time at which the clock stands still, until somebody moves it; none is the real time.
	Now *time.Time `json:"now,omitempty"`
	// Clients are service accounts by their client IDs.
	Clients map[string]*ServiceAccount `json:"clients"`
	// Organizations and Clusters by their IDs.
	Organizations map[string]*Organization `json:"organizations,omitempty"`
	Clusters      map[string]*Cluster      `json:"clusters,omitempty"`
	// Versions by their raw IDs, such as 4.16.3. They are what clusters can be upgraded to.
	Versions map[string]*Version `json:"versions,omitempty"`
	// Gates are version gates by their IDs.
	Gates map[string]*Gate `json:"gates,omitempty"`
	// Addons are the latest versions of add-ons, by their IDs.
	Addons map[string]string `json:"addons,omitempty"`
	// ServiceLogs in the order in which they were written.
	ServiceLogs []ServiceLog `json:"serviceLogs,omitempty"`
	// Made numbers what is made in each cluster, whatever happens in others meanwhile.
	Made map[string]int `json:"-"`
}

// ServiceAccount is who asks.
type ServiceAccount struct {
	Secret string `json:"secret"`
	// Organizations are those that it may see; none stands for all.
	Organizations []string `json:"organizations,omitempty"`
	// ReadOnly accounts may not write.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// Organization is a customer of OCM.
type Organization struct {
	Name         string            `json:"name"`
	Labels       map[string]string `json:"labels,omitempty"`
	Capabilities map[string]string `json:"capabilities,omitempty"`
}

// Cluster is one cluster with its subscription.
type Cluster struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`
	// ExternalID is the cluster's UUID; empty is one made of its ID.
	ExternalID string `json:"externalId,omitempty"`
	// Product is osd or rosa; empty is osd.
	Product string `json:"product,omitempty"`
	// Unmanaged clusters are known to OCM, and no more.
	Unmanaged bool `json:"unmanaged,omitempty"`
	// State is ready where it is empty.
	State      string `json:"state,omitempty"`
	Hypershift bool   `json:"hypershift,omitempty"`
	STS        bool   `json:"sts,omitempty"`
	Region     string `json:"region,omitempty"`
	// Version is the raw ID of the version that it runs; Channel is stable where it is empty.
	Version string `json:"version"`
	Channel string `json:"channel,omitempty"`
	Spec    *Spec  `json:"spec,omitempty"`
	// Kubeconfig is how its administrator logs in; none where it is not installed.
	Kubeconfig *Kubeconfig `json:"kubeconfig,omitempty"`
	// UpgradeTakes is for how long an upgrade lasts; zero is an hour. UpgradesDelayedUntil holds upgrades back that are due.
	UpgradeTakes         Duration   `json:"upgradeTakes,omitempty"`
	UpgradesDelayedUntil *time.Time `json:"upgradesDelayedUntil,omitempty"`

	// UpgradePolicies are those of the cluster, or of its hosted control plane, by their IDs.
	UpgradePolicies map[string]*UpgradePolicy `json:"upgradePolicies,omitempty"`
	NodePools       map[string]*NodePool      `json:"nodePools,omitempty"`
	// GateAgreements are the IDs of gates that were agreed to.
	GateAgreements []string          `json:"gateAgreements,omitempty"`
	Addons         map[string]*Addon `json:"addons,omitempty"`
	// AddonPolicies are the upgrade policies of add-ons, by their IDs.
	AddonPolicies map[string]*UpgradePolicy `json:"addonPolicies,omitempty"`

	// ExternalLabels are those of its external configuration.
	ExternalLabels map[string]string `json:"externalLabels,omitempty"`

	// Labels and Capabilities are those of its subscription.
	Labels       map[string]string `json:"labels,omitempty"`
	Capabilities map[string]string `json:"capabilities,omitempty"`
	// SubscriptionStatus is Active where it is empty.
	SubscriptionStatus string `json:"subscriptionStatus,omitempty"`
}

// Kubeconfig is what the configuration of an administrator says.
type Kubeconfig struct {
	Server string `json:"server"`
	Token  string `json:"token"`
}

// NodePool is a pool of workers of a hosted control plane.
type NodePool struct {
	Version         string                    `json:"version"`
	InstanceType    string                    `json:"instanceType,omitempty"`
	Replicas        int                       `json:"replicas,omitempty"`
	UpgradePolicies map[string]*UpgradePolicy `json:"upgradePolicies,omitempty"`
}

// UpgradePolicy is an upgrade that is planned or under way.
type UpgradePolicy struct {
	// ScheduleType is manual where it is empty.
	ScheduleType string     `json:"scheduleType,omitempty"`
	Schedule     string     `json:"schedule,omitempty"`
	NextRun      *time.Time `json:"nextRun,omitempty"`
	Version      string     `json:"version"`
	State        string     `json:"state"`
	// Addon is set for policies of add-ons.
	Addon string `json:"addon,omitempty"`
}

// Version is one of OpenShift.
type Version struct {
	// Channels are those that have it; none is stable alone.
	Channels []string `json:"channels,omitempty"`
	// UpgradesTo are the versions that a cluster can go to from it.
	UpgradesTo []string `json:"upgradesTo,omitempty"`
	// Disabled versions are not offered any more.
	Disabled bool `json:"disabled,omitempty"`
}

// Gate keeps clusters from a minor version until somebody agrees.
type Gate struct {
	// Version is the minor version, such as 4.17.
	Version string `json:"version"`
	Label   string `json:"label"`
	STSOnly bool   `json:"stsOnly,omitempty"`
	// Appears is when OCM first has it; none was always there.
	Appears *time.Time `json:"appears,omitempty"`
}

// Addon is one that is installed on a cluster.
type Addon struct {
	Version string `json:"version"`
	// State is ready where it is empty.
	State string `json:"state,omitempty"`
}

// ServiceLog is an entry that the owners of a cluster see.
type ServiceLog struct {
	ClusterUUID string    `json:"clusterUuid"`
	ServiceName string    `json:"serviceName"`
	Severity    string    `json:"severity"`
	Summary     string    `json:"summary"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
}

// Duration is written as time.ParseDuration reads it.
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// ParseEstate reads an estate from YAML. An unknown key, an estate without service accounts and a cluster of an
// organisation that is not there are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("ocm estate: %w", err)
	}
	var errs []error
	if len(estate.Clients) == 0 {
		errs = append(errs, errors.New("ocm estate: it has no clients: add a service account with its secret"))
	}
	for _, id := range slices.Sorted(maps.Keys(estate.Clusters)) {
		c := estate.Clusters[id]
		switch {
		case c == nil || c.Name == "":
			errs = append(errs, fmt.Errorf("ocm estate: cluster %s has no name", id))
		case estate.Organizations[c.Organization] == nil:
			errs = append(errs, fmt.Errorf("ocm estate: cluster %s is of the organisation %q, which is not there: add it", id, c.Organization))
		}
	}
	return estate, errors.Join(errs...)
}
