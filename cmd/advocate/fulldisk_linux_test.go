package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// smallDisk is a file system of a few MiB that only one process and its
// children see: a mount in a namespace of their own, which needs no rights
// where the system lets users have namespaces.
func smallDisk(t *testing.T, mib int, args ...string) *exec.Cmd {
	t.Helper()
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dm,mode=0700 none "$1" && shift && exec "$@"`, mib)
	attr := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	probe := exec.Command("sh", "-c", script, "sh", t.TempDir(), "true")
	probe.SysProcAttr = attr
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("no small disk can be made here: %v %s", err, out)
	}
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.SysProcAttr = attr
	return cmd
}

// TestFullDisk fills the disk under a running server: it says so to whoever
// brings something, to balancers, dashboards and the operator, and goes on by
// itself when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := smallDisk(t, 8, disk, binary, "serve", "--data", filepath.Join(disk, "data"), "--listen", "127.0.0.1:0")
	s := started(t, dir, cmd)
	disk = filepath.Join("/proc", fmt.Sprint(cmd.Process.Pid), "root", disk) // as the server sees it
	s.dir = filepath.Join(disk, "data")
	ready := func() (int, string) {
		code, body := s.call(t, "GET", "/readyz", nil)
		return code, string(body)
	}
	if code, body := ready(); code != http.StatusOK {
		t.Fatalf("before: %d %s", code, body)
	}
	full := filepath.Join(disk, "full")
	fill(t, full)
	// nobody has brought anything in yet
	eventually(t, "readyz says no", func() bool {
		code, body := ready()
		return code == http.StatusServiceUnavailable && strings.Contains(body, "not ready: the store has no space left")
	})
	post := map[string]any{"network": "sandbox", "id": "p1", "author": map[string]string{"id": "ann", "handle": "ann"}, "text": strings.Repeat("where is my order? ", 500)}
	for range 3 {
		if code, body := s.call(t, "POST", "/v1/posts", post); code != http.StatusServiceUnavailable || !strings.Contains(string(body), "no space left") {
			t.Fatalf("a post on a full disk: %d %s", code, body)
		}
	}
	draft := map[string]any{"handle": "ann", "text": strings.Repeat("where is my order? ", 200)}
	if code, body := s.call(t, "POST", "/v1/sandbox/posts", draft); code != http.StatusServiceUnavailable {
		t.Errorf("a post of the sandbox page: %d %s", code, body)
	}
	if _, body := s.call(t, "GET", "/metrics", nil); !strings.Contains(string(body), "advocate_store_writable_state 0") {
		t.Error("the metrics do not tell")
	}
	r := command(t, dir, "", "doctor", "--quick", "--data", s.dir)
	if r.code != exitProblem || !strings.Contains(r.stdout, "the store has no space left, since") || !strings.Contains(r.stdout, "make room") {
		t.Errorf("doctor: exit %d %s%s", r.code, r.stdout, r.err)
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	eventually(t, "readyz says yes again", func() bool { code, _ := ready(); return code == http.StatusOK })
	if code, body := s.call(t, "POST", "/v1/posts", post); code != http.StatusAccepted || strings.Contains(string(body), `"duplicate":true`) {
		t.Errorf("the post again: %d %s", code, body)
	}
	r = command(t, dir, "", "doctor", "--quick", "--data", s.dir)
	if !strings.Contains(r.stdout, "takes writes") {
		t.Errorf("doctor: exit %d %s%s", r.code, r.stdout, r.err)
	}
	s.stop(t)
	if log := s.stderr.String(); !strings.Contains(log, "takes writes again") || strings.Count(log, "level=ERROR") > 3 {
		t.Errorf("the log:\n%s", log)
	}
}

// TestBackupOntoSmallDisk: a copy for which there is no room says so, and leaves
// nothing behind.
func TestBackupOntoSmallDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	must(t, dir, "migrate")
	st, err := sqlite.Open(t.Context(), filepath.Join(dir, "data", "advocate.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(t.Context(), func(tx store.Tx) error {
		orders := make([]domain.Order, 24000) // so many that SQLite leaves its journal
		for i := range orders {
			orders[i] = domain.Order{ID: fmt.Sprint("A-", i), Reason: strings.Repeat("x", 1000)}
		}
		return tx.OrderPut(orders)
	})
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	cmd := smallDisk(t, 4, disk, "sh", "-c", `"$0" backup "$1/b.db"; echo "exit $?"; ls -A "$1"`, binary, disk)
	cmd.Dir, cmd.Env = dir, cleanEnv()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "exit 1\n") || !strings.Contains(string(out), "no space left") || !strings.Contains(string(out), "MiB are wanted on the disk of "+disk+", and ") {
		t.Errorf("%v\n%s", err, out)
	}
}

// fill writes until nothing more fits on a small disk, and on no other.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for n := 0; len(block) > 0; n++ {
		if n > 1000 {
			t.Fatalf("%s is on no small disk", path)
		}
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
