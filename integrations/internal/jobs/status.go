package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// JobKind is the kind of Jobs.
const JobKind = "Job.batch"

// Run says where a Job stands.
type Run struct {
	// Job is the live object; nil where there is none.
	Job map[string]any
	// Complete and Failed say how it ended. While it runs both are false.
	Complete, Failed bool
	// Words say what it does, or why it failed and where its logs are. They have no full stop.
	Words string
}

// status is what is read of a Job.
type status struct {
	Active     int `json:"active"`
	Failed     int `json:"failed"`
	Conditions []struct {
		Type, Status, Reason, Message string
	} `json:"conditions"`
}

// Look reads where a Job stands.
//
// Differs from the reference: a Job has ended when it says that it is complete or failed. The reference takes any condition
// for the end, also that of a Job which is suspended or about to fail, and all but "Failed" for success.
func (a At) Look(ctx context.Context, name string) (Run, error) {
	job, err := a.Get(ctx, JobKind, name)
	if apierr.Is(err, apierr.Missing) {
		return Run{Words: fmt.Sprintf("Job %s is not there", name)}, nil
	}
	if err != nil {
		return Run{}, err
	}
	run := Run{Job: job}
	var s status
	if err := reread(job["status"], &s); err != nil {
		return Run{}, apierr.Errorf(apierr.Invalid, "the status of Job %s in %s cannot be read: %w", name, a.Place, err)
	}
	why := ""
	for _, c := range s.Conditions {
		switch {
		case c.Status != "True":
		case c.Type == "Complete":
			run.Complete = true
		case c.Type == "Failed":
			run.Failed, why = true, cmp.Or(strings.TrimSuffix(c.Message, "."), c.Reason)
		}
	}
	if run.Complete {
		run.Words = fmt.Sprintf("Job %s is complete", name)
		return run, nil
	}
	pods, err := a.pods(ctx, name)
	if err != nil {
		return Run{}, err
	}
	switch {
	case run.Failed:
		run.Words = fmt.Sprintf("Job %s failed: %s; see the logs of %s", name, why, a.logs(name, pods))
	case len(pods) == 0:
		run.Words = fmt.Sprintf("Job %s has no pod yet", name)
	default:
		run.Words = fmt.Sprintf("Job %s runs: %s", name, strings.Join(pods.describe(), ", "))
	}
	if !run.Failed && s.Failed > 0 {
		run.Words += fmt.Sprintf("; %d of its pods failed so far", s.Failed)
	}
	return run, nil
}

// logs says where the logs of a Job that has ended are. Its pods may be gone with their node.
func (a At) logs(job string, pods pods) string {
	if len(pods) == 0 {
		return fmt.Sprintf("its pods in %s, none of which is to be seen any more", a.Place)
	}
	return fmt.Sprintf("pod %s in %s: oc -n %s logs job/%s", strings.Join(pods.names(), ", "), a.Place, a.Namespace, job)
}

type pods []pod

type pod struct {
	Metadata struct{ Name string }
	Status   struct {
		Phase             string
		ContainerStatuses []struct {
			State struct{ Waiting *struct{ Reason string } }
		}
	}
}

// pods are those of a Job, by name; none where the token may not see them.
func (a At) pods(ctx context.Context, job string) (pods, error) {
	live, err := a.Client.List(ctx, "Pod", a.Namespace, "job-name="+job)
	if apierr.Is(err, apierr.Denied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := make(pods, len(live))
	for i, object := range live {
		if err := reread(object, &found[i]); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "pod %s in %s cannot be read: %w", nameOf(object), a.Place, err)
		}
	}
	slices.SortFunc(found, func(a, b pod) int { return strings.Compare(a.Metadata.Name, b.Metadata.Name) })
	return found, nil
}

func (p pods) names() []string {
	names := make([]string, len(p))
	for i := range p {
		names[i] = p[i].Metadata.Name
	}
	return names
}

func (p pods) describe() []string {
	var texts []string
	for _, pod := range p {
		state := pod.Status.Phase
		for _, container := range pod.Status.ContainerStatuses {
			if container.State.Waiting != nil && container.State.Waiting.Reason != "" {
				state = container.State.Waiting.Reason
			}
		}
		texts = append(texts, fmt.Sprintf("pod %s is %s", pod.Metadata.Name, cmp.Or(state, "Pending")))
	}
	return texts
}

// reread decodes a part of an object into a struct.
func reread(part, into any) error {
	text, err := json.Marshal(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// Annotation is the value of one of the Job's annotations, or "".
func (r Run) Annotation(name string) string {
	metadata, _ := r.Job["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	value, _ := annotations[name].(string)
	return value
}
