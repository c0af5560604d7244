// Package leaktest looks for the planted secrets of tests (see package leak) in all that programs write: every message
// that they exchange with Temporal, so histories, heartbeats, failures, memos, search attributes, details, queries and
// updates; the histories once more as they are kept; the store of large payloads; logs, metrics and output.
package leaktest

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"go.temporal.io/sdk/log"

	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

// Watch collects where planted secrets came to light. The zero value is ready for use, and safe for concurrent use.
type Watch struct {
	mu    sync.Mutex
	found []string
}

// New starts a watch that fails the test at its end for every leak.
func New(tb testing.TB) *Watch {
	tb.Helper()
	w := &Watch{}
	tb.Cleanup(func() {
		for _, found := range w.Found() {
			tb.Errorf("a planted secret came to light: %s", found)
		}
	})
	return w
}

// Found says where, each place once.
func (w *Watch) Found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.found...)
}

// Text looks at a text.
func (w *Watch) Text(where, text string) { w.look(where, []byte(text)) }

// Bytes looks at what is written as bytes.
func (w *Watch) Bytes(where string, text []byte) { w.look(where, text) }

func (w *Watch) look(where string, text []byte) {
	if form := leak.Find(text); form != "" {
		w.report(where + ", " + form)
	}
}

// report notes a place that is not noted yet.
func (w *Watch) report(place string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.found {
		if known == place {
			return
		}
	}
	w.found = append(w.found, place)
}

// Writer looks at what is written and drops it. Each write is looked at by itself.
func (w *Watch) Writer(where string) io.Writer { return writer{w, where} }

type writer struct {
	watch *Watch
	where string
}

func (o writer) Write(text []byte) (int, error) {
	var line struct{ Msg string }
	where := o.where
	if json.Unmarshal(text, &line) == nil {
		said, _, _ := strings.Cut(line.Msg, leak.Marker)
		where = fmt.Sprintf("%s, in the line %q", where, said)
	}
	o.watch.look(where, text)
	return len(text), nil
}

// Logger is the log of a program with every level, looked at line by line as the worker writes it.
func (w *Watch) Logger(tb testing.TB) log.Logger {
	tb.Helper()
	logger, err := logging.New(w.Writer("a log"), "DEBUG")
	if err != nil {
		tb.Fatal(err)
	}
	return logging.Temporal(logger)
}
