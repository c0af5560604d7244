// Package upgrades decides which clusters of an OCM organisation are upgraded next, to which version, and why the others
// have to wait.
//
// It keeps how long the versions have run on the organisation's clusters (VersionData), and lets a cluster have a version
// when that has soaked long enough for all of its workloads, is not blocked, runs in the sectors that go first, and has
// its gates agreed to; when its schedule is about to hit; and when neither a mutex nor the number of upgrades in its
// sector holds it back.
//
// The package is pure: no I/O, no clock, no randomness. The same input always gives the same answer, in whatever order
// policies, agreements and histories come.
//
// Reference module: reconcile/aus, its base, models, cluster_version_data and metrics.
package upgrades

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Organization is an OCM organisation with the rules that hold for all of its clusters.
type Organization struct {
	// Environment is the name of its OCM environment.
	Environment string
	// ID is OCM's.
	ID   string
	Name string
	// BlockedVersions are regular expressions; see Spec.blocked.
	BlockedVersions []string
	Sectors         []Sector
	// Inherits are the organisations whose soak days count here too.
	Inherits []Publisher
}

// Sector is a group of clusters that are upgraded after the sectors that it depends on.
type Sector struct {
	Name         string
	Dependencies []string
	// MaxParallelUpgrades is a number of clusters, or a percentage of those in the sector such as "50%". Empty means that
	// there is no limit. One upgrade is always allowed.
	MaxParallelUpgrades string
}

// Publisher is an organisation that others may take over soak days from.
type Publisher struct {
	Environment, ID string
	// PublishesTo are the IDs of the organisations that may.
	PublishesTo []string
}

// StateKey is the key of an organisation's version data in state, in the reference's layout; addon is empty where the
// data are about OpenShift itself.
func StateKey(environment, organization, addon string) string {
	key := environment + "/" + organization
	if addon != "" {
		key += "/" + addon
	}
	return key
}

// CheckInheritance returns why version data must not be inherited: from the organisation itself, or from one that does
// not publish them to this one. The error is Invalid.
func (o Organization) CheckInheritance() error {
	for _, from := range o.Inherits {
		if from.ID == o.ID {
			return apierr.Errorf(apierr.Invalid, "organisation %s (%s) inherits version data from itself: remove it from its inheritVersionData", o.Name, o.ID)
		}
		if !slices.Contains(from.PublishesTo, o.ID) {
			return apierr.Errorf(apierr.Invalid, "organisation %s (%s) inherits version data from %s, which does not publish them to it: add it to publishVersionData of %s",
				o.Name, o.ID, from.ID, from.ID)
		}
	}
	return nil
}

// limit is how many of the sector's clusters may be in upgrade at once; limited is false where any number may.
func (s Sector) limit(clusters int) (most int, limited bool, err error) {
	if s.MaxParallelUpgrades == "" {
		return 0, false, nil
	}
	digits, percent := strings.CutSuffix(s.MaxParallelUpgrades, "%")
	most, err = strconv.Atoi(strings.TrimSpace(digits))
	if err != nil {
		return 0, false, apierr.Errorf(apierr.Invalid, "sector %s: maxParallelUpgrades %q is neither a number nor a percentage", s.Name, s.MaxParallelUpgrades)
	}
	if percent {
		most = int(math.RoundToEven(float64(clusters) * float64(most) / 100))
	}
	return max(most, 1), true, nil
}
