package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Child is a program of this repository that runs as a process of its own, and can be killed as in a crash.
type Child struct {
	process *process
	dir     *workdir
}

// StartChild starts the program at a path, with additions to the environment as KEY=value. Files are written to its
// working folder first, by their name. On Linux it dies with this process. The caller stops it.
func StartChild(path string, files map[string]string, env []string, args ...string) (_ *Child, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	c := &Child{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, dir.remove())
		}
	}()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir.path, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	c.process, err = start(filepath.Base(path), dir.path, 0, cmd)
	return c, err
}

// PID is the process's number.
func (c *Child) PID() int { return c.process.cmd.Process.Pid }

// Err is an error with the end of the log once the process has ended, and nil before.
func (c *Child) Err() error {
	if !c.process.ended() {
		return nil
	}
	return fmt.Errorf("process %d ended: %w\n%s", c.PID(), errors.Join(errEnded, c.process.err), c.process.tail())
}

var errEnded = errors.New("nobody stopped it")

// Kill ends the process with SIGKILL. It is an error when the process had ended by itself, or ends otherwise.
func (c *Child) Kill() error {
	if err := c.Err(); err != nil {
		return err
	}
	c.process.stop()
	status, ok := c.process.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		return fmt.Errorf("process %d was to be killed, and ended otherwise: %s", c.PID(), c.process.cmd.ProcessState)
	}
	return c.dir.remove()
}

// Stop ends the process, where it has not ended, and removes its folder.
func (c *Child) Stop() error {
	c.process.stop()
	return c.dir.remove()
}
