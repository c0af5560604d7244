package appinterface_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

func TestTheEmbeddedSchemaServesTheClientsOwnQueries(t *testing.T) {
	confs, err := schema.FromSDL(&ast.Source{Name: "embedded", Input: appinterface.SchemaSDL()})
	require.NoError(t, err)
	for _, name := range []string{"Integration_v1", "Resource_v1", "VaultSecret_v1", "Cluster_v1", "ClusterJumpHost_v1"} {
		require.NotNil(t, confs.Find(name), name)
	}
}
