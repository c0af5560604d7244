package servers

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	workdirPrefix  = "qontract-servers-"
	startingPrefix = "qontract-starting-"

	workdirPattern  = workdirPrefix + "*"
	startingPattern = startingPrefix + "*"
)

// workdir is a server's temporary folder. A lock on a file in it tells others that it is in use, so that folders of
// processes that were killed are removed by the next one.
type workdir struct {
	path string
	lock *os.File
}

// newWorkdir makes a folder and removes those that nobody uses any more. It gets the name by which others look for it when
// it is locked, so that nobody who starts at the same time takes it for one that is left over.
func newWorkdir() (*workdir, error) {
	sweep()
	fresh, err := os.MkdirTemp("", startingPattern)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(fresh, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(filepath.Dir(fresh), strings.Replace(filepath.Base(fresh), startingPrefix, workdirPrefix, 1))
	if err := os.Rename(fresh, path); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return &workdir{path: path, lock: lock}, nil
}

// file is the path of a file in the folder.
func (w *workdir) file(name string) string { return filepath.Join(w.path, name) }

// remove deletes the folder and lets go of its lock.
func (w *workdir) remove() error {
	defer func() { _ = w.lock.Close() }()
	return os.RemoveAll(w.path)
}

// sweep removes the folders whose lock nobody holds.
func sweep() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), workdirPattern))
	for _, folder := range folders {
		if lock, err := lockFolder(folder, 0); err == nil {
			_ = os.RemoveAll(folder)
			_ = lock.Close()
		}
	}
}

func lockFolder(folder string, flag int) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return lock, nil
}
