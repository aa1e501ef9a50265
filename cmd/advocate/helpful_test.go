package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSlipsAreNamed: what a wrong word leads to says what is accepted.
func TestSlipsAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	for args, want := range map[string]string{
		"wrok list":           `did you mean "work-item"?`,
		"playbook activate x": "playbook list",
		"token create --name a --role read --expires 90x": "such as 90d",
		"switch set rule:nosuch approve":                  "there is no rule",
	} {
		if r := command(t, dir, "", strings.Fields(args)...); r.code == 0 || !strings.Contains(r.err, want) {
			t.Errorf("%s: exit %d %s", args, r.code, r.err)
		}
	}
	must(t, dir, "token", "create", "--name", "a", "--role", "read", "--expires", "90d")
	write(t, dir, "no.db", "no database")
	if r := command(t, dir, "", "restore", "no.db", "--data", "fresh"); r.code == 0 {
		t.Error("restored nothing")
	}
	if _, err := os.Stat(filepath.Join(dir, "fresh")); err == nil {
		t.Error("a failed restore left its directory")
	}
}

// TestOrderHistory: the command line tells all of a customer's orders, and
// when they are to come.
func TestOrderHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	write(t, dir, "c.csv", "ref,name,identities\nK-1,Ann Bee,sandbox/ann\n")
	write(t, dir, "o.csv", "id,customer_ref,status,eta,promised,email\nA-1,K-1,delayed,2026-12-20,2026-12-10,ann@example.com\nA-2,K-1,paid,,,ann@example.com\n")
	must(t, dir, "import", "customers", "c.csv")
	must(t, dir, "import", "orders", "o.csv")
	out := must(t, dir, "customer", "show", "K-1")
	for _, want := range []string{"A-1 delayed promised 2026-12-10 expected 2026-12-20 (may be told)", "A-2 paid (may be told)"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	v := decode[customerView](t, must(t, dir, "customer", "show", "sandbox/ann", "--json"))
	if len(v.Orders) != 2 || v.Orders[0].Email != "" {
		t.Errorf("%+v", v.Orders)
	}
	must(t, dir, "customer", "export", "K-1", "--out", "ann.json")
	if r := command(t, dir, "", "customer", "export", "K-1", "--out", "ann.json"); r.code == 0 || !strings.Contains(r.err, "not written over") {
		t.Errorf("exported over a file: %s", r.err)
	}
}

// TestManyProblemsInOneLine: a log and a table tell the first problem of a
// playbook and how many there are.
func TestManyProblemsInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "mine.yaml", must(t, dir, "playbook", "show"))
	write(t, dir, "advocate.yaml", "playbook: mine.yaml\nnetworks: {sandbox: {enabled: on}}\n")
	serve(t, dir).stop(t)
	write(t, dir, "mine.yaml", "playbook: x\nrules:\n  - name: a\n    on: [pots]\n    do:\n      - repply: {template: hello}\n  - nmae: b\n    on: [post]\n")
	s := serve(t, dir)
	r := command(t, dir, "", "doctor", "--quick")
	s.stop(t)
	line := ""
	for l := range strings.Lines(s.stderr.String()) {
		if strings.Contains(l, "playbook file cannot be used") {
			line = l
		}
	}
	if n := strings.Count(line, "mine.yaml:"); n != 1 || !strings.Contains(line, "more such problems") {
		t.Errorf("the log names %d problems: %s", n, line)
	}
	if n := strings.Count(r.stdout, "mine.yaml:"); n != 1 || !strings.Contains(strings.Join(strings.Fields(r.stdout), " "), "more such problems") {
		t.Errorf("doctor: %s", r.stdout)
	}
}

// TestReplaySaysHowToLookAtIt: what a replay prints leads to "explain", with
// the directory that it needs.
func TestReplaySaysHowToLookAtIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "p.csv", "id,author,text\np-1,ann,I love the new mugs\n")
	if out := must(t, dir, "replay", "p.csv"); !strings.Contains(out, "With --data DIR it is kept") {
		t.Errorf("%s", out)
	}
	if out := must(t, dir, "replay", "p.csv", "--data", "kept"); !strings.Contains(out, `"advocate explain POST-ID --data kept"`) {
		t.Errorf("%s", out)
	}
	must(t, dir, "explain", "p-1", "--data", "kept")
	if err := os.MkdirAll(filepath.Join(dir, "data", "demo"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "data", "demo"), "advocate.db", "")
	if r := command(t, dir, "", "explain", "p-1"); !strings.Contains(r.err, "--data "+filepath.Join("data", "demo")) {
		t.Errorf("%s", r.err)
	}
}
