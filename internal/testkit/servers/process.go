package servers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// tailSize is how much of a log an error quotes.
const tailSize = 2000

// process is one running server.
type process struct {
	name    string
	logFile string
	// grace is how long the server may take to end by itself; zero kills it at once.
	grace time.Duration
	cmd   *exec.Cmd
	done  chan struct{}
	err   error // how it ended; read after done
}

// launch starts one of the installer's servers.
func launch(name, dir string, grace time.Duration, args ...string) (*process, error) {
	return launchWith(nil, name, dir, grace, args...)
}

// launchWith is launch with additions to the environment, as KEY=value: everybody on the machine may read command lines.
func launchWith(env []string, name, dir string, grace time.Duration, args ...string) (*process, error) {
	binary, err := Find(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	return start(name, dir, grace, cmd)
}

// start runs a server in dir, with its output in <dir>/<name>.log. It leads a process group of its own, so that what it
// starts is stopped with it. The command may name the user that it runs as.
func start(name, dir string, grace time.Duration, cmd *exec.Cmd) (*process, error) {
	p := &process{name: name, logFile: filepath.Join(dir, name+".log"), grace: grace, done: make(chan struct{})}
	log, err := os.Create(p.logFile)
	if err != nil {
		return nil, err
	}
	as := attributes()
	if cmd.SysProcAttr != nil {
		as.Credential = cmd.SysProcAttr.Credential
	}
	p.cmd = cmd
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = as

	started := make(chan error)
	go func() {
		// The kernel sends the parent-death signal when the thread that started the process ends, not the whole
		// parent, so this thread is kept until the process is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		_ = log.Close()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// ended says whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// failure is the error for a process that ended by itself.
func (p *process) failure() error {
	text, err := os.ReadFile(p.logFile)
	// Anywhere in the log: a panic writes its stack behind it.
	if err == nil && bytes.Contains(text, []byte("address already in use")) {
		return fmt.Errorf("%s: %w", p.name, errPortTaken)
	}
	return fmt.Errorf("%s ended while starting: %w\n%s", p.name, p.err, p.tail())
}

// tail is the end of the process's log, for messages.
func (p *process) tail() string {
	text, err := os.ReadFile(p.logFile)
	if err != nil {
		return fmt.Sprintf("(no log of %s: %v)", p.name, err)
	}
	return fmt.Sprintf("the log of %s ends:\n%s", p.name, text[max(0, len(text)-tailSize):])
}

// stop ends the process and all that it started, and waits until it is gone.
func (p *process) stop() {
	group := -p.cmd.Process.Pid
	if p.grace > 0 && !p.ended() {
		_ = syscall.Kill(group, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(p.grace):
		}
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.done
}
