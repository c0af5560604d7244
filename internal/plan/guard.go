package plan

import "fmt"

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

func leftOut(deletes int) string {
	if deletes == 1 {
		return "1 delete was left out, because the desired state has faults"
	}
	return fmt.Sprintf("%d deletes were left out, because the desired state has faults", deletes)
}

// Enforce moves the deletes that the guard stops from the plan's changes to its held ones, and drops the deletes
// of a plan with problems: what is missing from a faulty desired state may only look unwanted. The plan carries the
// digest of what is held.
func Enforce(guard Guard, p Plan) (Plan, error) {
	deletes := 0
	for _, change := range p.Changes {
		if change.Action == Delete {
			deletes++
		}
	}
	if deletes == 0 {
		return p, nil
	}
	hold := guard.Hold(deletes, p.Current, p.Desired)
	if hold == "" && len(p.Problems) == 0 {
		return p, nil
	}
	kept := p.Changes[:0:0]
	for _, change := range p.Changes {
		switch {
		case change.Action != Delete:
			kept = append(kept, change)
		case len(p.Problems) == 0:
			p.Held = append(p.Held, Held{Raw: change, Guard: hold})
		}
	}
	p.Changes = kept
	if len(p.Problems) > 0 {
		p.Problems = append(p.Problems, leftOut(deletes))
	}
	return p.seal()
}
