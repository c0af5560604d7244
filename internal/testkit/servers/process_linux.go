package servers

import "syscall"

// attributes put a server into its own process group and let it die with the process that started it, however that ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
