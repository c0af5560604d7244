package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
)

// Live is an estate that is kept running, for people to try runs on. Its folder is laid out as a case is.
type Live struct {
	folder string
	world  *world
}

// System is one running system of a live estate.
type System struct {
	// Name is <system>/<name>, such as kubernetes/prod-1.
	Name, URL string
}

// Open starts the systems of a folder, fills them, and serves its datafiles. POST /reload reads the datafiles anew.
func (s *Stage) Open(ctx context.Context, folder string) (*Live, error) {
	l := &Live{folder: folder, world: &world{stage: s, targets: map[string]target{}}}
	s.live = l
	if _, err := s.app.Reload(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
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
		all = append(all, System{Name: id, URL: l.world.targets[id].URL()})
	}
	return all
}

// Close stops the systems.
func (l *Live) Close() error { return l.world.Close() }
