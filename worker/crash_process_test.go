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
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
)

// The environment that makes the test binary a worker: as main starts it, with the arguments given, or one that is taken
// over soon after its end, with the configuration file given, or one of a build that has a name.
const (
	envWorker = "QT_TEST_WORKER"
	asMain    = "main"
	asHasty   = "hasty"
	asBuild   = "build"
	envConfig = "QT_TEST_WORKER_CONFIG"
	// envIntegration names what a worker that is taken over soon takes.
	envIntegration = "QT_TEST_WORKER_INTEGRATION"
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
		if err := workHastily(os.Getenv(envConfig), os.Getenv(envIntegration)); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
	case asBuild:
		go dieWithParent()
		if err := workAsBuild(os.Getenv(envConfig), os.Getenv(envBuild), os.Getenv(envShop)); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
	default:
		os.Exit(withStore(m.Run))
	}
}

// withStore gives the tests, and the workers that they start, a store of payloads that goes away with them.
func withStore(run func() int) int {
	folder, err := os.MkdirTemp("", "payloads-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := os.Setenv(payload.EnvStore, payload.Folder(folder)); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	return run()
}

// dieWithParent ends the process when the test that started it is gone, however that ended: it holds the other end of
// the standard input.
func dieWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

func workHastily(config, integration string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	// No workflow task is kept for a worker that is gone.
	worker.SetStickyWorkflowCacheSize(0)
	return run(ctx, integrations.All(), os.Stderr, options{
		config: config, integrations: integration, listen: "127.0.0.1:0", logLevel: "DEBUG", drain: time.Second,
		firstRetry: retriedAfter, heartbeatTimeout: takenOverAfter,
	})
}

// workplace is where workers work, one after the other.
type workplace struct {
	// temporal is the server's address, and config the configuration file.
	temporal, config string
	integration      string
	// env is added to the environment, as KEY=value.
	env   []string
	watch *leaktest.Watch
}

// processes are workers in processes of their own, one after the other. They log to one file.
type processes struct {
	workplace
	kind    string
	args    []string
	logFile string

	mu      sync.Mutex
	current *exec.Cmd
}

func newProcesses(t *testing.T, at workplace, kind string, args ...string) *processes {
	t.Helper()
	p := &processes{workplace: at, kind: kind, args: args, logFile: filepath.Join(t.TempDir(), "worker.log")}
	t.Cleanup(func() {
		_ = p.kill()
		text, err := os.ReadFile(p.logFile)
		if err != nil {
			t.Error(err)
		}
		p.watch.Text("the log of the workers", string(text))
		if t.Failed() {
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
	cmd.Env = append(os.Environ(), envWorker+"="+p.kind, envConfig+"="+p.config, envIntegration+"="+p.integration, "TEMPORAL_ADDRESS="+p.temporal)
	cmd.Env = append(cmd.Env, p.env...)
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
