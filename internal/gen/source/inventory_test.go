package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/gen/source"
)

const root = "../../.."

func TestTheFolderIsTheNameWithoutFamilyAndDashes(t *testing.T) {
	for _, tc := range []struct{ sentence, name, family, folder string }{
		{"the family's prefix goes", "aws-account-manager", "aws", "integrations/aws/accountmanager"},
		{"a family of two words goes as well", "external-resources-secrets-sync", "externalresources", "integrations/externalresources/secretssync"},
		{"the family's own name stays", "external-resources", "externalresources", "integrations/externalresources/externalresources"},
		{"another family's prefix stays", "openshift-saas-deploy", "saas", "integrations/saas/openshiftsaasdeploy"},
		{"half a word is no prefix", "statuspages-exporter", "status", "integrations/status/statuspagesexporter"},
		{"a package cannot be called init", "terraform-init", "terraform", "integrations/terraform/terraforminit"},
	} {
		t.Run(tc.sentence, func(t *testing.T) {
			require.Equal(t, tc.folder, source.Entry{Name: tc.name, Family: tc.family}.Folder())
		})
	}
}

func TestTheInventoryHasEveryIntegrationOnce(t *testing.T) {
	inventory, err := source.ReadInventory(root)
	require.NoError(t, err)
	require.Len(t, inventory, 144)
	names, folders := map[string]bool{}, map[string]string{}
	for _, entry := range inventory {
		require.False(t, names[entry.Name], "%s stands there twice", entry.Name)
		require.Empty(t, folders[entry.Folder()], "%s and %s share a folder", entry.Name, folders[entry.Folder()])
		names[entry.Name], folders[entry.Folder()] = true, entry.Name
	}
	require.True(t, slices.IsSortedFunc(inventory, func(a, b source.Entry) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}))
}

func TestAnUnknownNameIsAnsweredWithTheNearestOnes(t *testing.T) {
	inventory, err := source.ReadInventory(root)
	require.NoError(t, err)
	entry, err := inventory.Find("quay-repos")
	require.NoError(t, err)
	require.Equal(t, source.Entry{Name: "quay-repos", Family: "quay"}, entry)
	_, err = inventory.Find("quay-repo")
	require.ErrorContains(t, err, `integrations/inventory.txt has no integration "quay-repo"; did you mean quay-repos`)
}

func TestAMalformedLineIsNamed(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "integrations"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, source.InventoryFile), []byte("github github\nquay-repos\n"), 0o600))
	_, err := source.ReadInventory(root)
	require.EqualError(t, err, `integrations/inventory.txt:2: expected a name and a family, not "quay-repos"`)
}
