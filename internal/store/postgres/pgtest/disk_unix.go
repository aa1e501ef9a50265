//go:build unix && !linux

package pgtest

import (
	"errors"
	"os/exec"
)

// ErrNoDisk says that no disk of a server's own can be made here.
var ErrNoDisk = errors.New("a small disk takes Linux")

func (c *Cluster) withDisk(*exec.Cmd) error { return ErrNoDisk }

// Disk is nowhere here.
func (c *Cluster) Disk() (inside, outside string) { return "", "" }
