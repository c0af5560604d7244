package addonsupgradeteststrigger

import (
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Tested is a version of an add-on with the jobs that test it.
type Tested struct {
	// Organization is the name of the OCM organisation.
	Organization string `json:"organization"`
	Addon        string `json:"addon"`
	Version      string `json:"version"`
	Jobs         []Job  `json:"jobs,omitempty"`
}

// Job is one in Jenkins.
type Job struct {
	// Instance is the instance's name in app-interface, Token how to log in there.
	Instance string     `json:"instance"`
	Token    secret.Ref `json:"token"`
	Name     string     `json:"name"`
}

// Key implements plan.Item. It is the key of the state, as in the reference.
func (t Tested) Key() string { return t.Organization + "/" + t.Addon }

// Equal implements plan.Item.
func (t Tested) Equal(current Tested) bool { return t.Version == current.Version }

// Title implements plan.Titled.
func (t Tested) Title() string {
	names := make([]string, len(t.Jobs))
	for i, job := range t.Jobs {
		names[i] = job.Instance + "/" + job.Name
	}
	return fmt.Sprintf("tests of add-on %s %s by %s", t.Addon, t.Version, strings.Join(names, ", "))
}
