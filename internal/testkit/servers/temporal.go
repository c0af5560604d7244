package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/logging"
)

const (
	// EnvTemporal names a running Temporal server (host:port) to be used instead of starting one.
	EnvTemporal = "QT_TEMPORAL_ADDRESS"

	temporalNamespace = "default"
	// temporalGrace lets the server close its database file.
	temporalGrace = 5 * time.Second
)

// searchAttributes lists the attributes that the workflows set, with their types as the server's command line names them.
func searchAttributes() map[string]string {
	return map[string]string{
		"Integration": "Keyword",
		"Scope":       "Keyword",
		"DryRun":      "Bool",
		"Bundle":      "Keyword",
		"Outcome":     "Keyword",
		"Changes":     "Int",
	}
}

// TemporalOptions say how a development server runs. The zero value is a server in memory without user interface.
type TemporalOptions struct {
	// Database is the SQLite file that keeps the server's state across restarts; empty keeps it in memory.
	Database string
	// UI serves the web interface.
	UI bool
	// UICodec is the URL of the codec server that the web interface asks; empty shows payloads as they are.
	UICodec string
	// Port and UIPort are fixed ports; zero chooses free ones.
	Port, UIPort int
	// DynamicConfig are settings of the server by their keys, as JSON. They override those that all servers here have.
	DynamicConfig map[string]string
}

// Temporal is a running server.
type Temporal struct {
	// HostPort is the address of the gRPC frontend.
	HostPort string
	// Namespace has our search attributes.
	Namespace string
	// UIURL is the address of the web interface; empty without one.
	UIURL string

	process *process
	dir     *workdir
}

// RunningTemporal returns the server that QT_TEMPORAL_ADDRESS names; ok is false where it names none.
func RunningTemporal() (server *Temporal, ok bool) {
	address := os.Getenv(EnvTemporal)
	return &Temporal{HostPort: address, Namespace: temporalNamespace}, address != ""
}

// Env is the environment that makes RunningTemporal find this server, as KEY=value.
func (t *Temporal) Env() []string { return []string{EnvTemporal + "=" + t.HostPort} }

// StartTemporal starts a development server and returns when its namespace has our search attributes. It waits for that
// until ctx ends; later the context no longer matters. The caller stops the server.
func StartTemporal(ctx context.Context, options TemporalOptions) (*Temporal, error) {
	return withFreshPorts(func() (*Temporal, error) { return startTemporal(ctx, options) })
}

func startTemporal(ctx context.Context, options TemporalOptions) (_ *Temporal, err error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	if options.Port != 0 {
		ports[0] = options.Port
	}
	if options.UIPort != 0 {
		ports[1] = options.UIPort
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	t := &Temporal{HostPort: fmt.Sprintf("127.0.0.1:%d", ports[0]), Namespace: temporalNamespace, dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Stop())
		}
	}()
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(ports[0]),
		"--disable-config-file", "--disable-config-env", "--log-level", "warn",
		// One partition instead of four: a poller never waits at another partition than the task's.
		"--dynamic-config-value", "matching.numTaskqueueReadPartitions=1",
		"--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
		// The server polls its own queues 20 times a second and fires timers up to a second late; runs of a few steps
		// would wait for little else.
		"--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000",
		"--dynamic-config-value", "history.timerProcessorMaxPollRPS=1000",
		"--dynamic-config-value", `history.timerProcessorMaxTimeShift="10ms"`,
	}
	for key, value := range options.DynamicConfig {
		args = append(args, "--dynamic-config-value", key+"="+value)
	}
	for name, kind := range searchAttributes() {
		args = append(args, "--search-attribute", name+"="+kind)
	}
	if options.UI {
		t.UIURL = fmt.Sprintf("http://127.0.0.1:%d", ports[1])
		args = append(args, "--ui-port", strconv.Itoa(ports[1]))
		if options.UICodec != "" {
			args = append(args, "--ui-codec-endpoint", options.UICodec)
		}
	} else {
		args = append(args, "--headless")
	}
	grace := time.Duration(0)
	if options.Database != "" {
		grace = temporalGrace
		file, err := filepath.Abs(options.Database)
		if err != nil {
			return nil, err
		}
		args = append(args, "--db-filename", file)
	}
	if t.process, err = launch("temporal", dir.path, grace, args...); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "temporal at "+t.HostPort, t.probe, t.process); err != nil {
		return nil, err
	}
	return t, nil
}

// Stop ends the server and removes what it kept, except a database file of the caller's. A server that was found by
// RunningTemporal is left alone.
func (t *Temporal) Stop() error {
	if t.process != nil {
		t.process.stop()
	}
	if t.dir == nil {
		return nil
	}
	return t.dir.remove()
}

// Kill ends the server as a crash does: it gets no time to close its database.
func (t *Temporal) Kill() error {
	if t.process != nil {
		t.process.grace = 0
	}
	return t.Stop()
}

// probe succeeds once the namespace exists with all our search attributes.
func (t *Temporal) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: t.HostPort, Namespace: t.Namespace, Logger: logging.Silent()})
	if err != nil {
		return err
	}
	defer c.Close()
	known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: t.Namespace})
	if err != nil {
		return err
	}
	for name := range searchAttributes() {
		if _, ok := known.GetCustomAttributes()[name]; !ok {
			return fmt.Errorf("search attribute %s is not registered yet", name)
		}
	}
	return nil
}
