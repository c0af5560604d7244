package openshiftsaasdeploy

import (
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Item is one of an object, a rollout and a notice.
type Item struct {
	Object *kubeapi.Object `json:"object,omitempty"`
	// Of is the rollout that the object is part of; nil for one that nobody wants.
	Of      *membership `json:"of,omitempty"`
	Rollout *Rollout    `json:"rollout,omitempty"`
	Notice  *Notice     `json:"notice,omitempty"`
}

// membership says what an object is a part of.
type membership struct {
	// Target is the target's name, Rollout the key of its rollout and Commit what is rolled out.
	Target  string `json:"target"`
	Rollout string `json:"rollout"`
	Commit  string `json:"commit"`
}

// Rollout is the deployment of a commit to a target.
type Rollout struct {
	SaasFile string `json:"saasFile"`
	// Target is the target's name: its resource template, cluster, namespace and own name.
	Target    string               `json:"target"`
	Template  string               `json:"template"`
	Cluster   appinterface.Cluster `json:"cluster"`
	Namespace string               `json:"namespace"`
	// Privileged asks for the cluster-admin token.
	Privileged bool   `json:"privileged,omitempty"`
	Commit     string `json:"commit"`
	// ConfigHash is the target_config_hash.
	ConfigHash string `json:"configHash"`
	// Publisher is the target's UID, and Channels those that it publishes to.
	Publisher string   `json:"publisher"`
	Channels  []string `json:"channels,omitempty"`
	// Parts are the objects that are to be realised, and Digest identifies them with commit and configuration.
	Parts  []part `json:"parts,omitempty"`
	Digest string `json:"digest"`
	// Seconds is how long it may take.
	Seconds int64 `json:"seconds"`
	// Faults are why it cannot succeed.
	Faults []string `json:"faults,omitempty"`
	// Careful is why a person has to approve it; empty where nobody has to. It applies its objects itself then.
	Careful string `json:"careful,omitempty"`
	// Pending is what a current rollout lacks; empty for one that is done.
	Pending string `json:"pending,omitempty"`
}

// part is an object by the hash that it is stamped with.
type part struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Hash string `json:"hash"`
}

// String names the part in messages.
func (p part) String() string { return p.Kind + " " + p.Name }

// shortCommit is how much of a commit names it to people.
const shortCommit = 7

func short(commit string) string { return commit[:min(shortCommit, len(commit))] }

// key identifies the rollout within its scope. It is part of a workflow's ID.
func (r *Rollout) key() string { return r.Target + "/" + short(r.Commit) + "-" + r.Digest }

// owner is who its objects belong to.
func (r *Rollout) owner() kubeapi.Owner {
	return kubeapi.Owner{Integration: Name, Version: version, Caller: r.SaasFile}
}

func (r *Rollout) limit() time.Duration { return time.Duration(r.Seconds) * time.Second }

// Notice is what Slack is told of the rollouts of a scope.
type Notice struct {
	Workspace  slackapi.Workspace `json:"workspace"`
	Token      secret.Ref         `json:"token"`
	Channel    string             `json:"channel"`
	Icon       string             `json:"icon,omitempty"`
	Username   string             `json:"username,omitempty"`
	SaasFile   string             `json:"saasFile"`
	ConsoleURL string             `json:"consoleUrl"`
	// Environment is that of the rollouts.
	Environment string `json:"environment"`
	// Begin is told when the deployment begins; else its end is told.
	Begin bool `json:"begin,omitempty"`
	// Quiet leaves successes out, and Events tells each change of an object.
	Quiet  bool `json:"quiet,omitempty"`
	Events bool `json:"events,omitempty"`
	// Integration and Reason are what triggered the deployment.
	Integration string `json:"integration,omitempty"`
	Reason      string `json:"reason,omitempty"`
	// Digest identifies the rollouts.
	Digest string `json:"digest"`
	// Pending are the targets whose rollouts are to come, Changes what is done to objects, and At when that was found out: of a
	// current notice.
	Pending []string  `json:"pending,omitempty"`
	Changes []string  `json:"changes,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// Key implements plan.Item.
func (i Item) Key() string {
	switch {
	case i.Object != nil:
		return "object/" + i.Object.Cluster + "/" + i.Object.Key()
	case i.Rollout != nil:
		return i.Rollout.key()
	case i.Notice.Begin:
		return "notice/begin"
	}
	return "notice/" + i.Notice.Digest
}

// Equal implements plan.Item. What is not as it should be was found where it was read.
func (i Item) Equal(current Item) bool { return i.Explain(current) == "" }

// Explain implements plan.Explained.
func (i Item) Explain(current Item) string {
	switch {
	case i.Object != nil && current.Object.Conflict != "":
		return current.Object.Conflict
	case i.Object != nil:
		return current.Object.Drift
	case i.Rollout != nil:
		return current.Rollout.Pending
	}
	if n := len(current.Notice.Pending); n > 0 {
		return fmt.Sprintf("rollouts to come: %d", n)
	}
	return ""
}

// Wave implements plan.Ordered: that a deployment begins is told before anything is applied, and how it ends after the
// rollouts have begun.
func (i Item) Wave() int {
	switch {
	case i.Notice == nil:
		return 1
	case i.Notice.Begin:
		return 0
	}
	return 2
}

// Title implements plan.Titled.
func (i Item) Title() string {
	switch {
	case i.Object != nil:
		return i.Object.Title()
	case i.Rollout != nil:
		r := i.Rollout
		return fmt.Sprintf("rollout of %s at %s to %s in cluster %s", r.Template, short(r.Commit), r.Namespace, r.Cluster.Name)
	case i.Notice.Begin:
		return "notice in #" + strings.TrimPrefix(i.Notice.Channel, "#") + " that the deployment begins"
	}
	return "notice in #" + strings.TrimPrefix(i.Notice.Channel, "#") + " of how the deployment ends"
}
