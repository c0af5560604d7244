package rosa

import (
	"context"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Session runs commands in a namespace.
type Session struct {
	Settings
	Client jobs.Kubernetes
	Owner  kubeapi.Owner
	// Token returns an access token of OCM.
	Token func(context.Context) (secret.Value, error)
}

// Again says which Jobs of a command that have ended do not count. The zero value takes the end that it finds.
type Again struct {
	// Failed has a Job that failed run again.
	Failed bool
	// After has a Job run again that was not made after that time.
	After time.Time
}

// Run carries a command as far as it goes now, and says where its Job stands. It makes the Job where there is none, and
// gives it what it needs, also where an attempt before came no further. A Job that another integration has is Guard.
//
// Differs from the reference: nobody waits for the Job; the caller looks again. A Job whose Secret could not be made gets it
// at the next look, and the reference's waits for it until somebody deletes the Job. The logs stay where they are: Run says
// where, and no log of a program with credentials is copied.
func (s Session) Run(ctx context.Context, c Command, again Again) (jobs.Run, error) {
	at, name := s.at(), c.name(s.Settings)
	run, err := at.Look(ctx, name)
	if err != nil {
		return jobs.Run{}, err
	}
	if run.Job != nil && !kubeapi.Owned(run.Job, s.Owner) {
		return jobs.Run{}, apierr.Errorf(apierr.Guard, "Job %s in %s is another integration's: wait until it is gone", name, s.Place)
	}
	ended := run.Complete || run.Failed
	stale := !again.After.IsZero() && !Made(run).After(again.After)
	if run.Job != nil && ended && (run.Failed && again.Failed || stale) {
		if err := at.Delete(ctx, jobs.JobKind, name); err != nil {
			return jobs.Run{}, err
		}
		run, ended = jobs.Run{}, false
	}
	if run.Job == nil {
		if err := at.Create(ctx, c.job(s.Settings)); err != nil && !apierr.Is(err, apierr.Conflict) {
			return jobs.Run{}, err
		}
		if run, err = at.Look(ctx, name); err != nil {
			return jobs.Run{}, err
		}
	}
	if run.Job == nil || ended {
		return run, nil
	}
	return run, s.equip(ctx, c, run)
}

// equip makes the Secret of a Job, unless it is there. That of an earlier Job of the name is about to go.
func (s Session) equip(ctx context.Context, c Command, run jobs.Run) error {
	at, job := s.at(), textOf(run.Job, "uid")
	live, err := at.Get(ctx, "Secret", c.name(s.Settings))
	switch {
	case err == nil && ownedBy(live, job):
		return nil
	case err == nil:
		if err := at.Delete(ctx, "Secret", c.name(s.Settings)); err != nil {
			return err
		}
	case !apierr.Is(err, apierr.Missing):
		return err
	}
	token, err := s.Token(ctx)
	if err != nil {
		return err
	}
	return at.Create(ctx, c.secret(s.Settings, token.Reveal(), job))
}

func (s Session) at() jobs.At { return jobs.At{Place: s.Place, Client: s.Client, Owner: s.Owner} }

// Made is when a Job was made.
func Made(run jobs.Run) time.Time {
	at, err := time.Parse(time.RFC3339, textOf(run.Job, "creationTimestamp"))
	if err != nil {
		return time.Time{}
	}
	return at
}

func textOf(object map[string]any, field string) string {
	metadata, _ := object["metadata"].(map[string]any)
	text, _ := metadata[field].(string)
	return text
}

// ownedBy says whether the object goes when the one with the UID does.
func ownedBy(object map[string]any, uid string) bool {
	metadata, _ := object["metadata"].(map[string]any)
	owners, _ := metadata["ownerReferences"].([]any)
	for _, owner := range owners {
		if reference, ok := owner.(map[string]any); ok && reference["uid"] == uid {
			return true
		}
	}
	return false
}
