package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// Live is an estate that is kept running, for people to try runs on. Its folder is laid out as a case is.
type Live struct {
	folder string
	world  *world

	mu sync.Mutex
	// config is the configuration file of a worker, with the addresses of what runs.
	config string
}

// System is one running system of a live estate.
type System struct {
	// Name is <system>/<name>, such as kubernetes/prod-1.
	Name, URL string
	// StandIn says that it stands for a server that is not installed.
	StandIn bool
}

// Open starts the systems of a folder, fills them, and serves its datafiles. POST /reload reads the datafiles anew.
func (s *Stage) Open(ctx context.Context, folder string) (*Live, error) {
	l := &Live{folder: folder, world: &world{stage: s, targets: map[string]target{}}}
	s.live = l
	s.temporal.usual = &temporalapi.Config{Service: s.options.Temporal.WorkflowService(), Namespace: s.options.Namespace, Converter: s.converter()}
	if _, err := s.app.Reload(ctx); err != nil {
		return nil, errors.Join(err, l.world.Close(ctx))
	}
	return l, nil
}

// reread is the source of the app-interface of a live estate.
func (s *Stage) reread(ctx context.Context) (*server.Bundle, error) {
	if s.live == nil {
		return nil, errNoCase
	}
	c, err := readFolder(s.live.folder)
	if err != nil {
		return nil, err
	}
	files, err := s.live.world.populate(ctx, c)
	if err != nil {
		return nil, err
	}
	l := s.live
	l.mu.Lock()
	l.config = s.configText(&Case{archive: files})
	l.mu.Unlock()
	return s.bundle(files, "")
}

func readFolder(folder string) (*Case, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("read the estate: %w", err)
	}
	archive := &txtar.Archive{}
	root := os.DirFS(folder)
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !known(path) {
			return err
		}
		data, err := fs.ReadFile(root, path)
		archive.Files = append(archive.Files, txtar.File{Name: path, Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the estate in %s: %w", folder, err)
	}
	return &Case{Name: folder, archive: archive}, nil
}

// AppInterface is the address of the GraphQL endpoint.
func (l *Live) AppInterface() string { return l.world.stage.appURL + "/graphql" }

// Systems lists what runs, by name.
func (l *Live) Systems() []System {
	var all []System
	for _, id := range slices.Sorted(maps.Keys(l.world.targets)) {
		_, standIn := l.world.targets[id].(*vaultStandIn)
		all = append(all, System{Name: id, URL: l.world.targets[id].URL(), StandIn: standIn})
	}
	return all
}

// Worker is what a worker in a process of its own needs to work on the estate: a configuration file, and its environment as
// KEY=value.
func (l *Live) Worker() (config string, env []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.world.targets {
		if place, ok := t.(interface{ environment() []string }); ok {
			env = append(env, place.environment()...)
		}
	}
	return l.config, env
}

// Calls returns the calls that a system has had, in the order of their arrival.
func (l *Live) Calls(name string) ([]fault.Call, error) {
	t, ok := l.world.targets[name]
	if !ok {
		return nil, fmt.Errorf("the estate has no %s", name)
	}
	return t.Faults().Calls(), nil
}

// Advance moves the clock of a system that has one of its own.
func (l *Live) Advance(name string, by time.Duration) error {
	t, ok := l.world.targets[name].(interface{ advance(by time.Duration) })
	if !ok {
		return fmt.Errorf("the estate has no %s with a clock of its own", name)
	}
	t.advance(by)
	return nil
}

// Dump returns what a system has, as the estate's files are written.
func (l *Live) Dump(ctx context.Context, name string) ([]byte, error) {
	t, ok := l.world.targets[name]
	if !ok {
		return nil, fmt.Errorf("the estate has no %s", name)
	}
	return t.Dump(ctx)
}

// Close stops the systems.
func (l *Live) Close() error { return l.world.Close(context.Background()) }
