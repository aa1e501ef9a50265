package pgtest

import "syscall"

// processAttributes runs a program as somebody else and ends it with us.
func processAttributes(who *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
}
