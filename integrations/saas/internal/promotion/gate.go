package promotion

import (
	"fmt"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Channel is a channel with the UIDs of the targets that publish to it.
type Channel struct {
	Name       string
	Publishers []string
	// Unknown is the saas file that publishes to the channel as well and cannot be resolved; empty for none.
	Unknown string
}

// Channels are all channels with publishers, by name. Deleted targets publish nothing.
func Channels(set saasfile.Set) map[string]Channel {
	channels := map[string]Channel{}
	for i := range set.Files {
		file := &set.Files[i]
		for template, target := range file.Targets() {
			if target.Promotion == nil || target.Deleted() {
				continue
			}
			for _, name := range target.Promotion.Publish {
				channel := channels[name]
				channel.Name = name
				channel.Publishers = append(channel.Publishers, target.UID(file.Name, template.Name))
				channels[name] = channel
			}
		}
	}
	for _, fault := range set.Faults {
		for _, name := range fault.Publishes {
			channel := channels[name]
			channel.Name, channel.Unknown = name, fault.File
			channels[name] = channel
		}
	}
	return channels
}

// Candidate is a commit that a subscriber is about to deploy.
type Candidate struct {
	Commit    string
	Subscribe []Channel
	SoakDays  int
	// Parents are the configurations of publishers that were promoted with the commit, by channel. A nil is one without a hash.
	Parents map[string]*string
	// Blocked and Hotfix are the commits of the code component that are never promoted, and always.
	Blocked, Hotfix []string
}

// NewCandidate is the commit of a target; nil where the target subscribes to nothing. The error is Invalid where nobody
// publishes to a channel.
func NewCandidate(file *saasfile.File, template *saasfile.Template, target *saasfile.Target, commit string, channels map[string]Channel) (*Candidate, error) {
	if target.Promotion == nil || len(target.Promotion.Subscribe) == 0 {
		return nil, nil //nolint:nilnil // who subscribes to nothing passes.
	}
	made := &Candidate{Commit: commit, Parents: Parents(target.Promotion.PromotionData)}
	if target.Promotion.SoakDays != nil {
		made.SoakDays = *target.Promotion.SoakDays
	}
	for _, name := range target.Promotion.Subscribe {
		channel, known := channels[name]
		if !known {
			return nil, apierr.Errorf(apierr.Invalid, "no target publishes to channel %s: add it to a publisher, or take it off the subscribers", name)
		}
		made.Subscribe = append(made.Subscribe, channel)
	}
	made.Blocked, made.Hotfix = Versions(file.App, template.Url)
	return made, nil
}

// Parents are the configurations of publishers in promotion data, by channel. The last one of a channel counts.
func Parents(data []saasfile.PromotionData) map[string]*string {
	parents := map[string]*string{}
	for _, entry := range data {
		if entry.Channel == nil {
			continue
		}
		for _, one := range entry.Data {
			if parent, ok := one.(*saasfile.ParentSaas); ok {
				parents[*entry.Channel] = parent.TargetConfigHash
			}
		}
	}
	return parents
}

// Versions are the commits of a repository that an app blocks, and those it lets through as hotfixes.
func Versions(app saasfile.App, repository string) (blocked, hotfix []string) {
	for _, component := range app.CodeComponents {
		if component.Url == repository {
			blocked = append(blocked, component.BlockedVersions...)
			hotfix = append(hotfix, component.HotfixVersions...)
		}
	}
	return blocked, hotfix
}

// Reason says why a gate is closed.
type Reason string

// The reasons.
const (
	// Blocked is a commit that the code component blocks.
	Blocked Reason = "blocked-version"
	// NotPublished is a publisher that never deployed the commit with success.
	NotPublished Reason = "not-published"
	// HashMismatch is a publisher that ran with another configuration than the one that was promoted.
	HashMismatch Reason = "config-hash-mismatch"
	// Soaking is a commit that was not long enough with its publishers.
	Soaking Reason = "soak-days"
	// UnknownPublisher is a channel whose publishers are not all known.
	UnknownPublisher Reason = "unknown-publisher"
)

// Verdict is what a gate says. The zero Reason is an open gate.
type Verdict struct {
	Reason Reason
	// Message says what the commit waits for; empty for an open gate.
	Message string
	// Soaked is the time that the commit was with all publishers, summed.
	Soaked time.Duration
}

// Open says whether the commit may be deployed.
func (v Verdict) Open() bool { return v.Reason == "" }

// Check opens or closes the gate for a commit. Read returns the data that a publisher left for the commit, nil for none;
// its error ends the check. A blocked commit is refused first; a hotfix passes everything else. The soak time of all
// publishers of all channels is summed, as the reference has it: two publishers soak a commit twice as fast.
//
// Differs from the reference: a channel with a publisher in a saas file that cannot be resolved is closed; there such a saas
// file ends the run.
func Check(c Candidate, now time.Time, read func(channel, publisher string) (*Data, error)) (Verdict, error) {
	if slices.Contains(c.Blocked, c.Commit) {
		return closed(Blocked, "commit %s is blocked by its code component", c.Commit), nil
	}
	if slices.Contains(c.Hotfix, c.Commit) {
		return Verdict{}, nil
	}
	var soaked time.Duration
	for _, channel := range c.Subscribe {
		verdict, err := c.channel(channel, now, read)
		if err != nil || !verdict.Open() {
			return verdict, err
		}
		soaked += verdict.Soaked
	}
	if soaked < time.Duration(c.SoakDays)*24*time.Hour {
		verdict := closed(Soaking, "commit %s soaked %s of %d days with its publishers", c.Commit, soaked.Round(time.Minute), c.SoakDays)
		verdict.Soaked = soaked
		return verdict, nil
	}
	return Verdict{Soaked: soaked}, nil
}

func closed(reason Reason, format string, args ...any) Verdict {
	return Verdict{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// channel is the verdict of one channel, with its part of the soak time.
func (c Candidate) channel(channel Channel, now time.Time, read func(channel, publisher string) (*Data, error)) (Verdict, error) {
	if channel.Unknown != "" {
		return closed(UnknownPublisher, "saas file %s publishes to channel %s and is not valid: mend it first", channel.Unknown, channel.Name), nil
	}
	var verdict Verdict
	var hashes []string
	for _, publisher := range channel.Publishers {
		data, err := read(channel.Name, publisher)
		if err != nil {
			return Verdict{}, err
		}
		if !data.succeeded() {
			return closed(NotPublished, "commit %s was not published with success to channel %s by target %s", c.Commit, channel.Name, publisher), nil
		}
		at, err := data.checkedIn()
		if err != nil {
			return Verdict{}, err
		}
		if at != nil {
			verdict.Soaked += now.Sub(*at)
		}
		if data.TargetConfigHash != nil && *data.TargetConfigHash != "" {
			hashes = append(hashes, *data.TargetConfigHash)
		}
	}
	parent, promoted := c.Parents[channel.Name]
	if len(hashes) == 0 || !promoted || parent != nil && slices.Contains(hashes, *parent) {
		return verdict, nil
	}
	return closed(HashMismatch, "the publisher of channel %s ran commit %s with another configuration since: promote again, or set target_config_hash to one of %v", channel.Name, c.Commit, hashes), nil
}
