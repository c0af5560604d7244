package sshtunnel

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// knownHosts are the keys that a host may show.
//
// Differs from the reference: its tunnels for the native client take any key.
type knownHosts struct {
	host   Host
	verify ssh.HostKeyCallback
	// algorithms are those of the known keys. A host that has several keys then shows one that is known.
	algorithms []string
}

// parseKnownHosts reads the host's known keys. There is at least one.
func parseKnownHosts(host Host) (knownHosts, error) {
	k := knownHosts{host: host}
	// The parser reads files only. What it reads is public.
	file, err := os.CreateTemp("", "known_hosts-*")
	if err != nil {
		return k, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(host.KnownHosts)
	if err := errors.Join(err, file.Close()); err != nil {
		return k, err
	}
	if k.verify, err = knownhosts.New(file.Name()); err != nil {
		return k, apierr.Errorf(apierr.Invalid, "jump host %s: %s", host.address(), strings.ReplaceAll(err.Error(), file.Name(), host.KnownHostsPath))
	}
	keys, err := k.keys()
	if err != nil {
		return k, err
	}
	if len(keys) == 0 {
		return k, apierr.Errorf(apierr.Invalid, "jump host %s is not in %s: add its key there, as `ssh-keyscan -p %s %s` prints it, after comparing it with the host's own",
			host.address(), host.KnownHostsPath, portOf(host), host.Hostname)
	}
	for _, key := range keys {
		for _, algorithm := range algorithmsOf(key.Key.Type()) {
			if !slices.Contains(k.algorithms, algorithm) {
				k.algorithms = append(k.algorithms, algorithm)
			}
		}
	}
	return k, nil
}

func portOf(host Host) string {
	_, port, _ := net.SplitHostPort(host.address())
	return port
}

// keys are the known keys of the host: what the library wanted to see where it is shown a key that nobody has.
func (k knownHosts) keys() ([]knownhosts.KnownKey, error) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	nobodys, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	var mismatch *knownhosts.KeyError
	if err := k.verify(k.host.address(), &net.TCPAddr{}, nobodys); !errors.As(err, &mismatch) {
		return nil, err
	}
	return mismatch.Want, nil
}

// algorithmsOf are the signatures that a kind of key makes. That of RSA with SHA-1 is left out.
func algorithmsOf(kind string) []string {
	if kind == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{kind}
}

// check refuses a key that is not known.
func (k knownHosts) check(address string, remote net.Addr, key ssh.PublicKey) error {
	if err := k.verify(address, remote, key); err != nil {
		return apierr.Errorf(apierr.Invalid, "jump host %s shows the key %s %s, which is not the one in %s: if the host was set up anew, replace its key there, else somebody intercepts the connection",
			k.host.address(), key.Type(), ssh.FingerprintSHA256(key), k.host.KnownHostsPath)
	}
	return nil
}
