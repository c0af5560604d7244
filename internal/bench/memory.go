package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/workflows"
)

// mostMemory is what a worker may need for 10,000 objects.
const mostMemory = 200 << 20

// workerMemory runs the installed worker alone, in a process of its own, and adds the most memory that it had.
func (b *bench) workerMemory(ctx context.Context, i *installation, e estate) (err error) {
	if err := i.pause(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.work()) }()
	binary, err := b.buildWorker(ctx)
	if err != nil {
		return err
	}
	worker := exec.Command(binary, "--config", i.config, "--integrations", resourcequotas.Name, "--listen", "127.0.0.1:0",
		"--log-level", "WARNING", "--address", i.temporal.HostPort, "--payload-store", b.store().Store)
	worker.Stdout, worker.Stderr = io.Discard, os.Stderr
	if err := worker.Start(); err != nil {
		return err
	}
	defer func() {
		_ = worker.Process.Signal(syscall.SIGTERM)
		err = errors.Join(err, worker.Wait())
	}()
	const rounds = 5
	for range rounds {
		if _, err := i.runOnce(ctx, workflows.Clean, 0); err != nil {
			return err
		}
	}
	peak, ok := peakMemory(worker.Process.Pid)
	if !ok {
		return nil
	}
	limit := aim{}
	if e.objects() == 10_000 {
		limit = aim{limit: mostMemory, text: "under 200 MiB"}
	}
	b.table.add(figure{
		what:  fmt.Sprintf("memory of a worker, %d objects, most in %d runs", e.objects(), rounds),
		ours:  fmt.Sprintf("%d MiB", peak>>20),
		value: float64(peak), aim: limit,
	})
	return nil
}

// pause stops the worker of this process, which work starts again.
func (i *installation) pause() error {
	last := len(i.stops) - 1
	stop := i.stops[last]
	i.stops = i.stops[:last]
	return stop()
}

// peakMemory is the most resident memory that a process had, in bytes; ok is false where the system does not say.
func peakMemory(pid int) (bytes int64, ok bool) {
	var kib int64
	_, err := fmt.Sscanf(field(fmt.Sprintf("/proc/%d/status", pid), "VmHWM"), "%d kB", &kib)
	return kib << 10, err == nil
}
