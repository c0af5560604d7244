package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
)

// The environment that makes the test binary a worker: as main starts it, with the arguments given, or one that is taken
// over soon after its end, with the configuration file given.
const (
	envWorker = "QT_TEST_WORKER"
	asMain    = "main"
	asHasty   = "hasty"
	envConfig = "QT_TEST_WORKER_CONFIG"
)

const (
	// takenOverAfter replaces the 20 seconds after which a step whose worker died is given to another one.
	takenOverAfter = 2 * time.Second
	// retriedAfter keeps the pauses short that grow with each time that one step loses its worker.
	retriedAfter = time.Millisecond
)

func TestMain(m *testing.M) {
	switch os.Getenv(envWorker) {
	case asMain:
		go dieWithParent()
		main()
	case asHasty:
		go dieWithParent()
		if err := workHastily(os.Getenv(envConfig)); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// dieWithParent ends the process when the test that started it is gone, however that ended: it holds the other end of
// the standard input.
func dieWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

func workHastily(config string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return run(ctx, integrations.All(), os.Stderr, options{
		config: config, integrations: resourcequotas.Name, listen: "127.0.0.1:0", logLevel: "WARNING", drain: time.Second,
		firstRetry: retriedAfter, heartbeatTimeout: takenOverAfter,
	})
}

// processes are workers in processes of their own, one after the other. They log to one file.
type processes struct {
	temporal, config, kind string
	args                   []string
	logFile                string

	mu      sync.Mutex
	current *exec.Cmd
}

func newProcesses(t *testing.T, temporal, config, kind string, args ...string) *processes {
	t.Helper()
	p := &processes{temporal: temporal, config: config, kind: kind, args: args, logFile: filepath.Join(t.TempDir(), "worker.log")}
	t.Cleanup(func() {
		_ = p.kill()
		if text, err := os.ReadFile(p.logFile); err == nil && t.Failed() {
			t.Logf("the log of the workers ends:\n%s", text[max(0, len(text)-20_000):])
		}
	})
	require.NoError(t, p.start())
	return p
}

// start starts a worker. The one before has ended.
func (p *processes) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(os.Args[0], p.args...)
	cmd.Env = append(os.Environ(), envWorker+"="+p.kind, envConfig+"="+p.config, "TEMPORAL_ADDRESS="+p.temporal)
	cmd.Stdout, cmd.Stderr = log, log
	// See dieWithParent.
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.current = cmd
	return nil
}

// kill ends the worker with SIGKILL and returns when it is gone.
func (p *processes) kill() error {
	err := p.end(syscall.SIGKILL)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// end sends the worker a signal and returns how it ended.
func (p *processes) end(with syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return nil
	}
	ending := p.current
	p.current = nil
	if err := ending.Process.Signal(with); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return ending.Wait()
}

// restart kills the worker and starts another one at once.
func (p *processes) restart() error {
	if err := p.kill(); err != nil {
		return err
	}
	return p.start()
}
