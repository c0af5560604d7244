//go:build !linux

package servers

import "syscall"

// attributes put a server into its own process group. Only Linux can tie its life to its parent's: elsewhere a server
// outlives a parent that was killed before it could stop it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
