//go:build unix && !linux

package pgtest

import "syscall"

// processAttributes runs a program as somebody else.
func processAttributes(who *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who, Setpgid: true}
}
