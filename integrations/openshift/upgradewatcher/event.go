package upgradewatcher

import (
	"fmt"
	"time"
)

// Event is what the owners of a cluster are told of: that an upgrade to a version has begun, or that the cluster runs it.
type Event struct {
	Cluster string `json:"cluster"`
	Version string `json:"version"`
	// UpgradeAt is when the upgrade began, as its schedule spells it; "" for a version that the cluster runs.
	UpgradeAt string `json:"upgradeAt,omitempty"`
}

// Key implements plan.Item. It is the key of the state, as the reference spells it.
func (e Event) Key() string {
	if e.UpgradeAt != "" {
		return fmt.Sprintf("%s-%s1", e.Cluster, e.UpgradeAt)
	}
	return e.Cluster + "-" + e.Version
}

// Equal implements plan.Item: what was told is told.
func (e Event) Equal(Event) bool { return true }

// Title implements plan.Titled.
func (e Event) Title() string {
	if e.UpgradeAt != "" {
		return fmt.Sprintf("message that cluster %s is being upgraded to %s since %s", e.Cluster, e.Version, e.UpgradeAt)
	}
	return fmt.Sprintf("message that cluster %s runs version %s", e.Cluster, e.Version)
}

// value is what the state has under the key, as in the reference.
func (e Event) value() any {
	if e.UpgradeAt != "" {
		return nil
	}
	return e.Version
}

// text is the message, in the reference's words.
func (e Event) text(owners string) string {
	if e.UpgradeAt != "" {
		return fmt.Sprintf("Heads up %s! cluster `%s` is currently being upgraded to version `%s`", owners, e.Cluster, e.Version)
	}
	return fmt.Sprintf("%s: cluster `%s` is now running version `%s`", owners, e.Cluster, e.Version)
}

// begun says whether the upgrade has begun by now. A time that is none is an error.
func (e Event) begun(now time.Time) (bool, error) {
	at, err := time.Parse(time.RFC3339, e.UpgradeAt)
	if err != nil {
		return false, fmt.Errorf("cluster %s: its upgrade to %s begins at %q, which is no time of the form 2006-01-02T15:04:05Z: correct its schedule", e.Cluster, e.Version, e.UpgradeAt)
	}
	return at.Before(now), nil
}
