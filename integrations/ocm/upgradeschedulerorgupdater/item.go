package upgradeschedulerorgupdater

import (
	"strings"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Update is what has to become of the upgradePolicyClusters of an organisation.
type Update struct {
	Organization string `json:"organization"`
	// Path is that of the organisation's datafile in app-interface's repository.
	Path string  `json:"path"`
	Add  []Added `json:"add,omitempty"`
	// Remove are the names of clusters.
	Remove []string `json:"remove,omitempty"`
	// Entries are how many there are now.
	Entries int `json:"entries"`
}

// Added is a cluster that gets rules.
type Added struct {
	Cluster   string `json:"cluster"`
	ID        string `json:"id"`
	ServerURL string `json:"serverUrl,omitempty"`
	// Default is the name of the default that its policy comes from.
	Default string `json:"default"`
	// Policy is a mapping in YAML.
	Policy string `json:"policy"`
}

// Key implements plan.Item.
func (u Update) Key() string { return u.Organization }

// Equal implements plan.Item: one request of an organisation is open at a time.
func (u Update) Equal(Update) bool { return true }

// Title implements plan.Titled.
func (u Update) Title() string {
	var does []string
	for _, added := range u.Add {
		does = append(does, "add cluster "+added.Cluster+" by default "+added.Default)
	}
	for _, name := range u.Remove {
		does = append(does, "remove cluster "+name)
	}
	return "merge request for OCM organisation " + u.Organization + ": " + strings.Join(does, ", ")
}

// most is how much a request removes without a person.
//
// Differs from the reference: a request that removes more than one cluster, and more than half of an organisation's, waits
// for approval; there it goes in by itself, also where the service account has lost sight of the clusters.
var most = plan.MaxDeletes{Fraction: 0.5, AtLeast: 1}

// Approval implements reconcile.Approver.
func (r *reconciler) Approval(c plan.Change[Update]) string {
	if c.Desired == nil {
		return ""
	}
	return most.Hold(len(c.Desired.Remove), c.Desired.Entries, 0)
}
