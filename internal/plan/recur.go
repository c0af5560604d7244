package plan

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// A change that several runs in a row have made does not last: somebody else undoes it, or it has no effect. It is
// reported from the third run on, and after the fifth it waits for a person.
//
// Differs from the reference: a change that keeps coming back is reported, and held after five runs. There it is
// made at every run, and nobody is told.
const (
	reportedAfter = 2
	// HeldAfter is how many runs in a row make a change before it is held.
	HeldAfter = 5
	// mostMarks bounds what a run notes to some 7 KiB. The changes that somebody keeps undoing are few.
	mostMarks = 500
)

// Mark identifies what a change does: the action, the item and what the item becomes. How the item was before does not
// count, since whoever undoes a change may leave something else each time.
func Mark(c Raw) string {
	text, err := json.Marshal(struct {
		Action  Action           `json:"action"`
		Key     string           `json:"key"`
		Desired *json.RawMessage `json:"desired"`
	}{c.Action, c.Key, c.Desired})
	if err != nil {
		// Such an item has never been a payload; its key alone still tells it from others.
		text = []byte(c.Action + " " + Action(c.Key))
	}
	const enough = 8
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:enough])
}

// HoldRecurring reports the changes that the latest runs made too, holds those that HeldAfter runs in a row made, and
// marks the plan's changes for later runs. Earlier has the marks of what each earlier run changed, or held for this
// reason; the latest run comes first.
func HoldRecurring(p Plan, earlier [][]string) (Plan, error) {
	kept := p.Changes[:0:0]
	held := false
	if len(p.Changes) > 0 {
		p.Marks = map[string]string{}
	}
	for _, change := range p.Changes {
		mark, times := Mark(change), 0
		if len(p.Marks) < mostMarks {
			p.Marks[change.Key] = mark
		}
		for times < len(earlier) && slices.Contains(earlier[times], mark) {
			times++
		}
		switch {
		case times >= HeldAfter:
			held = true
			p.Held = append(p.Held, Held{Raw: change, Recurring: true, Guard: fmt.Sprintf(
				"it keeps coming back: %d runs in a row made it; find out what undoes it", HeldAfter)})
			continue
		case times >= reportedAfter:
			p.Recurring = append(p.Recurring, Recurring{Subject: change.Summary, Times: times})
		}
		kept = append(kept, change)
	}
	if !held {
		return p, nil
	}
	p.Changes = kept
	return p.seal()
}

// Recurring is a change that earlier runs made too.
type Recurring struct {
	Subject string `json:"subject"`
	// Times is how many runs in a row made it before this one.
	Times int `json:"times"`
}

// String says what is wrong and when the change is held.
func (r Recurring) String() string {
	return fmt.Sprintf("keeps coming back: the last %d runs made it too; find out what undoes it, after %d runs it waits for approval", r.Times, HeldAfter)
}
