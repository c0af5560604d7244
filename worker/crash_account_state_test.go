package main

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const (
	stateBucket = "estate"
	// stateFolder is where the integration's state is.
	stateFolder = "state/aws-account-manager/app-interface-commercial/"
)

// loadState notes what is done for the payer account itself.
func (w *accountWorld) loadState(t *testing.T, text []byte) {
	t.Helper()
	require.NoError(t, w.objects.CreateBucket(stateBucket))
	var done map[string]json.RawMessage
	require.NoError(t, yaml.Unmarshal(text, &done))
	for task, value := range done {
		key := stateFolder + w.payer + "/task." + w.payer + "." + task
		_, err := w.objects.PutObject(stateBucket, key, map[string]string{"Content-Type": "application/json"}, bytes.NewReader(value), int64(len(value)), &gofakes3.PutConditions{})
		require.NoError(t, err)
	}
}

// state is what state has by now, by key.
func (w *accountWorld) state(t *testing.T) map[string]string {
	t.Helper()
	listed, err := w.objects.ListBucket(stateBucket, nil, gofakes3.ListBucketPage{})
	require.NoError(t, err)
	found := map[string]string{}
	for _, entry := range listed.Contents {
		object, err := w.objects.GetObject(stateBucket, entry.Key, nil)
		require.NoError(t, err)
		text, err := io.ReadAll(object.Contents)
		require.NoError(t, err)
		require.NoError(t, object.Contents.Close())
		found[w.general(entry.Key)] = w.general(string(text))
	}
	return found
}
