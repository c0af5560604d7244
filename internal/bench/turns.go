package main

import (
	"context"
	"time"
)

// side is one of those that are compared: it does the work once and says how long it took.
type side func(context.Context) (time.Duration, error)

// timed makes a side of work that does not take its own time.
func timed(work func(context.Context) error) side {
	return func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		err := work(ctx)
		return time.Since(began), err
	}
}

// inTurns has all sides do the work, one after the other, round by round, so that what else the machine does meets all of
// them. Between is called after each. It returns the times of each side.
func inTurns(ctx context.Context, rounds int, sides []side, between func(context.Context) error) ([][]time.Duration, error) {
	took := make([][]time.Duration, len(sides))
	for range rounds {
		for i, side := range sides {
			d, err := side(ctx)
			if err != nil {
				return nil, err
			}
			took[i] = append(took[i], d)
			if err := between(ctx); err != nil {
				return nil, err
			}
		}
	}
	return took, nil
}
