package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// buildWorker returns the path of the worker's program.
func (b *bench) buildWorker(ctx context.Context) (string, error) {
	binary := filepath.Join(b.dir, "worker")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./worker")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the worker (run this from the top of the repository): %w", err)
	}
	return binary, nil
}

// workerOf builds the worker and starts it for the installation's integration, in a process of its own, with more secrets
// and environment than the installation has.
func (b *bench) workerOf(ctx context.Context, i *installation, secrets string, env ...string) (*servers.Child, error) {
	binary, err := b.buildWorker(ctx)
	if err != nil {
		return nil, err
	}
	config, err := os.ReadFile(i.config)
	if err != nil {
		return nil, err
	}
	return servers.StartChild(binary, map[string]string{"config.toml": string(config) + secrets}, env,
		"--config", "config.toml", "--integrations", i.integration, "--listen", "127.0.0.1:0", "--log-level", "ERROR", "--address", i.temporal.HostPort, "--payload-store", b.store().Store)
}
