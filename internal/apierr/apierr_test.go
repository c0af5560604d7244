package apierr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestKindOf(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		kind apierr.Kind
		ok   bool
	}{
		{"a classified error keeps its kind through wrapping", fmt.Errorf("team a: %w", apierr.Errorf(apierr.Missing, "404")), apierr.Missing, true},
		{"the outermost classification wins", apierr.New(apierr.Invalid, apierr.Errorf(apierr.Denied, "401")), apierr.Invalid, true},
		{"a deadline is an unavailable server", fmt.Errorf("get: %w", context.DeadlineExceeded), apierr.Unavailable, true},
		{"an ordinary error has no kind", errors.New("boom"), "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kind, ok := apierr.KindOf(tc.err)
			require.Equal(t, tc.kind, kind)
			require.Equal(t, tc.ok, ok)
		})
	}
}

func TestOnlyWhatCanPassIsRetried(t *testing.T) {
	retried := map[apierr.Kind]bool{apierr.Conflict: true, apierr.Limited: true, apierr.Unavailable: true, apierr.NotYet: true}
	for _, kind := range apierr.Kinds() {
		require.Equal(t, retried[kind], kind.Retryable(), "%s", kind)
	}
}

func TestFromResponse(t *testing.T) {
	for _, tc := range []struct {
		status     int
		retryAfter string
		kind       apierr.Kind
		delay      time.Duration
	}{
		{http.StatusBadRequest, "", apierr.Invalid, 0},
		{http.StatusUnauthorized, "", apierr.Denied, 0},
		{http.StatusForbidden, "", apierr.Denied, 0},
		{http.StatusNotFound, "", apierr.Missing, 0},
		{http.StatusConflict, "", apierr.Conflict, 0},
		{http.StatusTooManyRequests, "7", apierr.Limited, 7 * time.Second},
		{http.StatusTooManyRequests, "soon", apierr.Limited, 0},
		{http.StatusTooManyRequests, "Wed, 21 Oct 2015 07:28:00 GMT", apierr.Limited, 0},
		{http.StatusServiceUnavailable, "2", apierr.Unavailable, 2 * time.Second},
		{http.StatusBadGateway, "", apierr.Unavailable, 0},
	} {
		t.Run(fmt.Sprintf("%d %s", tc.status, tc.retryAfter), func(t *testing.T) {
			resp := &http.Response{StatusCode: tc.status, Header: http.Header{"Retry-After": {tc.retryAfter}}}
			err := apierr.FromResponse(resp, errors.New("said no"))
			require.True(t, apierr.Is(err, tc.kind))
			require.Equal(t, tc.delay, apierr.RetryAfter(err))
			require.EqualError(t, err, "said no")
		})
	}
	require.NoError(t, apierr.FromResponse(&http.Response{}, nil))
}
