package promotion_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
)

func publisher(uid, at string, success bool, hash string, ago time.Duration) promotion.Publisher {
	checkIn := now.Add(-ago)
	return promotion.Publisher{UID: uid, Commit: at, Deployment: &promotion.Deployment{Success: success, SaasFile: "up", TargetConfigHash: hash, CheckIn: &checkIn}}
}

func listening(name string, publishers ...promotion.Publisher) promotion.Subscription {
	return promotion.Subscription{Name: name, Publishers: publishers}
}

func TestDesired(t *testing.T) {
	day := 24 * time.Hour
	good, same := publisher("1", commit, true, "new", day), publisher("1", older, true, "old", day)
	bad, gone := publisher("2", commit, false, "new", day), promotion.Publisher{UID: "2", Commit: commit}
	old := []promotion.ConfigHash{{Channel: "a", ParentSaas: "up", TargetConfigHash: "old"}, {Channel: "b", ParentSaas: "up", TargetConfigHash: "old"}}
	subscriptions := func(all ...promotion.Subscription) []promotion.Subscription { return all }
	for _, tc := range []struct {
		name   string
		given  promotion.Subscriber
		ref    string
		hashes string
		held   string
		change bool
	}{
		{"nothing moved", promotion.Subscriber{Channels: subscriptions(listening("a", same))}, older, "", "", false},
		{"the publisher moved", promotion.Subscriber{Channels: subscriptions(listening("a", good))}, commit, "", "", true},
		{"the publisher failed", promotion.Subscriber{Channels: subscriptions(listening("a", bad))}, older, "", "has not deployed", false},
		{"the publisher has not deployed yet", promotion.Subscriber{Channels: subscriptions(listening("a", gone))}, older, "", "has not deployed", false},
		{"two publishers moved", promotion.Subscriber{Channels: subscriptions(listening("a", good, good))}, commit, "", "", true},
		{"one of two publishers moved", promotion.Subscriber{Channels: subscriptions(listening("a", good, same))}, older, "", "different commits", false},
		{"one of two publishers failed", promotion.Subscriber{Channels: subscriptions(listening("a", good, bad))}, older, "", "has not deployed", false},
		{"two channels moved", promotion.Subscriber{Channels: subscriptions(listening("a", good), listening("b", good))}, commit, "", "", true},
		{"one of two channels moved", promotion.Subscriber{Channels: subscriptions(listening("a", same), listening("b", good))}, older, "", "different commits", false},
		{"one of two channels failed", promotion.Subscriber{Channels: subscriptions(listening("a", good), listening("b", bad))}, older, "", "has not deployed", false},
		{"nobody publishes", promotion.Subscriber{Channels: subscriptions(listening("a"))}, older, "", "nobody publishes", false},
		{"the commit is blocked", promotion.Subscriber{Channels: subscriptions(listening("a", good)), Blocked: []string{commit}}, older, "", "is blocked", false},
		{"another commit is blocked", promotion.Subscriber{Channels: subscriptions(listening("a", good)), Blocked: []string{"other"}}, commit, "", "", true},
		{"within the schedule", promotion.Subscriber{Channels: subscriptions(listening("a", good)), Schedule: "* 12 * * 5"}, commit, "", "", true},
		{"outside the schedule", promotion.Subscriber{Channels: subscriptions(listening("a", good)), Schedule: "* 13 * * *"}, older, "", "waits for the schedule", false},
		{"no schedule at all", promotion.Subscriber{Channels: subscriptions(listening("a", good)), Schedule: "soon"}, older, "", "not a cron expression", false},
		{"soaked", promotion.Subscriber{Channels: subscriptions(listening("a", good)), SoakDays: 1}, commit, "", "", true},
		{"not soaked", promotion.Subscriber{Channels: subscriptions(listening("a", publisher("1", commit, true, "new", day-1))), SoakDays: 1}, older, "", "soaked", false},
		{"soaked in sum", promotion.Subscriber{Channels: subscriptions(listening("a", good, good), listening("b", good)), SoakDays: 3}, commit, "", "", true},
		{"not soaked in sum", promotion.Subscriber{Channels: subscriptions(listening("a", good, good), listening("b", good)), SoakDays: 4}, older, "", "soaked", false},
		{"a new configuration of the same commit", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", good)), WithHashes: true, Hashes: old[:1]}, commit, "a:new", "", true},
		{"a new configuration that failed", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", bad)), WithHashes: true, Hashes: old[:1]}, commit, "a:old", "has not deployed", false},
		{"a new configuration and a commit that failed", promotion.Subscriber{Channels: subscriptions(listening("a", bad)), WithHashes: true, Hashes: old[:1]}, older, "a:old", "has not deployed", false},
		{"a new configuration and a commit", promotion.Subscriber{Channels: subscriptions(listening("a", good)), WithHashes: true, Hashes: old[:1]}, commit, "a:new", "", true},
		{"the first configuration", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", good)), WithHashes: true}, commit, "a:new", "", true},
		{"configurations that nobody asks for", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", good)), Hashes: old}, commit, "", "", false},
		{"one of two channels has a new configuration", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", good), listening("b", bad)), WithHashes: true, Hashes: old}, commit, "a:new b:old", "has not deployed", true},
		{"no channel has a good configuration", promotion.Subscriber{Ref: commit, Channels: subscriptions(listening("a", bad), listening("b", gone)), WithHashes: true, Hashes: old}, commit, "a:old b:old", "has not deployed", false},
		{"the configurations are there among others", promotion.Subscriber{Channels: subscriptions(listening("a", same)), WithHashes: true, Hashes: old}, older, "a:old", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.given.Ref == "" {
				tc.given.Ref = older
			}
			if tc.given.Schedule == "" {
				tc.given.Schedule = promotion.Always
			}
			desired := tc.given.Desired(now)
			require.Equal(t, tc.ref, desired.Ref)
			hashes := ""
			for _, hash := range desired.Hashes {
				require.Equal(t, "up", hash.ParentSaas)
				if hashes != "" {
					hashes += " "
				}
				hashes += hash.Channel + ":" + hash.TargetConfigHash
			}
			require.Equal(t, tc.hashes, hashes)
			require.Equal(t, tc.held == "", desired.Held == "")
			require.Contains(t, desired.Held, tc.held)
			require.Equal(t, tc.change, tc.given.Changes(desired))
		})
	}
}
