package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/views"
)

const (
	cursorHome = "\x1b[H"
	clearRight = "\x1b[K"
	clearBelow = "\x1b[J"
	clearAll   = "\x1b[2J"
	// Lines that are too long are cut while the picture is shown.
	cutLines, foldLines = "\x1b[?7l", "\x1b[?7h"
)

// screen shows the state of the fleet again and again on a terminal. It writes over what is there, so that nothing flickers.
type screen struct {
	out io.Writer
	// look says how large the terminal is by now.
	look  func() look
	ticks <-chan time.Time
}

// show looks until ctx ends. A look that fails leaves what was seen before, with the error below.
func (s screen) show(ctx context.Context, read func(context.Context) (*views.Fleet, error)) error {
	fmt.Fprint(s.out, clearAll, cutLines)
	defer fmt.Fprint(s.out, foldLines)
	var fleet *views.Fleet
	for {
		seen, err := read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && fleet == nil {
			return err
		}
		if err == nil {
			fleet = seen
		}
		s.paint(fleet, err)
		select {
		case <-ctx.Done():
			return nil
		case <-s.ticks:
		}
	}
}

// paint writes one picture in one piece.
func (s screen) paint(fleet *views.Fleet, trouble error) {
	l := s.look()
	height := l.height - 1
	var below []string
	if trouble != nil {
		below = []string{l.paint(red, "as it was then: ") + strings.ReplaceAll(trouble.Error(), "\n", " ")}
	}
	var picture strings.Builder
	picture.WriteString(cursorHome)
	for _, line := range append(statusText{l, fleet}.lines(height-len(below)), below...) {
		picture.WriteString(line + clearRight + "\n")
	}
	picture.WriteString(clearBelow)
	fmt.Fprint(s.out, picture.String())
}
