package sshtunnel

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// connection is one to the host. Gone is closed when it has ended.
type connection struct {
	*ssh.Client
	gone chan struct{}
}

var errGone = errors.New("the connection to it broke")

// open connects to an address through the connection. The library may wait for ever for a channel that is asked for in
// the moment in which the connection breaks, so this ends with it.
func (c *connection) open(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.gone:
			cancel(errGone)
		case <-ctx.Done():
		}
	}()
	conn, err := c.DialContext(ctx, network, address)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return conn, err
}

// watch closes a connection whose other end has gone without a word.
func (c *connection) watch(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var answered chan struct{}
	for {
		select {
		case <-c.gone:
			return
		case <-answered:
			answered = nil
		case <-ticker.C:
			if answered != nil {
				_ = c.Close()
				return
			}
			answered = make(chan struct{})
			go func(answered chan<- struct{}) {
				// Any answer will do: a server that does not know the request says so.
				if _, _, err := c.SendRequest("keepalive@openssh.com", true, nil); err == nil {
					close(answered)
				}
			}(answered)
		}
	}
}
