package kubeapi_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// stampedAt is the clock of the recorded outputs.
var stampedAt = time.Date(2031, 3, 14, 15, 9, 26, 0, time.UTC)

func TestHashAgreesWithTheReference(t *testing.T) {
	deliberate := map[string]string{
		"orh-secret-stringdata-data-null": "the reference crashes where data is null beside stringData; the server takes it for empty, and so do we",
		"orh-cm-annotations-null":         "asked about ownership the reference crashes where annotations are null; they mean that there is none",
		"orh-own-null":                    "asked about ownership the reference crashes where annotations are null; they mean that there is none",
	}
	vectors.Each(t, "openshift-resource-hash", deliberate, func(t require.TestingT, v vectors.Vector) {
		var in struct {
			Object      map[string]any `json:"object"`
			Integration string         `json:"integration"`
			Version     string         `json:"integration_version"`
			Caller      string         `json:"caller_name"`
		}
		require.NoError(t, vectors.Decode(v.Input, &in))
		owner := kubeapi.Owner{Integration: in.Integration, Version: in.Version, Caller: in.Caller}
		err := kubeapi.Validate(in.Object)
		if v.Fails() {
			require.Error(t, err)
			require.True(t, apierr.Is(err, apierr.Invalid))
			return
		}
		require.NoError(t, err)
		var want struct {
			Canonical   string         `json:"canonical_json"`
			SHA256      string         `json:"sha256"`
			Annotations map[string]any `json:"annotated_annotations"`
			Kind        string         `json:"kind_and_group"`
			Owned       any            `json:"owned"`
			OwnerRef    bool           `json:"has_owner_reference"`
			Valid       any            `json:"stored_hash_valid"`
			Caller      any            `json:"caller"`
		}
		require.NoError(t, vectors.Decode(v.Output, &want))
		canonical, err := kubeapi.CanonicalText(in.Object)
		require.NoError(t, err)
		require.Equal(t, want.Canonical, canonical)
		hash, err := kubeapi.Hash(in.Object)
		require.NoError(t, err)
		require.Equal(t, want.SHA256, hash)
		stamped, err := kubeapi.Annotated(in.Object, owner, stampedAt)
		require.NoError(t, err)
		require.Equal(t, want.Annotations, stamped["metadata"].(map[string]any)["annotations"])
		require.Equal(t, want.Kind, kubeapi.KindAndGroup(in.Object))
		require.Equal(t, want.OwnerRef, kubeapi.HasOwnerReference(in.Object))
		require.Equal(t, want.Owned, any(kubeapi.Owned(in.Object, owner)))
		marks, _ := in.Object["metadata"].(map[string]any)["annotations"].(map[string]any)
		require.Equal(t, want.Valid, any(marks["qontract.sha256sum"] == any(hash)))
		caller := in.Caller
		if caller == "" {
			caller = kubeapi.Caller(in.Object)
		}
		if want.Caller == nil {
			want.Caller = ""
		}
		require.Equal(t, want.Caller, any(caller))
	})
}

func TestHash(t *testing.T) {
	configMap := func(value any) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": value}
	}
	hash := func(t *testing.T, body map[string]any) string {
		t.Helper()
		sum, err := kubeapi.Hash(body)
		require.NoError(t, err)
		return sum
	}
	t.Run("Go's own types hash as the JSON they stand for", func(t *testing.T) {
		require.Equal(t, hash(t, configMap(map[string]any{"a": json.Number("1")})), hash(t, configMap(map[string]int{"a": 1})))
		require.Equal(t, hash(t, configMap([]any{"x"})), hash(t, configMap([]string{"x"})))
	})
	t.Run("an integer and a float of one value hash differently", func(t *testing.T) {
		require.NotEqual(t, hash(t, configMap(map[string]any{"a": int64(1)})), hash(t, configMap(map[string]any{"a": 1.0})))
		require.Equal(t, hash(t, configMap(map[string]any{"a": json.Number("1.0")})), hash(t, configMap(map[string]any{"a": 1.0})))
	})
	t.Run("hashing leaves the object as it is", func(t *testing.T) {
		body := configMap(map[string]any{"a": "1"})
		body["status"] = "kept"
		hash(t, body)
		require.Equal(t, "kept", body["status"])
		require.NotContains(t, body["metadata"], "annotations")
	})
	t.Run("a value that is not JSON is an error that names its path", func(t *testing.T) {
		_, err := kubeapi.Hash(configMap(map[string]any{"a": func() {}}))
		require.ErrorContains(t, err, "data: a: ")
	})
}
