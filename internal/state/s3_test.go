package state_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

func TestTheBucketHasTheLayoutOfTheReference(t *testing.T) {
	server, objects := fakeS3(t)
	store := at(s3URL(server)).Store("early-exit-cache")
	require.NoError(t, store.Set(writable(t), "tf/0.1/no-dry-run/latest", "x", map[string]string{"expire-at": "1"}))
	object, err := objects.GetObject("estate", "state/early-exit-cache/tf/0.1/no-dry-run/latest", nil)
	require.NoError(t, err)
	text, err := io.ReadAll(object.Contents)
	require.NoError(t, err)
	require.Equal(t, `"x"`, string(text))
	require.Equal(t, "1", object.Metadata["X-Amz-Meta-Expire-At"])

	body := []byte(`{"b": [1, 2.50], "a": "\u00e4"}`)
	_, err = objects.PutObject("estate", "state/early-exit-cache/theirs", map[string]string{
		"X-Amz-Meta-Cache-Source-Digest": "100%", "Content-Type": "binary/octet-stream",
	}, bytes.NewReader(body), int64(len(body)), &gofakes3.PutConditions{})
	require.NoError(t, err)
	found, err := store.Get(t.Context(), "theirs")
	require.NoError(t, err)
	require.Equal(t, body, []byte(found.Value))
	require.Equal(t, map[string]string{"cache-source-digest": "100%"}, found.Metadata)
	head, _, err := store.Head(t.Context(), "theirs")
	require.NoError(t, err)
	require.Equal(t, found.Metadata, head)
}

// answering is a server that has the bucket and answers everything else as given.
func answering(t *testing.T, status int, header map[string]string, body string) (url string, asked *atomic.Int32) {
	t.Helper()
	plainAWS(t)
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && (r.URL.Path == "/estate" || r.URL.Path == "/estate/") {
			return
		}
		asked.Add(1)
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return s3URL(server.URL), asked
}

func s3Error(code string) string {
	return "<?xml version='1.0' encoding='UTF-8'?><Error><Code>" + code + "</Code><Message>as it is</Message></Error>"
}

func TestAnswersOfS3AreClassified(t *testing.T) {
	for _, tc := range []struct {
		status int
		code   string
		kind   apierr.Kind
		says   string
	}{
		{http.StatusNotFound, "NoSuchKey", apierr.Missing, "there is no such key"},
		{http.StatusNotFound, "NoSuchBucket", apierr.Invalid, "correct the name of the bucket"},
		{http.StatusForbidden, "AccessDenied", apierr.Denied, "S3 answered 403 AccessDenied: as it is"},
		{http.StatusForbidden, "InvalidAccessKeyId", apierr.Denied, "InvalidAccessKeyId"},
		{http.StatusBadRequest, "ExpiredToken", apierr.Denied, "ExpiredToken"},
		{http.StatusBadRequest, "RequestTimeout", apierr.Unavailable, "RequestTimeout"},
		{http.StatusMovedPermanently, "PermanentRedirect", apierr.Invalid, "the bucket is in another region"},
		{http.StatusConflict, "ConditionalRequestConflict", apierr.Conflict, "another writer changed it meanwhile"},
		{http.StatusPreconditionFailed, "PreconditionFailed", apierr.Conflict, "another writer changed it meanwhile"},
		{http.StatusServiceUnavailable, "SlowDown", apierr.Limited, "SlowDown"},
		{http.StatusInternalServerError, "InternalError", apierr.Unavailable, "InternalError"},
	} {
		t.Run(tc.code, func(t *testing.T) {
			url, asked := answering(t, tc.status, map[string]string{"Retry-After": "7"}, s3Error(tc.code))
			store := at(url).Store("sql-query")
			_, err := store.Get(t.Context(), "query")
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, "read state state/sql-query/query: ")
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "hunter2")
			if tc.kind == apierr.Limited {
				require.Equal(t, 7*time.Second, apierr.RetryAfter(err))
			}
			require.EqualValues(t, 1, asked.Load())
		})
	}
}

func TestAWriteIsSentOnce(t *testing.T) {
	url, asked := answering(t, http.StatusInternalServerError, nil, s3Error("InternalError"))
	err := at(url).Store("email-sender").Add(writable(t), "mail", 1, nil)
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.EqualValues(t, 1, asked.Load())
}

func TestABucketThatCannotBeOpenedIsNoMissingKey(t *testing.T) {
	server, _ := fakeS3(t)
	for _, tc := range []struct {
		name, url string
		kind      apierr.Kind
		says      string
	}{
		{"no such bucket", "s3://other?region=us-east-1&endpoint=" + server, apierr.Invalid, "there is no such bucket"},
		{"no server", s3URL("http://127.0.0.1:1"), apierr.Unavailable, "connection refused"},
		{"an unknown scheme", "gs://estate", apierr.Invalid, "expected file:///folder, or s3://bucket"},
		{"an unknown parameter", "s3://estate?color=red", apierr.Invalid, "expected file:///folder, or s3://bucket"},
		{"a profile that is not there", "s3://estate?region=us-east-1&profile=nobody", apierr.Invalid, "the AWS configuration cannot be used"},
		{"a folder below a file", "file:///dev/null/state", apierr.Invalid, "open the state in file:///dev/null/state"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := at(tc.url).Store("sql-query")
			_, err := store.Get(t.Context(), "query")
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.ErrorContains(t, err, "as "+state.EnvURL+" says")
			_, err = store.Exists(t.Context(), "query")
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
		})
	}
}

// TestTheProgramSaysAtEachUseWhereStateIs has an AWS configuration and an environment that would lead elsewhere.
func TestTheProgramSaysAtEachUseWhereStateIs(t *testing.T) {
	one, first := fakeS3(t)
	two, _ := fakeS3(t)
	for name, value := range map[string]string{
		"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", state.EnvURL: "file:///dev/null/state",
	} {
		t.Setenv(name, value)
	}
	below := httptest.NewServer(http.StripPrefix("/below", gofakes3.New(first).Server()))
	t.Cleanup(below.Close)
	var server string
	var refused error
	asked := 0
	store := state.New(state.Options{Getenv: os.Getenv, At: func() (state.S3, error) {
		asked++
		return state.S3{Endpoint: server, Bucket: "estate"}, refused
	}}).Store("sql-query")

	server = one
	require.NoError(t, store.Add(writable(t), "query", 1, nil))
	requireValue(t, store, "query", "1")
	server = two
	exists, err := store.Exists(t.Context(), "query")
	require.NoError(t, err)
	require.False(t, exists, "another answer is another state")
	server = below.URL + "/below"
	requireValue(t, store, "query", "1")
	require.Equal(t, 4, asked)

	refused = apierr.Errorf(apierr.Invalid, "there is none")
	_, err = store.Get(t.Context(), "query")
	require.Equal(t, refused, err)
	server, refused = "http://127.0.0.1:1", nil
	_, err = store.Get(t.Context(), "query")
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "open the state in bucket estate at http://127.0.0.1:1, as the program says")
}

func TestAGivenServerIsOpenedOnce(t *testing.T) {
	_, objects := fakeS3(t)
	calls := fault.New(gofakes3.New(objects).Server(), nil)
	server := httptest.NewServer(calls)
	t.Cleanup(server.Close)
	store := state.New(state.Options{At: said(server.URL)}).Store("sql-query")
	for range 3 {
		_, err := store.Exists(t.Context(), "query")
		require.NoError(t, err)
	}
	opening := func(c fault.Call) bool { return c.Path == "/estate" || c.Path == "/estate/" }
	require.Len(t, slices.DeleteFunc(calls.Calls(), func(c fault.Call) bool { return !opening(c) }), 1)
}
