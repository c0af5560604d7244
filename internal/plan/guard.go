package plan

import (
	"fmt"
	"slices"
)

// Guard decides which deletes of a plan a person has to approve. It is pure and works on counts alone.
type Guard interface {
	// Hold returns why this number of deletes must wait, or "" when they may run. Current and desired count the
	// items that were compared.
	Hold(deletes, current, desired int) string
	// Describe says the rule in words, for the catalogue.
	Describe() string
}

// DefaultGuard stands where a definition that can delete names none.
func DefaultGuard() Guard { return MaxDeletes{Fraction: 0.25, AtLeast: 10} }

// MaxDeletes holds the deletes when they are more than Fraction of all current items and more than AtLeast.
type MaxDeletes struct {
	// Fraction is a share of the current items, from 0 to 1.
	Fraction float64
	// AtLeast is the number of deletes that are always let through.
	AtLeast int
}

// Hold implements Guard.
func (g MaxDeletes) Hold(deletes, current, _ int) string {
	if deletes <= g.AtLeast || float64(deletes) <= g.Fraction*float64(current) {
		return ""
	}
	return fmt.Sprintf("%d of %d would be deleted; more than %d and more than %.0f%% need approval", deletes, current, g.AtLeast, 100*g.Fraction)
}

// Describe implements Guard.
func (g MaxDeletes) Describe() string {
	return fmt.Sprintf("holds deletes that are more than %d and more than %.0f%% of what is there", g.AtLeast, 100*g.Fraction)
}

// NeverDelete holds every delete.
type NeverDelete struct{}

// Hold implements Guard.
func (NeverDelete) Hold(deletes, _, _ int) string {
	if deletes == 0 {
		return ""
	}
	return "every delete needs approval"
}

// Describe implements Guard.
func (NeverDelete) Describe() string { return "holds every delete" }

// KeepAtLeast holds the deletes when fewer than this number of items would be left.
type KeepAtLeast int

// Hold implements Guard.
func (g KeepAtLeast) Hold(deletes, current, _ int) string {
	if left := current - deletes; deletes > 0 && left < int(g) {
		return fmt.Sprintf("%d would be left; fewer than %d need approval", left, int(g))
	}
	return ""
}

// Describe implements Guard.
func (g KeepAtLeast) Describe() string {
	return fmt.Sprintf("holds deletes that would leave fewer than %d", int(g))
}

// maxUpdates is how many updates one run makes of its own accord. Where suddenly most of the items differ, it is not the
// items that have changed but how they are compared, or what all of them are made from.
//
// Differs from the reference: updates that are more than 100 and more than half of what is there wait for approval.
var maxUpdates = updateLimit{Fraction: 0.5, AtLeast: 100}

// updateLimit holds updates that are more than Fraction of all current items and more than AtLeast.
type updateLimit struct {
	Fraction float64
	AtLeast  int
}

// hold is the reason why this number of updates must wait, or "".
func (m updateLimit) hold(updates, current int) string {
	if updates <= m.AtLeast || float64(updates) <= m.Fraction*float64(current) {
		return ""
	}
	return fmt.Sprintf("%d of %d would be updated; more than %d and more than %.0f%% need approval", updates, current, m.AtLeast, 100*m.Fraction)
}

func leftOut(deletes int) string {
	if deletes == 1 {
		return "1 delete was left out, because the desired state has faults"
	}
	return fmt.Sprintf("%d deletes were left out, because the desired state has faults", deletes)
}

// Enforce moves the deletes that the guard stops from the plan's changes to its held ones, and updates that are too
// many, and those that a person approves by themselves. It drops the deletes of a plan with problems: what is missing
// from a faulty desired state may only look unwanted.
// The plan carries the digests of what is held.
func Enforce(guard Guard, p Plan) (Plan, error) {
	counts := map[Action]int{}
	for _, change := range p.Changes {
		counts[change.Action]++
	}
	faulty := len(p.Problems) > 0 && counts[Delete] > 0
	holds := map[Action]string{Update: maxUpdates.hold(counts[Update], p.Current)}
	if counts[Delete] > 0 {
		holds[Delete] = guard.Hold(counts[Delete], p.Current, p.Desired)
	}
	alone := slices.ContainsFunc(p.Changes, func(c Raw) bool { return c.Approval != "" })
	if holds[Update] == "" && holds[Delete] == "" && !faulty && !alone {
		return p, nil
	}
	kept := p.Changes[:0:0]
	for _, change := range p.Changes {
		switch hold := holds[change.Action]; {
		case change.Action == Delete && faulty:
		case change.Approval != "":
			p.Held = append(p.Held, Held{Raw: change, Guard: change.Approval})
		case hold != "":
			p.Held = append(p.Held, Held{Raw: change, Guard: hold})
		default:
			kept = append(kept, change)
		}
	}
	p.Changes = kept
	if faulty {
		p.Problems = append(p.Problems, leftOut(counts[Delete]))
	}
	return p.seal()
}
