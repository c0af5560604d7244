// Package servers runs the real servers that tests, rehearsals and the demonstration need: Temporal's development server,
// a Kubernetes API server with etcd and the controllers that make namespaces, roles and tokens work, and Vaults.
//
// A server listens on a free port of the loopback interface, keeps its data in a folder of its own and dies with the
// process that started it. Binaries come from internal/tools/install.sh.
package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// attempts is how often a server is started when another process takes its port between choosing and listening.
const attempts = 3

// pollEvery is how often a starting server is asked whether it is ready.
const pollEvery = 50 * time.Millisecond

// errPortTaken is a start that failed because another process was quicker to listen.
var errPortTaken = errors.New("the port was taken meanwhile")

// withFreshPorts calls start until it fails for another reason than a taken port, or has failed too often.
func withFreshPorts[T any](start func() (T, error)) (T, error) {
	for attempt := 1; ; attempt++ {
		server, err := start()
		if attempt == attempts || !errors.Is(err, errPortTaken) {
			return server, err
		}
	}
}

// freePorts returns n ports of the loopback interface that nobody listens on now.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// waitReady asks probe until it succeeds. It fails as soon as one of the processes has ended, and when ctx does; the
// error then holds the end of their logs.
func waitReady(ctx context.Context, what string, probe func(context.Context) error, processes ...*process) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var last error
	for {
		for _, p := range processes {
			if p.ended() {
				return p.failure()
			}
		}
		if last = probe(ctx); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return fmt.Errorf("the start of %s was interrupted: %w", what, context.Cause(ctx))
			}
			var logs strings.Builder
			for _, p := range processes {
				fmt.Fprintf(&logs, "\n%s", p.tail())
			}
			return fmt.Errorf("%s is not ready: %w (last answer: %w)%s", what, context.Cause(ctx), last, logs.String())
		case <-ticker.C:
		}
	}
}
