//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestSocketIsNeverOpenToOthers: in a directory that everybody may enter and
// under a umask that leaves everything open, no moment shows a socket that
// others could connect to. It does not run beside other tests: the umask is
// the process's.
func TestSocketIsNeverOpenToOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(dir, "advocate.sock")
	if err := os.WriteFile(path, nil, 0o600); err != nil { // as one that was left behind
		t.Fatal(err)
	}
	quit, seen := make(chan struct{}), make(chan os.FileMode, 1)
	go func() {
		defer close(seen)
		for {
			select {
			case <-quit:
				return
			default:
			}
			if st, err := os.Lstat(path); err == nil && st.Mode().Perm()&0o077 != 0 {
				seen <- st.Mode()
				return
			}
		}
	}()
	for range 200 {
		ln, err := listenSocket(path)
		if err != nil {
			t.Fatal(err)
		}
		if st, err := os.Lstat(path); err != nil || st.Mode().Type() != os.ModeSocket || st.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", st, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Fatalf("%v, %v", left, err)
		}
		go func() {
			if c, err := ln.Accept(); err == nil {
				c.Close()
			}
		}()
		c, err := net.DialTimeout("unix", path, 2*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
		if err := ln.Close(); err == nil {
			t.Fatal("closed twice")
		}
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Fatalf("the socket stays: %v", err)
		}
	}
	close(quit)
	if mode, open := <-seen; open {
		t.Errorf("a socket of mode %v was seen", mode)
	}
}
