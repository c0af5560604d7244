package upgrades

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Fleet is an organisation with what can be upgraded in it, checked for faults.
type Fleet struct {
	organization Organization
	// units are in the order in which they are looked at.
	units   []*unit
	sectors map[string]*sector
}

// unit is a spec with what was read from its texts.
type unit struct {
	Spec
	blocked []pattern
	// sector is nil where it is in none.
	sector *sector
}

// sector is a Sector with its clusters.
type sector struct {
	Sector
	// most bounds the clusters in upgrade where limited is set.
	most    int
	limited bool
	before  []*sector
	units   []*unit
}

// Faults are what is wrong with the rules of an organisation. As long as there is one nothing is upgraded in it: where the
// place of one cluster cannot be told, others might go before it.
type Faults struct {
	Organization []string
	Clusters     []ClusterFault
}

// ClusterFault is what is wrong with the rules of one cluster.
type ClusterFault struct {
	// ID, UUID and Name are the cluster's.
	ID, UUID, Name string
	Messages       []string
}

// Len counts faults as the reference's gauge does: clusters with faults, and faults of the organisation.
func (f Faults) Len() int { return len(f.Organization) + len(f.Clusters) }

// Err is nil where there is no fault, or else Invalid and says them all.
func (f Faults) Err() error {
	if f.Len() == 0 {
		return nil
	}
	messages := slices.Clone(f.Organization)
	for _, cluster := range f.Clusters {
		messages = append(messages, fmt.Sprintf("cluster %s: %s", cluster.Name, strings.Join(cluster.Messages, "; ")))
	}
	return apierr.Errorf(apierr.Invalid, "nothing is upgraded until this is mended: %s", strings.Join(messages, "; "))
}

// Add adds faults that were found elsewhere.
func (f *Faults) Add(other Faults) {
	f.Organization = append(f.Organization, other.Organization...)
	f.Clusters = append(f.Clusters, other.Clusters...)
}

func (f *Faults) ofCluster(c Cluster, err error) {
	f.Clusters = append(f.Clusters, ClusterFault{ID: c.ID, UUID: c.UUID, Name: c.Name, Messages: []string{err.Error()}})
}

// NewFleet checks the rules of an organisation. The fleet must not be used where there are faults, but for what Specs
// returns.
//
// Differs from the reference: what is wrong with a sector or with a pattern is found before anything is decided, and is a
// fault of its organisation alone; there a loop of sectors stops all organisations of the environment.
func NewFleet(o Organization, specs []Spec) (*Fleet, Faults) {
	f := &Fleet{organization: o, sectors: map[string]*sector{}}
	var faults Faults
	everywhere, err := compile(o.BlockedVersions)
	if err != nil {
		faults.Organization = append(faults.Organization, err.Error())
	}
	for _, spec := range inOrder(specs) {
		u := &unit{Spec: spec}
		f.units = append(f.units, u)
		if _, err := parseVersion(u.Current()); err != nil {
			faults.ofCluster(u.Cluster, err)
			continue
		}
		own, err := compile(u.Conditions.BlockedVersions)
		if err != nil {
			faults.ofCluster(u.Cluster, err)
			continue
		}
		u.blocked = append(slices.Clone(everywhere), own...)
	}
	f.group(&faults)
	return f, faults
}

// Specs are those of the fleet, in the order in which they are looked at.
func (f *Fleet) Specs() []Spec {
	specs := make([]Spec, len(f.units))
	for i, u := range f.units {
		specs[i] = u.Spec
	}
	return specs
}
