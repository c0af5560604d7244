package promotion

import "time"

// Publication is the outcome of a deployment that its target publishes.
type Publication struct {
	Commit, SaasFile, TargetConfigHash string
	// Publisher is the target's UID.
	Publisher string
	Success   bool
}

// Next is what the publication leaves for one channel, given what stands there; nil for nothing. A commit that is deployed again
// with success keeps its check-in: its soak time goes on. A commit that once succeeded has done so, whatever follows.
//
// Differs from the reference: it means the same, but looks for what stands there in a list that its deployments never fill. So
// each deployment begins the soak time anew, and one that fails takes the success of the earlier ones away.
func (p Publication) Next(before *Data, now time.Time) Data {
	once := p.Success || before != nil && before.HasSucceededOnce != nil && *before.HasSucceededOnce
	at := FormatTime(now)
	if p.Success && before != nil && before.Success && before.CheckIn != nil && *before.CheckIn != "" {
		at = *before.CheckIn
	}
	return Data{Success: p.Success, TargetConfigHash: &p.TargetConfigHash, SaasFile: &p.SaasFile, CheckIn: &at, HasSucceededOnce: &once}
}

// Key is where the publication is kept for a channel.
func (p Publication) Key(channel string) string { return Key(channel, p.Publisher, p.Commit) }
