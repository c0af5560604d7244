package promotion_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

var now = time.Date(2031, 3, 14, 12, 0, 0, 0, time.UTC)

const (
	commit = "3f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c"
	older  = "9e11223344556677889900aabbccddeeff001122"
)

func published(success, once bool, hash string, ago time.Duration) *promotion.Data {
	at := promotion.FormatTime(now.Add(-ago))
	return &promotion.Data{Success: success, HasSucceededOnce: &once, TargetConfigHash: &hash, CheckIn: &at}
}

func TestCheck(t *testing.T) {
	hash := "ed2af38cf21f268c"
	two := []promotion.Channel{{Name: "a", Publishers: []string{"1"}}, {Name: "b", Publishers: []string{"2"}}}
	good := published(true, true, hash, 47*time.Hour)
	for _, tc := range []struct {
		name   string
		change func(*promotion.Candidate)
		first  *promotion.Data
		second *promotion.Data
		want   promotion.Reason
	}{
		{"all publishers have the promoted configuration", nil, good, good, ""},
		{"one ran with another one since", nil, good, published(true, true, "other", 0), promotion.HashMismatch},
		{"data without a hash count by their success", nil, &promotion.Data{Success: true}, &promotion.Data{Success: true}, ""},
		{"a promotion by hand has no promoted configuration", func(c *promotion.Candidate) { c.Parents = nil }, good, published(true, true, "other", 0), ""},
		{"a promoted configuration without a hash fits none", func(c *promotion.Candidate) { c.Parents["b"] = nil }, good, good, promotion.HashMismatch},
		{"a failure after a success does not close", nil, published(false, true, hash, 0), good, ""},
		{"a failure alone does", nil, published(false, false, hash, 0), good, promotion.NotPublished},
		{"a failure of an older form does", nil, good, &promotion.Data{}, promotion.NotPublished},
		{"nothing published", nil, good, nil, promotion.NotPublished},
		{"the soak time is summed", func(c *promotion.Candidate) { c.SoakDays = 2 }, published(true, true, hash, time.Hour), good, ""},
		{"and may not be enough", func(c *promotion.Candidate) { c.SoakDays = 2 }, published(true, true, hash, 59*time.Minute), good, promotion.Soaking},
		{"a hotfix passes all", func(c *promotion.Candidate) { c.Hotfix, c.SoakDays = []string{commit}, 9 }, nil, nil, ""},
		{"a blocked commit nothing, hotfix or not", func(c *promotion.Candidate) { c.Hotfix, c.Blocked = []string{commit}, []string{commit} }, good, good, promotion.Blocked},
		{"another hotfix changes nothing", func(c *promotion.Candidate) { c.Hotfix = []string{older} }, nil, good, promotion.NotPublished},
		{"a publisher that is not known closes", func(c *promotion.Candidate) { c.Subscribe[1].Unknown = "broken" }, good, good, promotion.UnknownPublisher},
	} {
		t.Run(tc.name, func(t *testing.T) {
			candidate := promotion.Candidate{Commit: commit, Subscribe: append([]promotion.Channel{}, two...), Parents: map[string]*string{"a": &hash, "b": &hash}}
			if tc.change != nil {
				tc.change(&candidate)
			}
			verdict, err := promotion.Check(candidate, now, func(_, publisher string) (*promotion.Data, error) {
				if publisher == "1" {
					return tc.first, nil
				}
				return tc.second, nil
			})
			require.NoError(t, err)
			require.Equal(t, tc.want, verdict.Reason)
			require.Equal(t, tc.want == "", verdict.Message == "", "a closed gate says why")
		})
	}

	t.Run("state that cannot be read opens nothing", func(t *testing.T) {
		_, err := promotion.Check(promotion.Candidate{Commit: commit, Subscribe: two}, now, func(string, string) (*promotion.Data, error) {
			return nil, errors.New("unavailable")
		})
		require.EqualError(t, err, "unavailable")
	})
}

func target(publish, subscribe []string, deleted bool) saasfile.Target {
	return saasfile.Target{
		Namespace: &saasfile.Namespace{Name: "shop-stage", Cluster: appinterface.Cluster{Name: "east"}},
		Promotion: &saasfile.Promotion{Publish: publish, Subscribe: subscribe}, Delete: &deleted,
	}
}

func TestChannels(t *testing.T) {
	set := saasfile.Set{
		Files: []saasfile.File{{Name: "shop", ResourceTemplates: []saasfile.Template{
			{Name: "api", Url: "https://github.com/acme/shop", Targets: []saasfile.Target{target([]string{"a", "b"}, nil, false), target([]string{"gone"}, nil, true), {}}},
			{Name: "web", Targets: []saasfile.Target{target([]string{"b"}, nil, false)}},
		}}},
		Faults: []saasfile.Fault{{File: "broken", Publishes: []string{"b", "c"}}},
	}

	api := set.Files[0].ResourceTemplates[0].Targets[0].UID("shop", "api")
	web := set.Files[0].ResourceTemplates[1].Targets[0].UID("shop", "web")
	require.NotEqual(t, api, web)
	channels := promotion.Channels(set)
	require.Equal(t, map[string]promotion.Channel{
		"a": {Name: "a", Publishers: []string{api}},
		"b": {Name: "b", Publishers: []string{api, web}, Unknown: "broken"},
		"c": {Name: "c", Unknown: "broken"},
	}, channels)

	file, template := &set.Files[0], &set.Files[0].ResourceTemplates[0]
	file.App.CodeComponents = []saasfile.CodeComponent{
		{Url: template.Url, BlockedVersions: []string{older}, HotfixVersions: []string{commit}},
		{Url: "https://github.com/acme/other", BlockedVersions: []string{commit}},
	}
	subscriber := target(nil, []string{"a"}, false)
	days := 3
	subscriber.Promotion.SoakDays = &days
	candidate, err := promotion.NewCandidate(file, template, &subscriber, commit, channels)
	require.NoError(t, err)
	require.Equal(t, &promotion.Candidate{
		Commit: commit, Subscribe: []promotion.Channel{channels["a"]}, SoakDays: 3, Parents: map[string]*string{},
		Blocked: []string{older}, Hotfix: []string{commit},
	}, candidate)

	nobody := target(nil, []string{"gone"}, false)
	_, err = promotion.NewCandidate(file, template, &nobody, commit, channels)
	require.ErrorContains(t, err, "no target publishes to channel gone")
	require.True(t, apierr.Is(err, apierr.Invalid))
}

func TestNext(t *testing.T) {
	did := promotion.Publication{Commit: commit, SaasFile: "shop", TargetConfigHash: "new", Publisher: "1", Success: true}
	failed := did
	failed.Success = false
	for _, tc := range []struct {
		name    string
		made    promotion.Publication
		before  *promotion.Data
		checkIn time.Duration
		once    bool
	}{
		{"the first success checks in", did, nil, 0, true},
		{"a success after a success keeps its check-in", did, published(true, true, "old", time.Hour), time.Hour, true},
		{"a success after a failure checks in anew", did, published(false, true, "old", time.Hour), 0, true},
		{"a failure checks in anew and keeps that it succeeded once", failed, published(true, true, "old", time.Hour), 0, true},
		{"a failure of what never succeeded", failed, published(false, false, "old", time.Hour), 0, false},
		{"a success of an older form", did, &promotion.Data{Success: true}, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := published(tc.made.Success, tc.once, "new", tc.checkIn)
			want.SaasFile = &did.SaasFile
			require.Equal(t, *want, tc.made.Next(tc.before, now))
		})
	}
	require.Equal(t, "promotions_v2/c/1/"+commit, did.Key("c"))
}

func TestDecode(t *testing.T) {
	for _, none := range []string{"", "null", "{}", " {} "} {
		data, err := promotion.Decode([]byte(none))
		require.NoError(t, err)
		require.Nil(t, data)
	}
	for _, broken := range []string{`{"success": true, "extra": 1}`, `{"saas_file": "shop"}`, `{"success": "yes"}`, `[]`, `nope`} {
		_, err := promotion.Decode([]byte(broken))
		require.True(t, apierr.Is(err, apierr.Invalid), broken)
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2031-03-14 12:00:00+00:00":        now,
		"2031-03-14 12:00:00.250000+00:00": now.Add(250 * time.Millisecond),
		"2031-03-14 13:00:00+01:00":        now,
		"2031-03-14T12:00:00Z":             now,
	} {
		at, err := promotion.ParseTime(text)
		require.NoError(t, err)
		require.True(t, want.Equal(at), text)
	}
	for _, text := range []string{"yesterday", "2031-03-14 12:00:00", "2031-03-14"} {
		_, err := promotion.ParseTime(text)
		require.True(t, apierr.Is(err, apierr.Invalid), text)
	}
	require.Equal(t, "2031-03-14 12:00:00.000123+00:00", promotion.FormatTime(now.Add(123456*time.Nanosecond)))
	require.Equal(t, "2031-03-14 12:00:00+00:00", promotion.FormatTime(now.In(time.FixedZone("", 3600))))
}
