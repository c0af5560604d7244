package memo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/memo"
)

// counted counts how often it reads.
type counted struct{ reads atomic.Int32 }

func (c *counted) text(size int) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		c.reads.Add(1)
		return string(make([]byte, size)), nil
	}
}

func length(text string) int { return len(text) }

func TestWhatWasReadIsNotReadAgain(t *testing.T) {
	cache, source := memo.New(1<<20), &counted{}
	for range 3 {
		text, err := memo.Get(t.Context(), cache, "key", length, source.text(5))
		require.NoError(t, err)
		require.Len(t, text, 5)
	}
	require.EqualValues(t, 1, source.reads.Load())
}

func TestErrorsAreNotKept(t *testing.T) {
	cache, source := memo.New(1<<20), &counted{}
	broken := errors.New("broken")
	_, err := memo.Get(t.Context(), cache, "key", length, func(context.Context) (string, error) { return "", broken })
	require.ErrorIs(t, err, broken)
	_, err = memo.Get(t.Context(), cache, "key", length, source.text(5))
	require.NoError(t, err)
	require.EqualValues(t, 1, source.reads.Load())
}

func TestTheOldestGoesFirstWhereTheCacheIsFull(t *testing.T) {
	cache, source := memo.New(10_000), &counted{}
	get := func(key string) {
		_, err := memo.Get(t.Context(), cache, key, length, source.text(2000))
		require.NoError(t, err)
	}
	for i := range 4 {
		get(fmt.Sprint(i))
	}
	get("0")
	get("4")
	require.EqualValues(t, 5, source.reads.Load())
	get("0")
	require.EqualValues(t, 5, source.reads.Load(), "it was asked for lately")
	get("1")
	require.EqualValues(t, 6, source.reads.Load(), "it had to go")
}

func TestWhatIsTooLargeIsNotKept(t *testing.T) {
	cache, source := memo.New(10_000), &counted{}
	for range 2 {
		_, err := memo.Get(t.Context(), cache, "key", length, source.text(5000))
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, source.reads.Load())
}

func TestManyWhoAskAtOnceGetOneAnswer(t *testing.T) {
	cache, source := memo.New(1<<20), &counted{}
	begun, finish := make(chan struct{}), make(chan struct{})
	slow := func(ctx context.Context) (string, error) {
		close(begun)
		<-finish
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return source.text(5)(ctx)
	}
	impatient, giveUp := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := memo.Get(impatient, cache, "key", length, slow)
		gone <- err
	}()
	<-begun
	var waiting sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		waiting.Go(func() { _, errs[i] = memo.Get(t.Context(), cache, "key", length, source.text(5)) })
	}
	giveUp()
	require.ErrorIs(t, <-gone, context.Canceled)
	close(finish)
	waiting.Wait()
	require.Equal(t, make([]error, 8), errs, "who began it has given up, and ends it for nobody")
	require.EqualValues(t, 1, source.reads.Load())
}

func TestAKeyIsMadeOnce(t *testing.T) {
	var once memo.Once[string, int]
	var made atomic.Int32
	broken := errors.New("broken")
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			value, err := once.Get(t.Context(), "one", func(context.Context) (int, error) { return int(made.Add(1)), nil })
			if err != nil || value != 1 {
				t.Errorf("got %d, %v", value, err)
			}
		})
	}
	askers.Wait()
	for range 2 {
		_, err := once.Get(t.Context(), "other", func(context.Context) (int, error) { made.Add(1); return 0, broken })
		require.ErrorIs(t, err, broken, "errors are remembered too")
	}
	require.EqualValues(t, 2, made.Load())
}
