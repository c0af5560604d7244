package sshtunnel

import "time"

// SetKeepAlive replaces the pause between two questions whether a host is there.
func (p *Pool) SetKeepAlive(every time.Duration) { p.keepAlive = every }
