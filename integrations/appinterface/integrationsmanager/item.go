package integrationsmanager

import (
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
)

// Item is a schedule or an object of a cluster.
type Item struct {
	Schedule *fleet.Schedule `json:"schedule,omitempty"`
	Object   *kubeapi.Object `json:"object,omitempty"`
	// Refusal is why a live item must stay as it is, for a person to see to.
	Refusal string `json:"refusal,omitempty"`
}

// Key identifies the item in its scope.
func (i Item) Key() string {
	if i.Schedule != nil {
		return i.Schedule.Key()
	}
	return i.Object.Key()
}

// Title names the item in words.
func (i Item) Title() string {
	if i.Schedule != nil {
		return "schedule " + i.Schedule.ID
	}
	return i.Object.Title()
}

// Equal says whether the current item is as it should be.
func (i Item) Equal(current Item) bool {
	switch {
	case current.Refusal != "":
		return false
	case i.Schedule != nil:
		return i.Schedule.Equal(*current.Schedule)
	}
	return i.Object.Equal(*current.Object)
}

// Explain says what an update changes.
func (i Item) Explain(current Item) string {
	switch {
	case current.Refusal != "":
		return ""
	case i.Schedule != nil:
		return strings.Join(i.Schedule.Differences(*current.Schedule), "; ")
	}
	return i.Object.Explain(*current.Object)
}
