package main

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
)

// seenFleet is the fleet of the demonstration, with upgrades as they should be: on these days of March, asked for an hour before
// they begin.
func seenFleet(t *testing.T) *timeline {
	t.Helper()
	text, err := os.ReadFile("../deploy/upgrades/estate/ocm/ocm.yaml")
	require.NoError(t, err)
	estate, err := ocm.ParseEstate(text)
	require.NoError(t, err)
	seen := newTimeline(estate)
	for _, u := range []struct {
		unit      string
		day, hour int
	}{
		{"dev-1", 3, 9}, {"dev-2", 3, 9}, {"stage-1", 5, 9}, {"stage-2", 6, 9}, {"prod-1", 10, 9}, {"prod-2", 11, 9}, {"prod-3", 14, 9},
		{"bank-canary", 15, 9}, {"bank-1", 16, 9}, {"bank-3", 16, 9}, {"bank-2", 17, 9}, {"bank-hosted", 17, 9},
		{"bank-hosted/workers-1", 17, 12}, {"bank-hosted/workers-2", 18, 9},
	} {
		begins := time.Date(2031, 3, u.day, u.hour, 0, 0, 0, time.UTC)
		seen.upgrades = append(seen.upgrades, upgrade{
			organization: seen.units[u.unit], unit: u.unit, version: newest, planned: begins.Add(-time.Hour), begins: begins, done: begins.Add(time.Hour),
		})
	}
	return &seen
}

func TestTheDemonstrationOfUpgradesChecksWhatItHasSeen(t *testing.T) {
	asked, approved := time.Date(2031, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(2031, 3, 13, 0, 0, 0, 0, time.UTC)
	require.Empty(t, seenFleet(t).check(asked, approved))
	require.Len(t, seenFleet(t).check(asked, approved.AddDate(0, 0, 2)), 1, "prod-3 went before it was approved")
	at := func(unit string, by time.Duration) func(*timeline) {
		return func(seen *timeline) {
			for i := range seen.upgrades {
				if u := &seen.upgrades[i]; u.unit == unit {
					u.planned, u.begins, u.done = u.planned.Add(by), u.begins.Add(by), u.done.Add(by)
				}
			}
		}
	}
	const day = 24 * time.Hour
	for want, wrong := range map[string]func(*timeline){
		"prod-1 was not upgraded": func(seen *timeline) {
			seen.upgrades = slices.DeleteFunc(seen.upgrades, func(u upgrade) bool { return u.unit == "prod-1" })
		},
		"dev-1 was upgraded twice": func(seen *timeline) { seen.upgrades = append(seen.upgrades, seen.upgrades[0]) },
		"dev-2 was to go to 4.17.0 at Mon 2031-03-03 09:00, and ended wrong": func(seen *timeline) { seen.upgrades[1].version = "4.17.0" },
		"stage-1 was to go to 4.16.2 at Wed 2031-03-05 09:00, and ended wrong": func(seen *timeline) {
			seen.upgrades[2].done = time.Time{}
		},
		"stage-2 was planned at Mon 2031-03-03 08:00, before dev-1 was done":                               at("stage-2", -3*day),
		"bank-hosted/workers-2 was planned at Mon 2031-03-17 12:00, before bank-hosted/workers-1 was done": at("bank-hosted/workers-2", -20*time.Hour),
		"stage-1 and stage-2 were upgraded at once":                                                        at("stage-1", day),
		"prod-1 was planned when its version had soaked for 6.8 of 12 days":                                at("prod-1", -4*day),
	} {
		t.Run(want, func(t *testing.T) {
			seen := seenFleet(t)
			wrong(seen)
			require.Contains(t, seen.check(asked, approved), want)
		})
	}
}
