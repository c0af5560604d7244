package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/views"
	"github.com/app-sre/qontract-temporal/workflows"
)

// notes are what people should know or see to, each in one line.
func (s statusText) notes() []string {
	var notes []string
	now := s.fleet.At
	for _, one := range s.fleet.Integrations {
		for _, approval := range one.Held {
			notes = append(notes, fmt.Sprintf("%s: %s held for %s: starter approve %s", s.paint(yellow, one.Name),
				plural(approval.Held, "change"), age(now.Sub(approval.Since)), s.link(approval.UI, approval.Subject())))
		}
		for _, run := range one.Open {
			doing := "has waited, or needs a person,"
			if run.Outcome == string(workflows.Stuck) {
				doing = "is stuck, and no step has ended"
			}
			notes = append(notes, fmt.Sprintf("%s: %s for %s: starter watch %s", s.paint(blue, one.Name), doing, age(now.Sub(run.Started)), s.link(run.UI, run.WorkflowID)))
		}
		notes = append(notes, s.pauses(one)...)
	}
	if s.fleet.Unsearchable {
		notes = append(notes, unsearchable)
	}
	if len(s.fleet.Strange) > 0 {
		notes = append(notes, "schedules of integrations that this program does not know: "+strings.Join(s.fleet.Strange, ", "))
	}
	return append(notes, s.queues()...)
}

// pauses say which schedules are paused, with what the person who did it noted: who and why.
func (s statusText) pauses(one views.Integration) []string {
	shards := one.Shards
	if len(shards) == 0 {
		shards = []views.Shard{{ID: one.Name, Unit: one.Unit}}
	}
	var notes []string
	for _, shard := range shards {
		if shard.Paused {
			notes = append(notes, strings.TrimSuffix(s.paint(yellow, shard.ID)+": paused: "+shard.PausedNote, ": "))
		}
	}
	return notes
}

// queues say where nobody works.
func (s statusText) queues() []string {
	var idle, unknown []string
	for _, queue := range s.fleet.Queues {
		switch {
		case queue.Unknown:
			unknown = append(unknown, queue.Name)
		case queue.Workers == 0:
			idle = append(idle, queue.Name)
		}
	}
	var notes []string
	if len(s.fleet.Queues) > 0 {
		notes = append(notes, fmt.Sprintf("workers: %d of %s have some", len(s.fleet.Queues)-len(idle)-len(unknown), plural(len(s.fleet.Queues), "queue")))
	}
	for _, kind := range []struct {
		words string
		names []string
	}{{s.paint(red, "nobody works") + " on", idle}, {"nothing is known of", unknown}} {
		if len(kind.names) > 0 {
			slices.Sort(kind.names)
			notes[0] += "; " + kind.words + " " + few(kind.names)
		}
	}
	return notes
}

// few names some, and counts the others.
func few(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
