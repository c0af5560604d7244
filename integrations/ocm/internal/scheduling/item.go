package scheduling

import (
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// countEvery is how long soak days may wait to be written down where nothing else has changed. Decisions do not wait: they
// count up to the moment.
//
// Differs from the reference: there they are written at each run.
const countEvery = time.Hour

// Item is one of its parts.
type Item struct {
	Count    *Count    `json:"count,omitempty"`
	Upgrade  *Upgrade  `json:"upgrade,omitempty"`
	Approval *Approval `json:"approval,omitempty"`
	Notice   *Notice   `json:"notice,omitempty"`
}

// Count is for how long versions have run in an organisation, in state.
type Count struct {
	// StateKey is that of the organisation, or of the add-on in it.
	StateKey string `json:"stateKey"`
	Addon    string `json:"addon,omitempty"`
	// Reports are what the clusters contribute.
	Reports []upgrades.Report `json:"reports,omitempty"`
	// At is up to when it is to be counted, or was.
	At time.Time `json:"at"`
	// Covered says of what was counted that the reports would change nothing but soak days.
	Covered bool `json:"covered,omitempty"`
	// Withdrawn are the upgrades that are planned and must not stay. They travel with the count so that nobody reads all
	// policies twice.
	Withdrawn []Upgrade `json:"withdrawn,omitempty"`
}

// Upgrade is one in OCM, or one to be made.
type Upgrade struct {
	// Cluster is the cluster's name.
	Cluster string          `json:"cluster"`
	Policy  upgrades.Policy `json:"policy"`
	// Access is the organisation's, for whoever follows the upgrade when app-interface may say something else.
	Access *ocmapi.Access `json:"access,omitempty"`
	// Fault is why the cluster cannot be decided about. There is no policy then.
	Fault string `json:"fault,omitempty"`
}

// Key implements plan.Item.
func (i Item) Key() string {
	switch {
	case i.Count != nil:
		return key("version data", i.Count.Addon)
	case i.Notice != nil:
		return key("notice", i.Notice.ClusterUUID, i.Notice.Summary)
	case i.Approval != nil:
		return key("upgrade", i.Approval.Cluster, i.Approval.Addon)
	case i.Upgrade.Policy.ID != "":
		return key("policy", i.Upgrade.Cluster, i.Upgrade.Policy.Addon, i.Upgrade.Policy.NodePool, i.Upgrade.Policy.ID)
	}
	return key("upgrade", i.Upgrade.Cluster, i.Upgrade.Policy.Addon, i.Upgrade.Policy.NodePool, i.Upgrade.Policy.Version)
}

func key(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "/")
}

// Equal implements plan.Item.
func (i Item) Equal(current Item) bool {
	if i.Count == nil || current.Count == nil {
		return i.Count == current.Count
	}
	return current.Count.Covered && i.Count.At.Sub(current.Count.At) < countEvery
}

// Title implements plan.Titled.
func (i Item) Title() string {
	switch {
	case i.Count != nil:
		return "version data of " + i.Count.StateKey
	case i.Notice != nil:
		return "notice to the owners of cluster " + i.Notice.ClusterUUID + ": " + i.Notice.Summary
	case i.Approval != nil:
		return "approval: " + i.Approval.Title()
	}
	return "upgrade of cluster " + i.Upgrade.Cluster + strings.TrimPrefix(words(i.Upgrade.Policy), "upgrade")
}

// words are those of a policy, without whose it is and how far it has come.
func words(p upgrades.Policy) string {
	p.State = ""
	return strings.NewReplacer("its upgrade", "upgrade", "the upgrade of its", "upgrade,").Replace(p.Words())
}

// Wave implements plan.Ordered: what was counted is written down before anything is begun on its account.
func (i Item) Wave() int {
	if i.Count != nil {
		return 0
	}
	return 1
}
