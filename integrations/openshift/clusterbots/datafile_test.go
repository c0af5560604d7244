package clusterbots

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

var both = []Item{
	{Cluster: "prod-1", What: dedicatedAdmin, Vault: "creds/prod-1"}, {Cluster: "prod-1", What: clusterAdmin, Vault: "creds/prod-1-cluster-admin"},
}

const added = "automationToken:\n  path: creds/prod-1\n  field: token\nclusterAdminAutomationToken:\n  path: creds/prod-1-cluster-admin\n  field: token\n"

func TestFieldsAreAddedAndAllElseStays(t *testing.T) {
	for _, tc := range []struct{ name, before, after string }{
		{"at the end", "---\n# hello\nname:   'a' # x\n", "---\n# hello\nname:   'a' # x\n" + added},
		{"without a last line break", "name: a", "name: a\n" + added},
		{"where one is in", "automationToken: {path: a, field: b}\n", "automationToken: {path: a, field: b}\n" + added[len("automationToken:\n  path: creds/prod-1\n  field: token\n"):]},
		{"where both are in", added, added},
		{"where both are in, without a last line break", added[:len(added)-1], added[:len(added)-1]},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := addFields("data/a.yml", []byte(tc.before), both)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(got))
			again, err := addFields("data/a.yml", got, both)
			require.NoError(t, err)
			require.Equal(t, tc.after, string(again), "once")
		})
	}
}

func TestADatafileThatCannotBeEdited(t *testing.T) {
	for name, before := range map[string]string{
		"no YAML": "a: [", "a list": "- a\n", "nothing": "", "null": "null\n", "two documents": "a: 1\n---\nb: 1\n", "a mapping in brackets": "{name: a}\n",
		"an end of the document": "name: a\n...\n", "a mapping that is indented": "  name: a\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := addFields("data/a.yml", []byte(before), both)
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.ErrorContains(t, err, "data/a.yml: the tokens of its bots cannot be added: ")
			require.ErrorContains(t, err, "add them by hand")
		})
	}
}

// queued notes the messages of a queue.
type queued []string

func (q *queued) SendMessage(_ context.Context, queueURL, body string) error {
	*q = append(*q, queueURL+" "+body)
	return nil
}

func TestTheMessageIsTheReferences(t *testing.T) {
	var queue queued
	c := clusterDatafile{Name: "prod-1", Path: "/clusters/prod-1.yml"}
	_, err := mergerequest.NewQueue(&queue, "https://sqs.example.com/1/q").Ensure(readonly.Grant(t.Context()), c.request(both))
	require.NoError(t, err)
	require.Equal(t, queued{`https://sqs.example.com/1/q {"pr_type":"create_clusters_updates_mr","clusters_updates":{"prod-1":{"path":"data/clusters/prod-1.yml",` +
		`"root":{"automationToken":{"path":"creds/prod-1","field":"token"},"clusterAdminAutomationToken":{"path":"creds/prod-1-cluster-admin","field":"token"}},"spec":{}}}}`}, queue)
}
