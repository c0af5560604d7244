// Package plan compares what should be with what is. It is pure: no I/O, no clock, no randomness; the same
// states always give the same plan.
package plan

import "encoding/json"

// Action is what a change does to one item.
type Action string

// The three actions, as they are shown and serialised.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Head is what people, histories and scripts see of a change. It never holds a secret.
type Head struct {
	Action Action `json:"action"`
	// Key identifies the item within its scope.
	Key string `json:"key"`
	// Summary says in words what is done, such as "create ResourceQuota team-a/default in cluster prod-1".
	Summary string `json:"summary"`
	// Reason says why, where that is more than "wanted and not there".
	Reason string `json:"reason,omitempty"`
	// Wave orders changes: creates and updates run by ascending wave, then deletes by descending wave.
	Wave int `json:"wave,omitempty"`
}

// Change is one step from the current state to the desired one. Desired is nil for a delete, Current for a create.
type Change[T any] struct {
	Head
	Desired *T `json:"desired,omitempty"`
	Current *T `json:"current,omitempty"`
}

// Raw is a change whose item stays serialised, as workflows carry it.
type Raw = Change[json.RawMessage]

// Held is a change that a guard stopped, with the guard's reason.
type Held struct {
	Raw
	Guard string `json:"guard"`
}

// Refused is a change that the integration itself must not make, with the kind of the error and its reason.
type Refused struct {
	Head
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message"`
}

// Plan is the outcome of a comparison.
type Plan struct {
	// Changes are to be applied, in order.
	Changes []Raw `json:"changes,omitempty"`
	// Held are changes that wait for a person.
	Held []Held `json:"held,omitempty"`
	// Digest identifies the held changes; "" where there are none.
	Digest string `json:"digest,omitempty"`
	// Refused are changes that must not be made, each with its reason.
	Refused []Refused `json:"refused,omitempty"`
	// Problems are faults of the desired state that concern single items. While there is one nothing is deleted.
	Problems []string `json:"problems,omitempty"`
	// Desired and Current count the items that were compared.
	Desired int `json:"desired"`
	Current int `json:"current"`
}
