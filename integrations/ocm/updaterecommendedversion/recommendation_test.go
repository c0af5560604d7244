package updaterecommendedversion

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

func TestTheHighestVersionOrThatOfTheMajority(t *testing.T) {
	for _, tc := range []struct {
		name, versions string
		weights        weights
		want           string
	}{
		{"one version", "1.1.1", weights{1, 1}, "1.1.1"},
		{"the highest weighs more", "1.0.0 1.1.0 1.1.1 1.1.0", weights{10, 1}, "1.1.1"},
		{"the highest weighs nothing", "1.0.0 1.1.0 1.1.1 1.1.0", weights{0, 1}, "1.1.0"},
		{"ten times one is as much as five times two", "1.1.0 1.1.0 1.1.1", weights{10, 5}, "1.1.1"},
		{"most clusters run it", "1.1.0 1.1.0 1.1.1", weights{1, 1}, "1.1.0"},
		{"of those that equally many run the highest", "1.9.0 1.10.0 1.10.0 1.9.0 1.11.0", weights{0, 1}, "1.10.0"},
		{"numbers are no texts", "4.9.0 4.10.0", weights{1, 1}, "4.10.0"},
		{"a release candidate is below its release", "4.10.0-rc.1 4.10.0", weights{1, 1}, "4.10.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := choose(strings.Fields(tc.versions), tc.weights)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	_, err := choose([]string{"4.16"}, weights{})
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
}

// read is an organisation as app-interface answers it.
func read(t *testing.T, text string) organization {
	t.Helper()
	var o organization
	require.NoError(t, json.Unmarshal([]byte(text), &o))
	return o
}

func TestWeights(t *testing.T) {
	for text, want := range map[string]weights{
		`{}`: {1, 1},
		`{"recommendedVersionWeight": {"majority": 0}}`:               {1, 0},
		`{"recommendedVersionWeight": {"majority": 2, "highest": 4}}`: {4, 2},
	} {
		require.Equal(t, want, read(t, text).weights(), text)
	}
}

func TestEachWorkloadAndChannelHasItsVersion(t *testing.T) {
	o := read(t, `{"upgradePolicyClusters": [
		{"name": "a", "upgradePolicy": {"workloads": ["foo"]}},
		{"name": "c", "upgradePolicy": {"workloads": ["foo", "bar"]}},
		{"name": "b", "upgradePolicy": {"workloads": ["bar"]}},
		{"name": "b2", "upgradePolicy": {"workloads": ["bar"]}},
		{"name": "b3", "upgradePolicy": {"workloads": ["bar"]}},
		{"name": "gone", "upgradePolicy": {"workloads": ["baz"]}}
	]}`)
	got, err := o.recommended(map[string]installed{
		"a": {"2.1.0", "stable"}, "c": {"2.0.0", "stable"}, "b": {"3.0.0", "fast"}, "b2": {"3.0.0", "fast"}, "b3": {"2.0.0", "fast"}, "unruled": {"9.0.0", "fast"},
	})
	require.NoError(t, err)
	require.Equal(t, []Version{
		{"foo", "stable", "2.1.0", "openshift-v2.1.0"}, {"bar", "stable", "2.0.0", "openshift-v2.0.0"}, {"bar", "fast", "3.0.0", "openshift-v3.0.0-fast"},
	}, got)
	require.False(t, o.has(got))
	o.RecommendedVersions = read(t, `{"recommendedVersions": [
		{"workload": "bar", "channel": "fast", "recommendedVersion": "3.0.0", "initialVersion": "openshift-v3.0.0-fast"},
		{"workload": "foo", "channel": "stable", "recommendedVersion": "2.1.0", "initialVersion": "openshift-v2.1.0"},
		{"workload": "bar", "channel": "stable", "recommendedVersion": "2.0.0", "initialVersion": "openshift-v2.0.0"}
	]}`).RecommendedVersions
	require.True(t, o.has(got), "in another order")
	o.RecommendedVersions[0].Channel = ""
	require.False(t, o.has(got))
}

// queue notes its messages.
type queue struct{ messages []string }

func (q *queue) SendMessage(_ context.Context, _, body string) error {
	q.messages = append(q.messages, body)
	return nil
}

func TestTheMessageIsTheReferences(t *testing.T) {
	q := &queue{}
	_, err := mergerequest.NewQueue(q, "https://sqs.example.com/1/q").Ensure(readonly.Grant(t.Context()),
		request(Recommendation{"acme", "data/acme.yml", []Version{{"foo", "stable", "2.0.0", "openshift-v2.0.0"}}}))
	require.NoError(t, err)
	require.Equal(t, []string{
		`{"pr_type":"create_ocm_update_recommended_version_mr","ocm_name":"acme","path":"data/acme.yml",` +
			`"recommended_versions":[{"workload":"foo","channel":"stable","recommendedVersion":"2.0.0","initialVersion":"openshift-v2.0.0"}]}`,
	}, q.messages)
}
