package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAgesAndDurations(t *testing.T) {
	for _, tc := range []struct {
		d         time.Duration
		age, took string
	}{
		{-time.Second, "0s", "0.0s"},
		{0, "0s", "0.0s"},
		{440 * time.Millisecond, "0s", "0.4s"},
		{9949 * time.Millisecond, "9s", "9.9s"},
		{9960 * time.Millisecond, "9s", "10s"},
		{59*time.Second + 700*time.Millisecond, "59s", "0m59s"},
		{119 * time.Second, "119s", "1m59s"},
		{2 * time.Minute, "2m", "2m00s"},
		{119 * time.Minute, "119m", "1h59m"},
		{2 * time.Hour, "2h", "2h00m"},
		{47*time.Hour + 59*time.Minute, "47h", "47h59m"},
		{48 * time.Hour, "2d", "2d"},
		{400 * day, "400d", "400d"},
	} {
		require.Equal(t, tc.age, age(tc.d), tc.d)
		require.Equal(t, tc.took, took(tc.d), tc.d)
	}
}

func TestMoments(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	past, future := now.Add(-5*time.Minute), now.Add(10*time.Second)
	require.Equal(t, "-", ago(nil, now))
	require.Equal(t, "5m", ago(&past, now))
	require.Equal(t, "-", until(nil, now))
	require.Equal(t, "10s", until(&future, now))
	require.Equal(t, "now", until(&past, now), "what should have begun is due")
}
