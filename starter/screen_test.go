package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/views"
)

// pictures are what a screen writes, each as one piece.
type pictures chan string

func (p pictures) Write(text []byte) (int, error) {
	p <- string(text)
	return len(text), nil
}

func TestTheScreenIsWrittenOverUntilCtrlC(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	written, ticks, ended := make(pictures, 8), make(chan time.Time), make(chan error, 1)
	answers := make(chan error, 3)
	s := screen{out: written, look: func() look { return look{terminal: true, width: pageWidth, height: 40} }, ticks: ticks}
	go func() {
		ended <- s.show(ctx, func(context.Context) (*views.Fleet, error) { return sampleFleet(), <-answers })
	}()
	require.Equal(t, clearAll+cutLines, <-written)

	answers <- nil
	first := <-written
	require.True(t, strings.HasPrefix(first, cursorHome+"2026-01-02 03:04:05"), first)
	require.True(t, strings.HasSuffix(first, clearBelow))
	require.NotContains(t, first, clearAll, "what is written over does not flicker")
	require.Less(t, strings.Count(first, "\n"), 40, "a picture that fills the last line scrolls")
	for _, line := range strings.Split(strings.TrimSuffix(first, "\n"+clearBelow), "\n") {
		require.True(t, strings.HasSuffix(line, clearRight), "the rest of the old line goes: %q", line)
	}

	answers <- errors.New("unreachable\nfor now")
	ticks <- time.Time{}
	second := <-written
	require.Contains(t, second, "quay-membership", "what was seen stays")
	require.Contains(t, second, "as it was then: unreachable for now")

	answers <- nil
	ticks <- time.Time{}
	require.NotContains(t, <-written, "as it was then")
	interrupt()
	require.Equal(t, foldLines, <-written)
	require.NoError(t, <-ended, "Ctrl-C is how one leaves")
}

func TestAScreenThatSeesNothingAtFirstSaysWhy(t *testing.T) {
	written := make(pictures, 2)
	s := screen{out: written, look: func() look { return look{} }}
	require.EqualError(t, s.show(t.Context(), func(context.Context) (*views.Fleet, error) { return nil, errors.New("denied") }), "denied")
	require.Equal(t, clearAll+cutLines, <-written)
	require.Equal(t, foldLines, <-written)
}
