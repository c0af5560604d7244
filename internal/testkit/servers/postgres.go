package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

const (
	postgresUser = "qontract"
	// postgresGrace lets the server end its own processes.
	postgresGrace = 5 * time.Second
)

// Postgres is a running PostgreSQL. Its one user may make databases.
type Postgres struct {
	// URL leads to the database postgres.
	URL string

	hostPort string
	process  *process
	dir      *workdir
}

// StartPostgres starts PostgreSQL on an empty cluster of databases and returns when it takes connections. Nothing that is
// written survives a crash of the machine. It refuses to run as root, so that a root process starts it as another user.
// The caller stops the server.
func StartPostgres(ctx context.Context) (*Postgres, error) {
	return withFreshPorts(func() (*Postgres, error) { return startPostgres(ctx) })
}

func startPostgres(ctx context.Context) (_ *Postgres, err error) {
	binary, err := findProgram("postgres", "postgresql")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	p := &Postgres{hostPort: fmt.Sprintf("127.0.0.1:%d", ports[0]), dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Stop())
		}
	}()
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if err := p.initialise(ctx, user); err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "-D", dir.file("data"), "-h", "127.0.0.1", "-p", strconv.Itoa(ports[0]), "-k", "",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	if p.process, err = start("postgres", dir.path, postgresGrace, cmd); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "postgres at "+p.hostPort, p.ready, p.process); err != nil {
		return nil, err
	}
	return p, nil
}

// initialise makes the folder of the databases, and the user with a random password.
func (p *Postgres) initialise(ctx context.Context, user *syscall.Credential) error {
	password := rand.Text()
	if err := os.WriteFile(p.dir.file("password"), []byte(password), 0o600); err != nil {
		return err
	}
	if err := p.dir.giveTo(user); err != nil {
		return err
	}
	binary, err := findProgram("initdb", "postgresql")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, "--pgdata", p.dir.file("data"), "--username", postgresUser, "--pwfile", p.dir.file("password"),
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = p.dir.path, &syscall.SysProcAttr{Credential: user}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword(postgresUser, password), Host: p.hostPort, Path: "/postgres", RawQuery: "sslmode=disable"}
	p.URL = address.String()
	return nil
}

// ready succeeds once the server takes connections.
func (p *Postgres) ready(ctx context.Context) error {
	binary, err := findProgram("pg_isready", "postgresql")
	if err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, binary, "--dbname", p.URL).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

// Stop ends the server and removes its data.
func (p *Postgres) Stop() error {
	if p.process != nil {
		p.process.stop()
	}
	return p.dir.remove()
}
