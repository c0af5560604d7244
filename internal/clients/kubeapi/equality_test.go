package kubeapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

func TestCompareAgreesWithTheReference(t *testing.T) {
	deliberate := map[string]string{
		"twe-integration-annotation-missing": "the reference crashes; an object without the integration's name is not stamped",
		"twe-cpu-missing-live":               "the reference crashes; a CPU quantity that is not there is drift",
	}
	vectors.Each(t, "openshift-three-way-equality", deliberate, func(t require.TestingT, v vectors.Vector) {
		var in struct {
			Current     map[string]any `json:"current"`
			Desired     map[string]any `json:"desired"`
			Integration string         `json:"integration"`
			Version     string         `json:"integration_version"`
		}
		require.NoError(t, vectors.Decode(v.Input, &in))
		got, err := kubeapi.Compare(in.Current, in.Desired, kubeapi.Owner{Integration: in.Integration, Version: in.Version})
		require.NoError(t, err)
		require.False(t, v.Fails(), "the reference crashes, ours says: %q", got.Reason)
		var want struct {
			Equal bool `json:"equal"`
		}
		require.NoError(t, vectors.Decode(v.Output, &want))
		require.Equal(t, want.Equal, got.Equal(), "reason given: %q", got.Reason)
	})
}
