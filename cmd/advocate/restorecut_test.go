package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// TestNothingBeginsWhereARestoreWasCutOff: no empty company comes into being
// where one is to be again, and the restore can be run once more.
func TestNothingBeginsWhereARestoreWasCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	must(t, dir, "token", "create", "--name", "crm", "--role", "read")
	must(t, dir, "backup", "copy.db")
	log := logOfAnother(t)
	for _, left := range [][]string{{".partial"}, {"", ".lock", "-wal", "-shm", "-journal"}} {
		again := t.TempDir()
		for _, suffix := range left {
			text := "half of it"
			if suffix == "-wal" {
				text = log
			}
			write(t, again, "advocate.db.restoring"+suffix, text)
		}
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"migrate"}, {"token", "list"}} {
			if r := command(t, dir, "", append(args, "--data", again)...); r.code != 1 || !strings.Contains(r.err, "a restore into "+again+" was cut off") {
				t.Errorf("%v with %q: exit %d %s", args, left, r.code, r.err)
			}
		}
		r := command(t, dir, "", "doctor", "--quick", "--data", again)
		if r.code != exitProblem || !strings.Contains(r.stdout, "BAD   database       a restore into") {
			t.Errorf("doctor: exit %d\n%s", r.code, r.stdout)
		}
		if entries, err := os.ReadDir(again); err != nil || len(entries) != len(left) {
			t.Fatalf("there are %v, %v", entries, err)
		}
		must(t, dir, "restore", "copy.db", "--data", again)
		if out := must(t, dir, "token", "list", "--data", again); !strings.Contains(out, "crm") {
			t.Errorf("restored: %s", out)
		}
		if out := must(t, dir, "switch", "list", "--data", again); strings.Contains(out, "stopped") {
			t.Errorf("what was cut off came along: %s", out)
		}
		if left, _ := filepath.Glob(filepath.Join(again, "*"+restoring+"*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// logOfAnother returns the log of a database that is not closed, as a program
// that is killed leaves it.
func logOfAnother(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "another.db")
	st, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Update(t.Context(), func(tx store.Tx) error {
		return tx.SwitchPut(store.Switch{Scope: "all", Mode: "stopped", At: time.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil || len(log) == 0 {
		t.Fatalf("a log of %d bytes, %v", len(log), err)
	}
	return string(log)
}

// TestRestoreLeavesAnotherAlone: a restore beside one that is at work touches
// nothing of it, and of several that begin at once one restores.
func TestRestoreLeavesAnotherAlone(t *testing.T) {
	t.Parallel()
	dir, again := t.TempDir(), t.TempDir()
	must(t, dir, "migrate")
	must(t, dir, "token", "create", "--name", "crm", "--role", "read")
	must(t, dir, "backup", "copy.db")
	lock, err := sqlite.Lock(filepath.Join(again, "advocate.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", ".lock", "-wal", "-shm"} {
		write(t, again, "advocate.db.restoring"+suffix, "at work")
	}
	if r := command(t, dir, "", "restore", "copy.db", "--data", again); r.code != 1 || !strings.Contains(r.err, "another restore, or a server, is at work in "+again) {
		t.Errorf("beside another: exit %d %s%s", r.code, r.stdout, r.err)
	}
	for _, suffix := range []string{"", ".lock", "-wal", "-shm"} {
		if b, err := os.ReadFile(filepath.Join(again, "advocate.db.restoring"+suffix)); string(b) != "at work" {
			t.Errorf("the other's %q: %q, %v", suffix, b, err)
		}
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	var did [4]result
	var all sync.WaitGroup
	for i := range did {
		all.Go(func() { did[i] = command(t, dir, "", "restore", "copy.db", "--data", again) })
	}
	all.Wait()
	restored := 0
	for _, r := range did {
		switch {
		case r.code == 0:
			restored++
		case !strings.Contains(r.err, "is at work in") && !strings.Contains(r.err, "is not empty"):
			t.Errorf("exit %d %s%s", r.code, r.stdout, r.err)
		}
	}
	if restored != 1 {
		t.Errorf("%d of %d restored", restored, len(did))
	}
	if out := must(t, dir, "token", "list", "--data", again); !strings.Contains(out, "crm") {
		t.Errorf("restored: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(again, "*"+restoring+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
