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
	// Approval is why a person has to approve this change by itself, "" where none has to.
	Approval string `json:"approval,omitempty"`
	// Followed says that a workflow of its own carries the change out and follows it to its end.
	Followed bool `json:"followed,omitempty"`
	// Begun says that an earlier call has carried a followed change on.
	Begun bool `json:"begun,omitempty"`
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
	// Digest identifies a change that a person approves by itself; "" where it is approved with the others of its plan.
	Digest string `json:"digest,omitempty"`
	// Recurring says that it is held because runs before made it again and again.
	Recurring bool `json:"recurring,omitempty"`
}

// OwnKey is the key of a change that a person approves by itself, "" for one that is approved with others.
func (h Held) OwnKey() string {
	if h.Approval == "" {
		return ""
	}
	return h.Key
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
	// Digest identifies the held changes that are approved together; "" where there are none.
	Digest string `json:"digest,omitempty"`
	// Marks identify changes for later runs, by key; see Mark. They are those of the first changes where there are many.
	Marks map[string]string `json:"marks,omitempty"`
	// Recurring are changes that earlier runs made too.
	Recurring []Recurring `json:"recurring,omitempty"`
	// Refused are changes that must not be made, each with its reason.
	Refused []Refused `json:"refused,omitempty"`
	// Problems are faults of the desired state that concern single items. While there is one nothing is deleted.
	Problems []string `json:"problems,omitempty"`
	// Desired and Current count the items that were compared.
	Desired int `json:"desired"`
	Current int `json:"current"`
}
