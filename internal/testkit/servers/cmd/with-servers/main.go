// Command with-servers starts Temporal, a Kubernetes API server and two Vaults, runs a command that finds them through its
// environment, stops them and exits as the command did:
//
//	with-servers -- go test ./...
//
// A server that the environment already names is used and not started.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const (
	exitFailure = 1
	exitUsage   = 64
	// exitSignal is added to the number of the signal that ended the command, as shells do.
	exitSignal = 128
)

func main() {
	timeout := flag.Duration("timeout", 2*time.Minute, "how long the servers may take to start")
	flag.Usage = func() {
		_, _ = fmt.Fprintln(flag.CommandLine.Output(), "usage: with-servers [-timeout 2m] -- COMMAND [ARGUMENT...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(exitUsage)
	}
	code, err := run(flag.Args(), *timeout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "with-servers:", err)
	}
	os.Exit(code)
}

// run starts the servers, runs the command and returns its exit code.
func run(command []string, timeout time.Duration) (code int, err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	starting := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel()
			signals <- s
		case <-starting:
		}
	}()
	env, stop, err := startAll(ctx)
	close(starting)
	defer func() {
		if stopErr := stop(); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
	}()
	if err != nil {
		return exitFailure, err
	}
	return execute(command, env, signals)
}

// vaults are two, since secrets are copied from one to another.
const vaults = 2

// startAll starts the servers side by side. The function it returns stops what was started, also after an error.
func startAll(ctx context.Context) (env []string, stop func() error, err error) {
	var temporal *servers.Temporal
	var kube *servers.Kube
	var secrets []*servers.Vault
	var temporalErr, kubeErr, vaultErr error
	var starting sync.WaitGroup
	starting.Go(func() {
		var running bool
		if temporal, running = servers.RunningTemporal(); !running {
			temporal, temporalErr = servers.StartTemporal(ctx, servers.TemporalOptions{})
		}
	})
	starting.Go(func() {
		var running bool
		if kube, running, kubeErr = servers.RunningKube(); !running && kubeErr == nil {
			kube, kubeErr = servers.StartKube(ctx, servers.KubeOptions{})
		}
	})
	starting.Go(func() {
		var running bool
		if secrets, running, vaultErr = servers.RunningVaults(); !running && vaultErr == nil {
			secrets, vaultErr = servers.StartVaults(ctx, vaults)
		}
	})
	starting.Wait()
	stop = func() error {
		var errs []error
		if temporal != nil {
			errs = append(errs, temporal.Stop())
		}
		if kube != nil {
			errs = append(errs, kube.Stop())
		}
		for _, vault := range secrets {
			errs = append(errs, vault.Stop())
		}
		return errors.Join(errs...)
	}
	if err := errors.Join(temporalErr, kubeErr, vaultErr); err != nil {
		return nil, stop, err
	}
	return slices.Concat(temporal.Env(), kube.Env(), servers.VaultsEnv(secrets)), stop, nil
}

// execute runs the command in a process group of its own and passes signals on to all of it.
func execute(command, env []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return exitFailure, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if number, ok := s.(syscall.Signal); ok {
				_ = syscall.Kill(-cmd.Process.Pid, number)
			}
		case err := <-ended:
			return exitCode(cmd.ProcessState, err)
		}
	}
}

func exitCode(state *os.ProcessState, err error) (int, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return exitFailure, err
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal()), nil
	}
	return state.ExitCode(), nil
}
