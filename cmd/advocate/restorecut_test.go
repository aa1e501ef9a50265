package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingBeginsWhereARestoreWasCutOff: no empty company comes into being
// where one is to be again, and the restore can be run once more.
func TestNothingBeginsWhereARestoreWasCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	must(t, dir, "token", "create", "--name", "crm", "--role", "read")
	must(t, dir, "backup", "copy.db")
	for _, left := range [][]string{{".partial"}, {"", ".lock", "-wal", "-shm"}} {
		again := t.TempDir()
		for _, suffix := range left {
			write(t, again, "advocate.db.restoring"+suffix, "half of it")
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
		if left, _ := filepath.Glob(filepath.Join(again, "*"+restoring+"*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}
