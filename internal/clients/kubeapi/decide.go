package kubeapi

import (
	"fmt"
	"slices"
)

// Policy is what a run may do with objects that are not its owner's. The zero value leaves them alone, except
// that an object which is desired is always adopted.
type Policy struct {
	// TakeOver claims every object of the kinds that are read: what is not desired is deleted whoever made it,
	// unless another object of the cluster owns it.
	TakeOver bool `json:"takeOver,omitempty"`
	// AllCallers are the callers that exist. What a caller made that no longer exists may be adopted by another.
	AllCallers []string `json:"allCallers,omitempty"`
	// SkipCompare writes desired objects whenever they differ, even those of another caller.
	SkipCompare bool `json:"skipCompare,omitempty"`
}

// Deletable says whether a live object that nobody desires may be deleted. It must be the owner's, by integration
// and major version, and its caller's where there is one; or the policy takes over, and then the object must not
// be owned by another object of the cluster.
func Deletable(live map[string]any, owner Owner, policy Policy) bool {
	if Owned(live, owner) {
		return owner.Caller == "" || Caller(live) == owner.Caller
	}
	return policy.TakeOver && !HasOwnerReference(live)
}

// Verdict is what is done about a live object that is desired. At most one field is set; the zero value is
// "nothing to do".
type Verdict struct {
	// Apply is the reason to apply it.
	Apply string
	// Conflict is the reason to refuse, for a person to resolve.
	Conflict string
}

// Decide judges a live object that is desired, from how it compares.
func Decide(live map[string]any, comparison Comparison, owner Owner, policy Policy) Verdict {
	caller := Caller(live)
	if owner.Caller == "" || caller == owner.Caller {
		return Verdict{Apply: comparison.Reason}
	}
	conflict := Verdict{Conflict: fmt.Sprintf("it is managed by another caller, %s; remove it there first or take it over", callerText(caller))}
	if comparison.Equal() {
		if policy.TakeOver || (len(policy.AllCallers) > 0 && !slices.Contains(policy.AllCallers, caller)) {
			return Verdict{Apply: fmt.Sprintf("adopted from caller %s", callerText(caller))}
		}
		return conflict
	}
	if !policy.SkipCompare && !policy.TakeOver && slices.Contains(policy.AllCallers, caller) {
		return conflict
	}
	return Verdict{Apply: comparison.Reason}
}

func callerText(caller string) string {
	if caller == "" {
		return "(none recorded)"
	}
	return caller
}
