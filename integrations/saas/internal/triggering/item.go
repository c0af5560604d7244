package triggering

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/tekton"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/trigger"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// Trigger is what may start the deployment of a saas file's environment: the values of its targets.
type Trigger struct {
	// Run is the deployment, without its trace, and Cluster where it runs.
	Run     tekton.Run           `json:"run"`
	Cluster appinterface.Cluster `json:"cluster"`
	Kind    trigger.Kind         `json:"kind"`
	Values  []Value              `json:"values,omitempty"`
	// Fires and Notes say of a current trigger what is to be done, in words: which values start the deployment, and which are
	// only kept.
	Fires []string `json:"fires,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// Fault is why what state keeps of a current one cannot be read.
	Fault string `json:"fault,omitempty"`
}

// Value is one of a target.
type Value struct {
	// Key is where state keeps it.
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
	// Reason is what the deployment is told.
	Reason string `json:"reason,omitempty"`
	// Target names the target, for people.
	Target string `json:"target"`
}

// Key implements plan.Item.
func (t Trigger) Key() string { return t.Run.SaasFile + "/" + t.Run.Environment }

// Equal implements plan.Item. What is to be done was found where state was read.
func (t Trigger) Equal(current Trigger) bool {
	return len(current.Fires) == 0 && len(current.Notes) == 0 && current.Fault == ""
}

// Title implements plan.Titled.
func (t Trigger) Title() string {
	return fmt.Sprintf("trigger of saas file %s in %s", t.Run.SaasFile, t.Run.Environment)
}

// mostTold is how many values a reason names.
const mostTold = 5

// Explain implements plan.Explained.
func (t Trigger) Explain(current Trigger) string {
	told := append(append([]string{}, current.Fires...), current.Notes...)
	if left := len(told) - mostTold; left > 0 {
		told = append(told[:mostTold], fmt.Sprintf("%d more", left))
	}
	return strings.Join(told, "; ")
}
