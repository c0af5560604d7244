package servers

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// SSHD is a running OpenSSH server, to which one key may log in and forward ports.
type SSHD struct {
	// Host and Port are where it listens.
	Host string
	Port int
	// User is the one that it runs as, and the only one that can log in.
	User string
	// Key is the private key that may log in, as PEM.
	Key string
	// KnownHosts is a known_hosts file with its host key.
	KnownHosts string

	dir     *workdir
	process *process
}

// SSHDOptions shape a server. The zero value lets the key forward to any port.
type SSHDOptions struct {
	// PermitOpen limits the forwarding, as sshd's option of that name does.
	PermitOpen string
}

// StartSSHD starts a server with new keys and returns when it greets. It does without root. The caller stops the server.
func StartSSHD(ctx context.Context, options SSHDOptions) (*SSHD, error) {
	return withFreshPorts(func() (*SSHD, error) { return startSSHD(ctx, options) })
}

func startSSHD(ctx context.Context, options SSHDOptions) (_ *SSHD, err error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	s := &SSHD{Host: "127.0.0.1", Port: ports[0], dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := s.writeKeys(); err != nil {
		return nil, err
	}
	// Without PAM it would look for the account's lock where only root may, and take what it cannot read for locked.
	config := fmt.Sprintf("ListenAddress %s:%d\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nUsePAM yes\nStrictModes no\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nAllowTcpForwarding local\nMaxStartups 100\n",
		s.Host, s.Port, dir.file("host_key"), dir.file("authorized_keys"))
	if options.PermitOpen != "" {
		config += "PermitOpen " + options.PermitOpen + "\n"
	}
	if err := os.WriteFile(dir.file("sshd_config"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	return s, s.Restart(ctx)
}

// writeKeys makes the host's key and the user's.
func (s *SSHD) writeKeys() error {
	hostPublic, hostKey, err := newSSHKey()
	if err != nil {
		return err
	}
	public, key, err := newSSHKey()
	if err != nil {
		return err
	}
	s.Key = string(key)
	s.KnownHosts = knownhosts.Line([]string{knownhosts.Normalize(s.address())}, hostPublic) + "\n"
	for name, content := range map[string][]byte{"host_key": hostKey, "authorized_keys": ssh.MarshalAuthorizedKey(public)} {
		if err := os.WriteFile(s.dir.file(name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func newSSHKey() (ssh.PublicKey, []byte, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	shown, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, nil, err
	}
	block, err := ssh.MarshalPrivateKey(crypto.PrivateKey(private), "")
	if err != nil {
		return nil, nil, err
	}
	return shown, pem.EncodeToMemory(block), nil
}

func (s *SSHD) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Restart starts the server again on its port, with its keys.
func (s *SSHD) Restart(ctx context.Context) error {
	binary, err := findProgram("sshd", "openssh-server")
	if err != nil {
		return err
	}
	as, err := unprivileged()
	if err != nil {
		return err
	}
	if err := s.dir.giveTo(as); err != nil {
		return err
	}
	account, err := user.Current()
	if err == nil && as != nil {
		account, err = user.LookupId(strconv.Itoa(int(as.Uid)))
	}
	if err != nil {
		return err
	}
	s.User = account.Username
	cmd := exec.Command(binary, "-D", "-e", "-f", s.dir.file("sshd_config"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if s.process, err = start("sshd", s.dir.path, 0, cmd); err != nil {
		return err
	}
	return waitReady(ctx, "sshd at "+s.address(), s.ready, s.process)
}

// ready succeeds once the server greets.
func (s *SSHD) ready(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: probeTimeout}).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	greeting := make([]byte, len("SSH-2.0"))
	if _, err := conn.Read(greeting); err != nil {
		return err
	}
	if !bytes.Equal(greeting, []byte("SSH-2.0")) {
		return fmt.Errorf("it says %q", greeting)
	}
	return nil
}

// Logins counts the connections that have logged in since the server last started.
func (s *SSHD) Logins() (int, error) {
	log, err := os.ReadFile(s.dir.file("sshd.log"))
	return bytes.Count(log, []byte("Accepted publickey")), err
}

// Break ends the server together with all connections. What it kept stays for Restart.
func (s *SSHD) Break() {
	if s.process == nil {
		return
	}
	// The processes of a connection lead groups of their own.
	connections := descendants(s.process.cmd.Process.Pid)
	s.process.stop()
	for _, pid := range connections {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.process = nil
}

// descendants are the processes that a process has started, and those that these have. Linux only tells them.
func descendants(pid int) []int {
	var all []int
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, child := range strings.Fields(string(children)) {
		if number, err := strconv.Atoi(child); err == nil {
			all = append(append(all, number), descendants(number)...)
		}
	}
	return all
}

// Stop ends the server and removes what it kept.
func (s *SSHD) Stop() error {
	s.Break()
	return s.dir.remove()
}
