//go:build unix

package main

import "syscall"

// keepPrivate lets nobody else on the machine read what the program writes:
// databases, backups, exports, keys.
func keepPrivate() { syscall.Umask(0o077) }
