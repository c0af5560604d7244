package temporal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
	"sigs.k8s.io/yaml"
)

const retention = 24 * time.Hour

// prepare makes the namespace and its versions.
func (w *World) prepare(ctx context.Context, versions map[string]Versions) error {
	_, err := w.direct.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: w.namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	if err != nil {
		return fmt.Errorf("register namespace %s: %w", w.namespace, err)
	}
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		if err := w.setVersions(ctx, name, versions[name]); err != nil {
			return fmt.Errorf("estate: versions of %s: %w", name, err)
		}
	}
	return nil
}

// load makes the schedules, and waits until lists show them and no others.
func (w *World) load(ctx context.Context, schedules map[string]Schedule) error {
	for _, id := range slices.Sorted(maps.Keys(schedules)) {
		if err := w.create(ctx, id, schedules[id]); err != nil {
			return fmt.Errorf("estate: schedule %s: %w", id, err)
		}
	}
	return w.listed(ctx, len(schedules))
}

func (w *World) create(ctx context.Context, id string, given Schedule) error {
	schedule, err := scheduleProto(w.server.Converter, given.Schedule)
	if err != nil {
		return err
	}
	request := &workflowservice.CreateScheduleRequest{Namespace: w.namespace, ScheduleId: id, Schedule: schedule, RequestId: rand.Text()}
	if len(given.Memo) > 0 {
		request.Memo = &commonpb.Memo{Fields: map[string]*commonpb.Payload{}}
	}
	for key, value := range given.Memo {
		if request.Memo.Fields[key], err = w.server.Converter.ToPayload(value); err != nil {
			return err
		}
	}
	w.note(id)
	_, err = w.direct.WorkflowService().CreateSchedule(ctx, request)
	return err
}

// setVersions makes each version the current one in turn. It takes the server minutes to find that one before has no runs left.
func (w *World) setVersions(ctx context.Context, name string, versions Versions) error {
	handle := w.direct.WorkerDeploymentClient().GetHandle(name)
	for _, build := range append(slices.Clone(versions.Draining), versions.Current) {
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build, AllowNoPollers: true, IgnoreMissingTaskQueues: true})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	listedWithin = 30 * time.Second
	listedPause  = 50 * time.Millisecond
)

// listed waits until a list has the number of schedules: the server writes its lists a little later.
func (w *World) listed(ctx context.Context, wanted int) error {
	ctx, cancel := context.WithTimeout(ctx, listedWithin)
	defer cancel()
	for {
		found, err := w.direct.WorkflowService().ListSchedules(ctx, &workflowservice.ListSchedulesRequest{Namespace: w.namespace})
		if err == nil && len(found.GetSchedules()) == wanted {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the namespace's list has %d schedules, not %d: %w", len(found.GetSchedules()), wanted, errors.Join(err, ctx.Err()))
		case <-time.After(listedPause):
		}
	}
}

// Dump returns the schedules as they are. Versions are left out: nothing but a person changes them.
func (w *World) Dump(ctx context.Context) ([]byte, error) {
	estate := Estate{Schedules: map[string]Schedule{}}
	for _, id := range w.known() {
		described, err := w.direct.WorkflowService().DescribeSchedule(ctx, &workflowservice.DescribeScheduleRequest{Namespace: w.namespace, ScheduleId: id})
		var gone *serviceerror.NotFound
		if errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", id, err)
		}
		value, err := scheduleValue(w.server.Converter, described.GetSchedule())
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", id, err)
		}
		found := Schedule{Schedule: value, Memo: map[string]any{}}
		for key, encoded := range described.GetMemo().GetFields() {
			var field any
			if err := w.server.Converter.FromPayload(encoded, &field); err != nil {
				return nil, fmt.Errorf("schedule %s: memo %s: %w", id, key, err)
			}
			found.Memo[key] = field
		}
		estate.Schedules[id] = found
	}
	return yaml.Marshal(estate)
}
