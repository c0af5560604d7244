package upgrades_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
)

// first and second are the states of two organisations.
const (
	first = `{"check_in": "2021-08-29T18:00:00",
		"versions": {"4.12.1": {"workloads": {
			"workload1": {"soak_days": 21, "reporting": ["cluster1", "cluster2"]},
			"workload2": {"soak_days": 6, "reporting": ["cluster3"]}}}},
		"stats": {"min_version": "4.12.1", "min_version_per_workload": {"workload1": "4.12.1"}}}`
	second = `{"check_in": "2021-08-29T18:00:00",
		"versions": {
			"4.12.1": {"workloads": {"workload1": {"soak_days": 3, "reporting": ["cluster4", "cluster5"]}, "workload3": {"soak_days": 10, "reporting": ["cluster6"]}}},
			"4.12.2": {"workloads": {"workload1": {"soak_days": 13, "reporting": ["cluster4", "cluster5"]}, "workload3": {"soak_days": 20, "reporting": ["cluster6"]}}}},
		"stats": {"min_version": "4.12.1", "min_version_per_workload": {"workload1": "4.12.1", "workload3": "4.12.2"}}}`
)

func read(t *testing.T, text string) upgrades.VersionData {
	t.Helper()
	var data upgrades.VersionData
	require.NoError(t, json.Unmarshal([]byte(text), &data))
	return data
}

func written(t *testing.T, data upgrades.VersionData) string {
	t.Helper()
	text, err := json.Marshal(data)
	require.NoError(t, err)
	return string(text)
}

func TestVersionDataKeepTheReferencesForm(t *testing.T) {
	tests := map[string]struct{ stored, written string }{
		"as it is stored":              {first, first},
		"of nothing yet":               {`{}`, `{"versions": {}}`},
		"with what is not needed":      {`{"versions": {}, "stats": null, "check_in": null, "more": 1}`, `{"versions": {}}`},
		"with the time as it was once": {`{"check_in": "2021-08-29 18:00:00", "versions": {}}`, `{"check_in": "2021-08-29T18:00:00", "versions": {}}`},
		"with parts of a second":       {`{"check_in": "2021-08-29T18:00:00.000123", "versions": {}}`, `{"check_in": "2021-08-29T18:00:00.000123", "versions": {}}`},
		"with a zone":                  {`{"check_in": "2021-08-29T20:00:00+02:00", "versions": {}}`, `{"check_in": "2021-08-29T18:00:00", "versions": {}}`},
		"with nothing where a list is": {`{"versions": {"1.0.0": {"workloads": {"w": {"soak_days": 1}, "v": null}}}}`,
			`{"versions": {"1.0.0": {"workloads": {"w": {"soak_days": 1, "reporting": []}, "v": {"soak_days": 0, "reporting": []}}}}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.JSONEq(t, test.written, written(t, read(t, test.stored)))
		})
	}
	var data upgrades.VersionData
	require.ErrorContains(t, json.Unmarshal([]byte(`{"check_in": "yesterday"}`), &data), `check_in "yesterday" is not a time`)
	require.Equal(t, "prod/o1", upgrades.StateKey("prod", "o1", ""))
	require.Equal(t, "prod/o1/mon", upgrades.StateKey("prod", "o1", "mon"))
}

func TestHealthyClustersSoak(t *testing.T) {
	ill := []upgrades.Ailment{{Source: "source", Error: "err", Enforced: true}}
	noted := []upgrades.Ailment{{Source: "source", Error: "err"}}
	tests := map[string]struct {
		ailments             [3][]upgrades.Ailment
		workload1, workload2 float64
	}{
		"all":                    {[3][]upgrades.Ailment{}, 23, 7},
		"what is not enforced":   {[3][]upgrades.Ailment{noted, noted, noted}, 23, 7},
		"not those that are ill": {[3][]upgrades.Ailment{ill, nil, ill}, 22, 6},
		"none where all are ill": {[3][]upgrades.Ailment{ill, ill, ill}, 21, 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data := read(t, first)
			data.Count(upgrades.Reports([]upgrades.Spec{
				{Cluster: upgrades.Cluster{Name: "cluster1", Version: "4.12.1"}, Workloads: []string{"workload1"}, Ailments: test.ailments[0]},
				{Cluster: upgrades.Cluster{Name: "cluster2", Version: "4.12.1"}, Workloads: []string{"workload1"}, Ailments: test.ailments[1]},
				{Cluster: upgrades.Cluster{Name: "cluster3", Version: "4.12.1"}, Workloads: []string{"workload2"}, Ailments: test.ailments[2]},
			}), now)
			require.InDelta(t, test.workload1, data.History("4.12.1", "workload1").SoakDays, 1e-9)
			require.InDelta(t, test.workload2, data.History("4.12.1", "workload2").SoakDays, 1e-9)
			require.Equal(t, []string{"cluster1", "cluster2"}, data.History("4.12.1", "workload1").Reporting)
			require.Equal(t, &upgrades.Stats{MinVersion: "4.12.1", MinVersionPerWorkload: map[string]string{"workload1": "4.12.1", "workload2": "4.12.1"}}, data.Stats)
			require.Equal(t, now, data.CheckIn)
		})
	}
}

func TestTimeCountsOnceHoweverOftenItIsCounted(t *testing.T) {
	reports := []upgrades.Report{{Cluster: "cluster1", Version: "4.12.1", Workloads: []string{"workload1"}}}
	once, often := read(t, first), read(t, first)
	once.Count(reports, now)
	for minute := range 24 * 60 {
		often.Count(reports, now.Add(-24*time.Hour).Add(time.Duration(minute)*time.Minute))
	}
	often.Count(reports, now)
	often.Count(reports, now)
	require.InDelta(t, once.History("4.12.1", "workload1").SoakDays, often.History("4.12.1", "workload1").SoakDays, 1e-9)
}

func TestWhatCountingChangesBesidesSoakDays(t *testing.T) {
	covered := []upgrades.Report{{Cluster: "cluster1", Version: "4.12.1", Workloads: []string{"workload1"}}}
	tests := map[string]struct {
		reports []upgrades.Report
		covers  bool
	}{
		"nothing":                          {covered, true},
		"nothing without clusters":         {nil, true},
		"a cluster that is new":            {append(covered, upgrades.Report{Cluster: "new", Version: "4.12.1", Workloads: []string{"workload1"}}), false},
		"a version that is new":            {[]upgrades.Report{{Cluster: "cluster1", Version: "4.12.2", Workloads: []string{"workload1"}}}, false},
		"the lowest version of a workload": {append(covered, upgrades.Report{Cluster: "cluster3", Version: "4.12.1", Workloads: []string{"workload2"}}), false},
		"nothing of a new one that is ill": {append(covered, upgrades.Report{Cluster: "new", Version: "4.12.1", Workloads: []string{"workload1"}, Ill: true}), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data := read(t, first)
			require.Equal(t, test.covers, data.Covers(test.reports))
			data.Count(test.reports, now)
			require.True(t, data.Covers(test.reports), "what was counted is covered")
		})
	}
}

func TestVersionDataAreInherited(t *testing.T) {
	data, other := read(t, first), read(t, second)
	stored := data.Clone()
	data.Inherit(other, "prod/org-2-id")
	require.JSONEq(t, `{"check_in": "2021-08-29T18:00:00",
		"versions": {
			"4.12.1": {"workloads": {
				"workload1": {"soak_days": 24, "reporting": ["cluster1", "cluster2", "prod/org-2-id/cluster4", "prod/org-2-id/cluster5"]},
				"workload2": {"soak_days": 6, "reporting": ["cluster3"]}}},
			"4.12.2": {"workloads": {"workload1": {"soak_days": 13, "reporting": ["prod/org-2-id/cluster4", "prod/org-2-id/cluster5"]}}}},
		"stats": {"min_version": "4.12.1", "min_version_per_workload": {"workload1": "4.12.1"},
			"inherited": {"min_version": "4.12.1", "min_version_per_workload": {"workload1": "4.12.1", "workload3": "4.12.2"}}}}`, written(t, data))
	require.JSONEq(t, first, written(t, stored), "a clone shares nothing")
	require.JSONEq(t, second, written(t, other), "what is inherited stays as it is")
}

func TestVersionDataAreInheritedWhereTheyArePublishedAlone(t *testing.T) {
	o := upgrades.Organization{ID: "o1", Name: "one", Inherits: []upgrades.Publisher{{Environment: "prod", ID: "o2", PublishesTo: []string{"o3", "o1"}}}}
	require.NoError(t, o.CheckInheritance())
	o.Inherits[0].PublishesTo = []string{"o3"}
	require.ErrorContains(t, o.CheckInheritance(), "add it to publishVersionData of o2")
	o.Inherits[0] = upgrades.Publisher{ID: "o1", PublishesTo: []string{"o1"}}
	require.ErrorContains(t, o.CheckInheritance(), "inherits version data from itself")
}
