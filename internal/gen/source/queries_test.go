package source_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/gen/source"
)

func TestQueriesAreThoseMadeInTheNameOfAnIntegration(t *testing.T) {
	root := tree(t, map[string]string{
		"integrations/quay/repos/repos.go":             "package repos\n\nimport (\n\t_ \"" + source.Module + "/internal/mergerequest\"\n\t_ \"" + source.Module + "/internal/state\"\n)\n",
		"integrations/quay/repos/queries.graphql":      "query repos { x }",
		"integrations/quay/plain/plain.go":             "package plain\n\nimport _ \"" + source.Module + "/integrations/quay/internal/orgs\"\n",
		"integrations/quay/internal/orgs/orgs.go":      "package orgs\n\nimport _ \"" + source.Module + "/integrations/internal/access\"\n",
		"integrations/internal/access/access.go":       "package access\n",
		"integrations/internal/access/queries.graphql": "query roles { x }",
	})
	for folder, want := range map[string][]string{
		"integrations/quay/repos": {"integrations/quay/repos/queries.graphql", "internal/mergerequest/queries.graphql"},
		"integrations/quay/plain": {"integrations/internal/access/queries.graphql"},
	} {
		got, err := source.Queries(root, folder)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
