package promotion

import (
	"fmt"
	"slices"
	"time"

	"github.com/app-sre/qontract-temporal/internal/crontab"
)

// Always is the schedule of a subscriber that names none.
const Always = "* * * * *"

// Subscriber is a target that is promoted automatically.
type Subscriber struct {
	// Ref is the commit that the target names.
	Ref      string
	Channels []Subscription
	SoakDays int
	// Schedule is when the target may be promoted, as cron expression: in the minutes that it hits.
	Schedule string
	// Blocked are the commits that are never promoted.
	Blocked []string
	// WithHashes says that the target has promotion data, and Hashes are those.
	WithHashes bool
	Hashes     []ConfigHash
}

// Subscription is a channel that a subscriber listens to.
type Subscription struct {
	Name       string
	Publishers []Publisher
}

// Publisher is a target that publishes to a channel.
type Publisher struct {
	UID string
	// Commit is what its ref stands for now.
	Commit string
	// Deployment is what it published for the commit; nil for nothing.
	Deployment *Deployment
}

// Deployment is the outcome of a publisher's deployment.
type Deployment struct {
	Success                    bool
	SaasFile, TargetConfigHash string
	// CheckIn is nil where it is not known.
	CheckIn *time.Time
}

// DeploymentOf is the deployment that data tell of; nil where they lack the saas file or the hash, which promotions need.
func DeploymentOf(data *Data) (*Deployment, error) {
	if data == nil || data.SaasFile == nil || data.TargetConfigHash == nil || *data.SaasFile == "" || *data.TargetConfigHash == "" {
		return nil, nil //nolint:nilnil // data without them are none to promote by.
	}
	at, err := data.checkedIn()
	if err != nil {
		return nil, err
	}
	return &Deployment{Success: data.Success, SaasFile: *data.SaasFile, TargetConfigHash: *data.TargetConfigHash, CheckIn: at}, nil
}

// ConfigHash is the configuration of a publisher in the promotion data of a subscriber.
type ConfigHash struct{ Channel, ParentSaas, TargetConfigHash string }

// Desired is what a subscriber is to become.
type Desired struct {
	Ref    string
	Hashes []ConfigHash
	// Held says what keeps the ref as it is; empty where it is the publishers' commit.
	Held string
}

// Desired is the publishers' commit, where they all have the same one and deployed it with success, it soaked long enough,
// the schedule hits now and it is not blocked; else the ref as it is. The hashes are those of the publishers' last successful
// deployments whatever holds the ref; of several publishers of a channel the first one's.
func (s Subscriber) Desired(now time.Time) Desired {
	desired := Desired{Ref: s.Ref, Hashes: s.hashes()}
	commit, held := s.commit(now)
	if held == "" {
		desired.Ref = commit
	}
	desired.Held = held
	return desired
}

// Changes says whether the subscriber has to change. Hashes that are there beside the desired ones do not count.
func (s Subscriber) Changes(desired Desired) bool {
	return desired.Ref != s.Ref || slices.ContainsFunc(desired.Hashes, func(hash ConfigHash) bool { return !slices.Contains(s.Hashes, hash) })
}

func (s Subscriber) commit(now time.Time) (commit, held string) {
	var soaked time.Duration
	for _, channel := range s.Channels {
		for _, publisher := range channel.Publishers {
			switch {
			case publisher.Deployment == nil || !publisher.Deployment.Success:
				return "", fmt.Sprintf("publisher %s of channel %s has not deployed commit %s with success", publisher.UID, channel.Name, publisher.Commit)
			case commit != "" && publisher.Commit != commit:
				// A publisher that failed is worth more words than commits that differ.
				held = "publishers have different commits"
			}
			commit = publisher.Commit
			if at := publisher.Deployment.CheckIn; at != nil {
				soaked += now.Sub(*at)
			}
		}
	}
	switch {
	case held != "":
		return "", held
	case commit == "":
		return "", "nobody publishes to its channels"
	case soaked < time.Duration(s.SoakDays)*24*time.Hour:
		return "", fmt.Sprintf("commit %s soaked %s of %d days", commit, soaked.Round(time.Minute), s.SoakDays)
	}
	schedule, err := crontab.Parse(s.Schedule)
	switch {
	case err != nil:
		return "", err.Error()
	case !crontab.Matches(schedule, now):
		return "", fmt.Sprintf("commit %s waits for the schedule %s", commit, s.Schedule)
	case slices.Contains(s.Blocked, commit):
		return "", fmt.Sprintf("commit %s is blocked", commit)
	}
	return commit, ""
}

func (s Subscriber) hashes() []ConfigHash {
	if !s.WithHashes {
		return nil
	}
	var desired []ConfigHash
	for _, channel := range s.Channels {
		if len(channel.Publishers) > 0 {
			if done := channel.Publishers[0].Deployment; done != nil && done.Success {
				desired = append(desired, ConfigHash{Channel: channel.Name, ParentSaas: done.SaasFile, TargetConfigHash: done.TargetConfigHash})
				continue
			}
		}
		if at := slices.IndexFunc(s.Hashes, func(hash ConfigHash) bool { return hash.Channel == channel.Name }); at >= 0 {
			desired = append(desired, s.Hashes[at])
		}
	}
	return desired
}
