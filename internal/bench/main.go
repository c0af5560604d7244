// Command bench measures what the durability of a run costs: each figure beside that of a bare program that does the same
// work, in one run on one machine, on the real servers. It prints one table of ratios.
//
//	make bench                                   # all figures, some fifteen minutes
//	go run ./internal/bench -only 'nothing to do'
//	go run ./internal/bench -write docs/performance.md
//
// Absolute times are those of the machine; only the ratios are meant to be compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"syscall"
	"time"
)

// A measurement adds its figures to the table.
type measurement struct {
	name string
	run  func(context.Context, *bench) error
}

// measurements are in the order of the table. They share nothing but the servers' binaries.
func measurements() []measurement {
	return []measurement{
		{"a run with nothing to do", nothingToDo},
		{"apply of 500 objects", applying},
		{"runs per second", throughput},
		{"payloads", payloads},
		{"resources of five clusters", resourcesOfClusters},
		{"upgrades of clusters", clusterUpgrades},
		{"the fleet", fleetEachMinute},
	}
}

// bench is one run of the measurements.
type bench struct {
	table table
	// dir is removed at the end.
	dir string
	// profiles is the folder for CPU profiles of our side; empty takes none.
	profiles string
	// fleetFor is how long the fleet is watched.
	fleetFor time.Duration
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	only := flag.String("only", "", "regular expression of the measurements to make")
	write := flag.String("write", "", "Markdown file to write, whole, with date and machine")
	fleetFor := flag.Duration("fleet-for", 10*time.Minute, "how long the fleet is watched")
	profiles := flag.String("profiles", "", "folder for CPU profiles of our side")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	if *write != "" && *only != "" {
		return errors.New("-write keeps a whole table: leave -only out")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{dir: dir, profiles: *profiles, fleetFor: *fleetFor}
	for _, m := range measurements() {
		if !wanted.MatchString(m.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", m.name)
		if err := m.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	here := describeMachine()
	if err := b.table.text(os.Stdout, here); err != nil {
		return err
	}
	if *write == "" {
		return nil
	}
	return os.WriteFile(*write, b.table.page(here), 0o644)
}

// profiled runs f and, where profiles are wanted, keeps its CPU profile under the name.
func (b *bench) profiled(name string, f func() error) (err error) {
	if b.profiles == "" {
		return f()
	}
	if err := os.MkdirAll(b.profiles, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(b.profiles, name+".pprof"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
