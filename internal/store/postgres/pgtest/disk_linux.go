package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// ErrNoDisk says that no disk of a server's own can be made here.
var ErrNoDisk = errors.New("a small disk takes root and setpriv")

// withDisk has the server begin in a place where a small disk is mounted that
// only it and its children see. It goes with the server.
func (c *Cluster) withDisk(cmd *exec.Cmd) error {
	setpriv, err := exec.LookPath("setpriv")
	if os.Getuid() != 0 || c.who == nil || err != nil {
		return ErrNoDisk
	}
	dir := filepath.Join(c.dir, "disk")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	user, group := fmt.Sprint(c.who.Uid), fmt.Sprint(c.who.Gid)
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dm,mode=0700,uid=%s,gid=%s none "$1" && shift && exec %s --reuid=%s --regid=%s --clear-groups --pdeathsig=QUIT "$@"`, c.disk, user, group, setpriv, user, group)
	args := append([]string{"sh", "-c", script, "sh", dir}, cmd.Args...)
	cmd.Path, cmd.Args = "/bin/sh", args
	cmd.SysProcAttr.Credential = nil
	cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	return nil
}

// Disk is the small disk: as the server knows it, and as it is seen from
// here while the server runs.
func (c *Cluster) Disk() (inside, outside string) {
	inside = filepath.Join(c.dir, "disk")
	return inside, filepath.Join("/proc", fmt.Sprint(c.PID()), "root", inside)
}
