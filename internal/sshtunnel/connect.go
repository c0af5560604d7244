package sshtunnel

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// connect logs in to the host, whose key has to be a known one. The private key is read each time, so that one which was
// renewed counts at once.
func (t *Tunnel) connect(ctx context.Context) (*ssh.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	known, err := parseKnownHosts(t.host)
	if err != nil {
		return nil, err
	}
	signer, err := t.signer(ctx)
	if err != nil {
		return nil, err
	}
	address := t.host.address()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "jump host %s is unreachable: %w", address, err)
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	login := &login{known: known}
	secured, channels, requests, err := ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		User: t.host.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: login.check, HostKeyAlgorithms: known.algorithms,
	})
	if err != nil {
		_ = conn.Close()
		return nil, login.failure(t.host, err)
	}
	_ = conn.SetDeadline(time.Time{})
	return ssh.NewClient(secured, channels, requests), nil
}

// signer reads the private key. What the parser says of a key is left out, because it may show some of it.
func (t *Tunnel) signer(ctx context.Context) (ssh.Signer, error) {
	key, err := t.reader.Read(ctx, t.host.Identity)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey([]byte(key.Reveal()))
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "jump host %s: secret %s is no private key without passphrase: store one as ssh-keygen writes it", t.host.address(), t.host.Identity)
	}
	return signer, nil
}

// login remembers how far a login came.
type login struct {
	known knownHosts
	// refused is why the host's key was not taken; trusted says that it was.
	refused error
	trusted bool
}

func (l *login) check(address string, remote net.Addr, key ssh.PublicKey) error {
	l.refused = l.known.check(address, remote, key)
	l.trusted = l.refused == nil
	return l.refused
}

// failure classifies an error of a login: what comes after the host's key was taken is about ours, if it is an answer.
func (l *login) failure(host Host, err error) error {
	var negotiation *ssh.AlgorithmNegotiationError
	var network net.Error
	switch {
	case l.refused != nil:
		return l.refused
	case errors.As(err, &negotiation):
		return apierr.Errorf(apierr.Invalid, "jump host %s: %w; see that %s has a key of a kind that the host still shows", host.address(), err, host.KnownHostsPath)
	case l.trusted && !errors.As(err, &network) && !errors.Is(err, io.EOF):
		return apierr.Errorf(apierr.Denied, "jump host %s does not let %s log in with the key in secret %s: add its public key to the user's authorized_keys, or store the right key",
			host.address(), host.User, host.Identity)
	default:
		return apierr.Errorf(apierr.Unavailable, "jump host %s does not complete the login: %w", host.address(), err)
	}
}
