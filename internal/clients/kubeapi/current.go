package kubeapi

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Target is what Current reads: a kind in a namespace, empty for kinds of the cluster itself. With names only
// those; nil stands for all.
type Target struct {
	Namespace string   `json:"namespace,omitempty"`
	Kind      string   `json:"kind"`
	Names     []string `json:"names,omitempty"`
}

// identity is an object's identity in its cluster, whichever way its kind was written.
type identity struct{ group, kind, namespace, name string }

// Current reads the live objects of the targets, completely or with an error, and returns what a plan is made of:
// each live object that is desired, with its Drift or Conflict, and each of the others that may be deleted (see
// Deletable) and is not on its way out already. Everything else in the cluster stays out of the plan's sight.
// Desired may hold more than the targets cover: what lies outside is not returned, and not deleted either.
// A target whose namespace does not exist, or whose kind the cluster does not serve, has no live objects.
// The order is by key.
func Current(ctx context.Context, c *Client, owner Owner, desired []Object, targets []Target, policy Policy) ([]Object, error) {
	reading := &reading{client: c, owner: owner, policy: policy, wanted: map[identity]Object{}}
	if err := reading.index(ctx, desired); err != nil {
		return nil, err
	}
	jobs, err := reading.plan(ctx, targets)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, job := range jobs {
		group.Go(func() error { return reading.run(ctx, job) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(reading.found, func(a, b Object) int { return strings.Compare(a.Key(), b.Key()) })
	return reading.found, nil
}

// reading is one run of Current.
type reading struct {
	client *Client
	owner  Owner
	policy Policy
	wanted map[identity]Object

	mu    sync.Mutex
	found []Object
}

// job is one kind with all targets that ask for it.
type job struct {
	kind    Kind
	targets []Target
}

// index notes the desired objects by identity. Kinds that the cluster does not serve have no live objects.
func (r *reading) index(ctx context.Context, desired []Object) error {
	for _, o := range desired {
		kind, err := r.client.Kind(ctx, o.Kind)
		if apierr.Is(err, apierr.Missing) {
			continue
		}
		if err != nil {
			return err
		}
		ref := referenceTo(kind, o)
		r.wanted[identity{kind.Group, kind.Name, ref.namespace, o.Name}] = o
	}
	return nil
}

// plan groups the targets by kind, and leaves out kinds that are not served.
func (r *reading) plan(ctx context.Context, targets []Target) ([]job, error) {
	var jobs []job
	for _, target := range targets {
		kind, err := r.client.Kind(ctx, target.Kind)
		if apierr.Is(err, apierr.Missing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		index := slices.IndexFunc(jobs, func(j job) bool { return j.kind.Group == kind.Group && j.kind.Name == kind.Name })
		if index < 0 {
			jobs = append(jobs, job{kind: kind})
			index = len(jobs) - 1
		}
		jobs[index].targets = append(jobs[index].targets, target)
	}
	return jobs, nil
}

func (r *reading) run(ctx context.Context, work job) error {
	namespaces := make([]string, 0, len(work.targets))
	for _, target := range work.targets {
		namespaces = append(namespaces, target.Namespace)
	}
	found, err := gatherKind(ctx, r.client, work.kind, namespaces, func(ctx context.Context, page []map[string]any) ([]Object, error) {
		return r.judgeAll(ctx, work, page)
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, found...)
	return nil
}

// judgeAll judges live objects, some side by side, since some have to be shown to the server.
func (r *reading) judgeAll(ctx context.Context, work job, all []map[string]any) ([]Object, error) {
	var (
		mu    sync.Mutex
		found []Object
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for _, live := range all {
		group.Go(func() error {
			object, relevant, err := r.judge(ctx, work, live)
			if err != nil || !relevant {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			found = append(found, object)
			return nil
		})
	}
	return found, group.Wait()
}

// judge says what the plan is to see of a live object, if anything.
func (r *reading) judge(ctx context.Context, work job, live map[string]any) (Object, bool, error) {
	self := identity{work.kind.Group, work.kind.Name, namespaceOf(live), nameOf(live)}
	if desired, ok := r.wanted[self]; ok {
		if !slices.ContainsFunc(work.targets, func(t Target) bool { return t.Namespace == desired.Namespace }) {
			return Object{}, false, nil
		}
		object, err := r.compare(ctx, desired, live)
		return object, true, err
	}
	index := slices.IndexFunc(work.targets, func(t Target) bool {
		return (!work.kind.Namespaced || t.Namespace == self.namespace) && (t.Names == nil || slices.Contains(t.Names, self.name))
	})
	if index < 0 || terminating(live) || !Deletable(live, r.owner, r.policy) {
		return Object{}, false, nil
	}
	target := work.targets[index]
	return Object{
		Cluster: r.client.cluster, Namespace: target.Namespace, Kind: target.Kind, Name: self.name,
		Privileged: r.client.privileged,
	}, true, nil
}

// compare finds the drift of a live object that is desired. Whether an object of this integration differs in more than its
// stamp, the server has the last word.
func (r *reading) compare(ctx context.Context, desired Object, live map[string]any) (Object, error) {
	object := Object{
		Cluster: r.client.cluster, Namespace: desired.Namespace, Kind: desired.Kind, Name: desired.Name,
		Privileged: desired.Privileged,
	}
	if desired.Body == nil {
		return Object{}, apierr.Errorf(apierr.Invalid, "%s has no body to compare with", desired.Title())
	}
	comparison, err := compareObjects(live, desired.Body, r.owner, desired.Secret)
	if err != nil {
		return Object{}, apierr.Errorf(apierr.Invalid, "%s: %w", desired.Title(), err)
	}
	if comparison.HashAgrees || comparison.HashDiffers {
		change, err := r.client.WouldChange(ctx, r.owner, desired, live)
		switch {
		case err != nil:
			return Object{}, err
		case !change && comparison.HashDiffers:
			// While others own fields, a dry run does not tell which of these would go.
			if handover, err := handover(live); err == nil && handover == nil {
				comparison.Reason, object.StampOnly = "it is as wanted, and its hash is not: it is stamped anew", true
			}
		case !change:
			comparison = Comparison{}
		}
	}
	verdict := Decide(live, comparison, r.owner, r.policy)
	object.Drift, object.Conflict = verdict.Apply, verdict.Conflict
	if terminating(live) && object.Conflict == "" {
		object.Drift = cmp.Or(object.Drift, "it is being deleted")
	}
	return object, nil
}
