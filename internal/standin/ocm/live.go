package ocm

import (
	"strconv"
	"strings"
	"time"
)

const (
	// upgradeTakes is for how long an upgrade lasts where the cluster does not say.
	upgradeTakes = time.Hour
	// rememberedFor is for how long a policy stays after its end.
	rememberedFor = 10 * time.Minute
)

// live brings the estate to where it is by now. A policy that is completed stays for a while, and goes.
func (s *Server) live() {
	now := s.now()
	for _, cluster := range s.estate.Clusters {
		cluster.install(now)
		cluster.advance(cluster.UpgradePolicies, now, func(p *UpgradePolicy) { cluster.Version = p.Version })
		cluster.advance(cluster.AddonPolicies, now, func(p *UpgradePolicy) {
			if addon := cluster.Addons[p.Addon]; addon != nil {
				addon.Version = p.Version
			}
		})
		for _, pool := range cluster.NodePools {
			cluster.advance(pool.UpgradePolicies, now, func(p *UpgradePolicy) { pool.Version = p.Version })
		}
	}
}

// advance lets each policy pass through the states that are due: pending, scheduled, delayed while upgrades are held back,
// started, completed. Failed and cancelled ones stay.
func (c *Cluster) advance(policies map[string]*UpgradePolicy, now time.Time, complete func(*UpgradePolicy)) {
	for id, p := range policies {
		if p.State == "pending" {
			p.State = "scheduled"
		}
		if p.NextRun == nil || now.Before(*p.NextRun) {
			continue
		}
		began := *p.NextRun
		if until := c.UpgradesDelayedUntil; until != nil && until.After(began) {
			began = *until
		}
		ended := began.Add(c.upgradeTakes())
		if p.State == "scheduled" {
			p.State = "delayed"
		}
		if p.State == "delayed" && !now.Before(began) {
			p.State = "started"
		}
		if p.State == "started" && !now.Before(ended) {
			p.State = "completed"
			complete(p)
		}
		if p.State == "completed" && !now.Before(ended.Add(rememberedFor)) {
			delete(policies, id)
		}
	}
}

func (c *Cluster) upgradeTakes() time.Duration {
	if c.UpgradeTakes > 0 {
		return time.Duration(c.UpgradeTakes)
	}
	return upgradeTakes
}

// compareVersions compares raw IDs number by number.
func compareVersions(a, b string) int {
	left, right := strings.FieldsFunc(a, separates), strings.FieldsFunc(b, separates)
	for i := range min(len(left), len(right)) {
		x, errX := strconv.Atoi(left[i])
		y, errY := strconv.Atoi(right[i])
		switch {
		case errX != nil || errY != nil:
			if order := strings.Compare(left[i], right[i]); order != 0 {
				return order
			}
		case x != y:
			return x - y
		}
	}
	return len(left) - len(right)
}

func separates(r rune) bool { return r == '.' || r == '-' }
