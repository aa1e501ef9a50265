package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A merge that a backup still has and that was undone since must neither
// bring the erased side back nor take the other one away.
func TestRestorePartsMerged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ erased, stays string }{{"anna", "bert"}, {"bert", "anna"}} {
		t.Run(c.erased, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, dir)
			s.post(t, "p1", "anna", "my toaster of anna is broken")
			s.post(t, "p2", "bert", "my lamp of bert is broken")
			eventually(t, "both customers", func() bool {
				return command(t, dir, "", "customer", "show", "sandbox/anna").code == 0 && command(t, dir, "", "customer", "show", "sandbox/bert").code == 0
			})
			out := must(t, dir, "customer", "merge", "sandbox/anna", "sandbox/bert")
			merge := ""
			for _, w := range strings.Fields(out) {
				if strings.Contains(w, "-m") {
					merge = strings.Trim(w, ".,;\"")
				}
			}
			must(t, dir, "backup", "copy.db")
			must(t, dir, "customer", "unmerge", merge)
			must(t, dir, "customer", "erase", "sandbox/"+c.erased, "--yes")
			s.stop(t)
			log := filepath.Join(s.dir, "erasures.log")
			if b, err := os.ReadFile(log); err != nil || strings.Count(string(b), "\n") != 1 {
				t.Fatalf("erasures.log: %v %q", err, b)
			}
			again := filepath.Join(dir, "again")
			if out := must(t, dir, "restore", "copy.db", "--data", again, "--erasures", log); !strings.Contains(out, "1 customer erased again") {
				t.Errorf("restore: %s", out)
			}
			if r := command(t, dir, "", "customer", "show", "sandbox/"+c.erased, "--data", again); r.code != 1 {
				t.Errorf("%s is back: %s", c.erased, r.stdout)
			}
			if out := must(t, dir, "customer", "show", "sandbox/"+c.stays, "--data", again); !strings.Contains(out, c.stays) || strings.Contains(out, "of "+c.erased) {
				t.Errorf("%s should stand alone: %s", c.stays, out)
			}
			left, err := os.ReadFile(filepath.Join(again, "advocate.db"))
			if err != nil || !strings.Contains(string(left), "of "+c.stays) {
				t.Errorf("%s's post is gone: %v", c.stays, err)
			}
		})
	}
}
