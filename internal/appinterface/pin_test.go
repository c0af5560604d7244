package appinterface_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

func pinning(t *testing.T, answered, info string) *world {
	return &world{t: t, other: func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sha256":
			_, _ = io.WriteString(w, answered)
		case "/git-commit-info/" + sha:
			_, _ = io.WriteString(w, info)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}}
}

func TestPinReadsTheBundleServedNow(t *testing.T) {
	at := time.Unix(1606295532, 0).UTC()
	for _, tc := range []struct {
		name, info string
		want       appinterface.Bundle
	}{
		{"a timestamp in text", `{"commit": "c0ffee", "timestamp": "1606295532"}`, appinterface.Bundle{SHA: sha, Commit: "c0ffee", Timestamp: at}},
		{"a timestamp in numbers", `{"commit": "c0ffee", "timestamp": 1606295532}`, appinterface.Bundle{SHA: sha, Commit: "c0ffee", Timestamp: at}},
		{"a bundle without commit", `{"commit": "", "timestamp": ""}`, appinterface.Bundle{SHA: sha}},
		{"a bundle without commit information", `{}`, appinterface.Bundle{SHA: sha}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := pinning(t, sha+"\n", tc.info)
			got, err := f.client(appinterface.Config{}).Pin(t.Context())
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
			require.Equal(t, []string{"/sha256", "/git-commit-info/" + sha}, f.requests())
		})
	}
}

func TestPinFailures(t *testing.T) {
	for _, tc := range []struct {
		name, answered, info string
		kind                 apierr.Kind
		message              string
	}{
		{"no bundle is loaded", "", "", apierr.Unavailable, "answered no bundle sha"},
		{"the server is another one", "<html>", "", apierr.Unavailable, "names a qontract-server"},
		{"the bundle expired meanwhile", "abc", "", apierr.Invalid, "bundle abc is no longer served"},
		{"the commit information is no JSON", sha, "oops", apierr.Unavailable, "other than commit information"},
		{"the timestamp is no number", sha, `{"timestamp": "yesterday"}`, apierr.Invalid, "no Unix time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := pinning(t, tc.answered, tc.info).client(appinterface.Config{}).Pin(t.Context())
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
		})
	}
}

func TestABundleIsLookedUpByItsSHA(t *testing.T) {
	client := pinning(t, "", `{"commit": "c0ffee"}`).client(appinterface.Config{})
	got, err := client.Bundle(t.Context(), sha)
	require.NoError(t, err)
	require.Equal(t, "c0ffee", got.Commit)

	var expired *appinterface.ExpiredBundleError
	_, err = client.Bundle(t.Context(), "gone")
	require.ErrorAs(t, err, &expired)
	_, err = client.Bundle(t.Context(), "a/b")
	require.ErrorContains(t, err, "is not the sha of a bundle")
}
