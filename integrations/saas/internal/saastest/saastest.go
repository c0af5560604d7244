// Package saastest reads saas files for test code from JSON as app-interface answers it.
package saastest

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// File reads a saas file whose objects need not name their types, and resolves it. Its error is that of the resolving.
func File(t require.TestingT, text []byte) (saasfile.File, error) {
	set := saasfile.Resolve([]saasfile.File{Unresolved(t, text)}, nil)
	if len(set.Faults) > 0 {
		return saasfile.File{}, set.Faults[0]
	}
	return set.Files[0], nil
}

// Unresolved reads a saas file as File does, and leaves it as it is.
func Unresolved(t require.TestingT, text []byte) saasfile.File {
	value, err := pyjson.Decode(text)
	require.NoError(t, err)
	var file saasfile.File
	require.NoError(t, json.Unmarshal([]byte(pyjson.Compact().Text(typed(value))), &file))
	return file
}

// typed adds the names of the types that the fields of an object leave no doubt about. A namespace of a target gets what the
// query asks the cluster for under a second name.
func typed(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = typed(value[i])
		}
	case pyjson.Object:
		for i := range value {
			value[i].Value = typed(value[i].Value)
		}
		if provider, _ := value.Get("provider"); provider == "tekton" {
			return value.Set("__typename", "PipelinesProviderTekton_v1")
		}
		if kind, _ := value.Get("type"); kind == "parent_saas_config" {
			return value.Set("__typename", "ParentSaasPromotion_v1")
		}
		if cluster, there := value.Get("cluster"); there {
			return value.Set("more", cluster).Set("console", cluster)
		}
	}
	return value
}
