package temporalapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

const (
	pageSize = 200
	// atOnce bounds the calls side by side.
	atOnce = 10
)

// ListSchedules returns our schedules, sorted by ID. A schedule that was just made may be missing in the server's list, so
// those that are expected can be named: they are looked up one by one. One of them that is not ours is an error of kind
// Conflict.
func (c *Client) ListSchedules(ctx context.Context, expected ...string) ([]Live, error) {
	ids := map[string]bool{}
	for _, id := range expected {
		ids[id] = true
	}
	var page []byte
	for {
		answer, err := c.listPage(ctx, page)
		if err != nil {
			return nil, classify(fmt.Errorf("list the schedules of namespace %s: %w", c.Namespace, err))
		}
		for _, entry := range answer.GetSchedules() {
			ours, err := c.ours(entry.GetScheduleId(), entry.GetMemo())
			if err != nil {
				return nil, err
			}
			if ours {
				ids[entry.GetScheduleId()] = true
			}
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			break
		}
	}
	return c.getAll(ctx, ids)
}

func (c *Client) listPage(ctx context.Context, page []byte) (*workflowservice.ListSchedulesResponse, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return c.Service.ListSchedules(ctx, &workflowservice.ListSchedulesRequest{Namespace: c.Namespace, MaximumPageSize: pageSize, NextPageToken: page})
}

// getAll leaves out what is gone.
func (c *Client) getAll(ctx context.Context, ids map[string]bool) ([]Live, error) {
	var mu sync.Mutex
	var all []Live
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for id := range ids {
		group.Go(func() error {
			one, err := c.GetSchedule(ctx, id)
			if apierr.Is(err, apierr.Missing) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, *one)
			return nil
		})
	}
	err := group.Wait()
	slices.SortFunc(all, func(a, b Live) int { return strings.Compare(a.ID, b.ID) })
	return all, err
}

// GetSchedule returns one of our schedules. Its error is Missing where there is none, and Conflict where it is somebody
// else's.
func (c *Client) GetSchedule(ctx context.Context, id string) (*Live, error) {
	live, _, err := c.get(ctx, id)
	return live, err
}

// get also returns the token by which an update sees that somebody else was faster.
func (c *Client) get(ctx context.Context, id string) (*Live, []byte, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	answer, err := c.Service.DescribeSchedule(ctx, &workflowservice.DescribeScheduleRequest{Namespace: c.Namespace, ScheduleId: id})
	if err != nil {
		return nil, nil, classify(fmt.Errorf("read schedule %s: %w", id, err))
	}
	ours, err := c.ours(id, answer.GetMemo())
	if err != nil {
		return nil, nil, err
	}
	if !ours {
		return nil, nil, apierr.Errorf(apierr.Conflict, "schedule %s is not ours: its memo does not say %s %s; delete it, or use a namespace of your own", id, MemoManagedBy, ManagedBy)
	}
	live, err := c.read(id, answer.GetMemo(), answer.GetSchedule(), answer.GetInfo())
	return live, answer.GetConflictToken(), err
}

// CreateSchedule makes a schedule. Its error is Conflict where there is one of that ID.
func (c *Client) CreateSchedule(ctx context.Context, s Schedule) error {
	what := "create schedule " + s.ID
	if err := readonly.Check(ctx, what); err != nil {
		return err
	}
	message, err := c.message(s)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	memo, err := c.memo(s)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err = c.Service.CreateSchedule(ctx, &workflowservice.CreateScheduleRequest{
		Namespace: c.Namespace, ScheduleId: s.ID, Schedule: message, Memo: memo, Identity: c.Identity, RequestId: uuid.NewString(),
	})
	return named(what, err)
}

// updateTries bounds how often an update is made anew because somebody else was faster.
const updateTries = 5

// UpdateSchedule changes a schedule to what change makes of it, which is asked anew when somebody else changes the
// schedule at that moment. Its error is Conflict where that goes on, and Missing where there is no schedule.
func (c *Client) UpdateSchedule(ctx context.Context, id string, change func(is Schedule) (Schedule, error)) error {
	what := "update schedule " + id
	if err := readonly.Check(ctx, what); err != nil {
		return err
	}
	for range updateTries {
		updated, err := c.tryUpdate(ctx, what, id, change)
		if err != nil || updated {
			return err
		}
	}
	return apierr.Errorf(apierr.Conflict, "%s: somebody else changes it at the same time; try again", what)
}

// tryUpdate says whether the update took effect. A server leaves out one that comes with an old token and says nothing,
// so what is there then is compared with what was sent.
func (c *Client) tryUpdate(ctx context.Context, what, id string, change func(is Schedule) (Schedule, error)) (bool, error) {
	live, token, err := c.get(ctx, id)
	if err != nil {
		return false, err
	}
	wanted, err := change(live.Schedule)
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	message, err := c.message(wanted)
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	memo, err := c.memo(wanted)
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	if err := c.sendUpdate(ctx, id, message, memo, token); err != nil {
		return false, named(what, err)
	}
	is, err := c.GetSchedule(ctx, id)
	if err != nil {
		return false, err
	}
	left, err := c.drift(wanted, is.message)
	return len(left) == 0, err
}

func (c *Client) sendUpdate(ctx context.Context, id string, message *schedule.Schedule, memo *common.Memo, token []byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := c.Service.UpdateSchedule(ctx, &workflowservice.UpdateScheduleRequest{
		Namespace: c.Namespace, ScheduleId: id, Schedule: message, Memo: memo, ConflictToken: token, Identity: c.Identity, RequestId: uuid.NewString(),
	})
	return err
}

// DeleteSchedule removes one of our schedules; one that is gone is as good. The run that it started last goes on.
func (c *Client) DeleteSchedule(ctx context.Context, id string) error {
	what := "delete schedule " + id
	if err := readonly.Check(ctx, what); err != nil {
		return err
	}
	if _, err := c.GetSchedule(ctx, id); err != nil {
		return unlessMissing(err)
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := c.Service.DeleteSchedule(ctx, &workflowservice.DeleteScheduleRequest{Namespace: c.Namespace, ScheduleId: id, Identity: c.Identity})
	return unlessMissing(named(what, err))
}

// PauseSchedule keeps one of our schedules from starting runs; the note says why.
func (c *Client) PauseSchedule(ctx context.Context, id, note string) error {
	return c.patch(ctx, "pause", id, &schedule.SchedulePatch{Pause: note})
}

// ResumeSchedule lets a paused schedule start runs again.
func (c *Client) ResumeSchedule(ctx context.Context, id, note string) error {
	return c.patch(ctx, "resume", id, &schedule.SchedulePatch{Unpause: note})
}

// TriggerSchedule starts a run now, also where the schedule is paused; not where one is under way.
func (c *Client) TriggerSchedule(ctx context.Context, id string) error {
	return c.patch(ctx, "trigger", id, &schedule.SchedulePatch{
		TriggerImmediately: &schedule.TriggerImmediatelyRequest{OverlapPolicy: enums.SCHEDULE_OVERLAP_POLICY_SKIP},
	})
}

func (c *Client) patch(ctx context.Context, verb, id string, patch *schedule.SchedulePatch) error {
	what := verb + " schedule " + id
	if err := readonly.Check(ctx, what); err != nil {
		return err
	}
	if _, err := c.GetSchedule(ctx, id); err != nil {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := c.Service.PatchSchedule(ctx, &workflowservice.PatchScheduleRequest{
		Namespace: c.Namespace, ScheduleId: id, Patch: patch, Identity: c.Identity, RequestId: uuid.NewString(),
	})
	return named(what, err)
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return classify(fmt.Errorf("%s: %w", what, err))
}

func unlessMissing(err error) error {
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}
