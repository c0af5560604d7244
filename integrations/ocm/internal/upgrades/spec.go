package upgrades

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Spec is something that can be upgraded, a cluster or an add-on on a cluster, with the rules for it. Either all specs of
// a fleet are clusters or all are one add-on.
type Spec struct {
	Cluster Cluster
	// Addon is nil where the cluster itself is upgraded.
	Addon *Addon
	// Workloads are the kinds of what runs on the cluster.
	Workloads []string
	// Schedule is a cron expression in UTC; see Next.
	Schedule   string
	Conditions Conditions
	// Approval is why a person has to approve each upgrade, "" where none has to. Node pools follow their control plane
	// without being asked for again.
	Approval string
	// Ailments are what health checks found wrong with the cluster.
	Ailments []Ailment
}

// Cluster is a cluster as OCM knows it.
type Cluster struct {
	// UUID is what the cluster itself is known by, and OCM's external ID of it.
	ID, UUID, Name string
	// Version is the one that it runs, such as 4.15.3.
	Version string
	// Upgrades are the versions that OCM offers.
	Upgrades []string
	// HostedControlPlane says that control plane and node pools are upgraded one by one: ROSA with HCP.
	HostedControlPlane bool
	// STS says that the cluster uses AWS's security token service.
	STS       bool
	NodePools []NodePool
}

// NodePool is a group of nodes of a cluster with a hosted control plane.
type NodePool struct {
	ID, Version string
}

// Addon is an add-on that is installed on a cluster.
type Addon struct {
	ID, Version string
	Upgrades    []string
}

// Conditions are what a version has to meet before a cluster gets it.
type Conditions struct {
	// SoakDays is how many days a version must have run elsewhere, for each workload of the cluster.
	SoakDays int
	// Mutexes keep clusters that share one of them from being upgraded at once.
	Mutexes []string
	// Sector is empty where the cluster is in none.
	Sector string
	// BlockedVersions are regular expressions; see Spec.blocked.
	BlockedVersions []string
}

// Ailment is one thing that a health check found.
type Ailment struct {
	// Source is the health check.
	Source, Error string
	// Enforced says that a cluster with it does not contribute to soak days.
	Enforced bool
}

// Current is the version that runs now, of the cluster or of the add-on.
func (s Spec) Current() string {
	if s.Addon != nil {
		return s.Addon.Version
	}
	return s.Cluster.Version
}

// Available are the versions that OCM offers, in OCM's order.
func (s Spec) Available() []string {
	if s.Addon != nil {
		return s.Addon.Upgrades
	}
	return s.Cluster.Upgrades
}

// Oldest is the oldest version that runs on the cluster, in its node pools or its control plane. What is no version is not
// compared.
func (s Spec) Oldest() string {
	oldest := s.Current()
	for _, pool := range s.Cluster.NodePools {
		if older(pool.Version, oldest) {
			oldest = pool.Version
		}
	}
	return oldest
}

// Enforced are the ailments for which the cluster does not contribute to soak days.
func (s Spec) Enforced() []Ailment {
	var enforced []Ailment
	for _, ailment := range s.Ailments {
		if ailment.Enforced {
			enforced = append(enforced, ailment)
		}
	}
	return enforced
}

// mutexes are those of the conditions and that of the cluster itself, which has one upgrade at a time.
func (s Spec) mutexes() []string {
	return append(slices.Clone(s.Conditions.Mutexes), s.Cluster.ID)
}

// inOrder returns the specs in the order in which they are looked at: low versions first, then those that need a version
// to soak less; among equals the order stays.
func inOrder(specs []Spec) []Spec {
	ordered := slices.Clone(specs)
	slices.SortStableFunc(ordered, func(a, b Spec) int {
		return cmp.Or(compareVersions(a.Current(), b.Current()), cmp.Compare(a.Conditions.SoakDays, b.Conditions.SoakDays))
	})
	return ordered
}

// parseVersion reads a semantic version. The error is Invalid.
func parseVersion(text string) (*semver.Version, error) {
	version, err := semver.StrictNewVersion(text)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "%q is not a version of the form major.minor.patch", text)
	}
	return version, nil
}

// compareVersions compares by semantic versioning. What is no version is below all that are.
func compareVersions(a, b string) int {
	one, err := parseVersion(a)
	two, err2 := parseVersion(b)
	switch {
	case err == nil && err2 == nil:
		return one.Compare(two)
	case err == nil:
		return 1
	case err2 == nil:
		return -1
	}
	return strings.Compare(a, b)
}

// older says whether a is a lower version than b; both have to be versions.
func older(a, b string) bool {
	one, err := parseVersion(a)
	two, err2 := parseVersion(b)
	return err == nil && err2 == nil && one.LessThan(two)
}

// minorOf is the part of a version that gates are about, such as 4.15.
func minorOf(version string) string {
	parsed, err := parseVersion(version)
	if err != nil {
		return version
	}
	return fmt.Sprintf("%d.%d", parsed.Major(), parsed.Minor())
}
