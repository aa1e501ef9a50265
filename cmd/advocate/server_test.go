package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

const (
	someCustomers = "ref,name,phone,identities,calls\nK-1,Ann Bee,+12025550101,sandbox/ann,granted\nK-2,Ben Cee,,sandbox/ben,\n"
	someOrders    = "id,customer_ref,status,promised,email,items\nA-1,K-1,shipped,2026-01-02,ann@example.com,2x Kettle (KET-2)\nA-2,K-2,paid,,ben@example.com,\n"
)

// post hands one in over HTTP and returns its customer.
func (s *running) post(t *testing.T, id, author, text string) string {
	t.Helper()
	code, body := s.call(t, "POST", "/v1/posts", map[string]any{
		"network": "sandbox", "id": id, "author": map[string]string{"id": author, "handle": author}, "text": text, "visibility": "private",
	})
	if code != 202 {
		t.Fatalf("post: %d %s", code, body)
	}
	return decode[map[string]any](t, string(body))["customer_id"].(string)
}

// TestCommandsThroughARunningServer does everything twice over: what the
// server does, the commands see, and the other way round.
func TestCommandsThroughARunningServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "c.csv", someCustomers)
	write(t, dir, "o.csv", someOrders)
	s := serve(t, dir)
	for _, f := range []string{"admin.token", "advocate.sock"} {
		if st, err := os.Stat(filepath.Join(s.dir, f)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, mode %v", f, err, st.Mode())
		}
	}
	if out := must(t, dir, "import", "customers", "c.csv"); !strings.Contains(out, "2 added") {
		t.Errorf("import: %s", out)
	}
	if out := must(t, dir, "import", "customers", "c.csv"); !strings.Contains(out, "2 unchanged") {
		t.Errorf("import again: %s", out)
	}
	must(t, dir, "import", "orders", "o.csv")
	id := s.post(t, "p1", "ann", "where is my order A-1? third time I ask, please call me")
	var items []domain.WorkItem
	eventually(t, "a work item", func() bool {
		items = decode[[]domain.WorkItem](t, must(t, dir, "work-item", "list", "--json"))
		return len(items) > 0
	})
	if items[0].Customer.String() != id {
		t.Errorf("the work item is %v's, the post %v's", items[0].Customer, id)
	}
	for _, args := range [][]string{{"explain", "p1"}, {"explain", items[0].ID}, {"explain", items[0].Case, "--all"}} {
		if out := must(t, dir, args...); !strings.Contains(out, "rule") || !strings.Contains(out, "where is my order") && args[1] == "p1" {
			t.Errorf("%v: %s", args, out)
		}
	}
	if out := must(t, dir, "customer", "show", "K-1"); !strings.Contains(out, "Ann Bee") || !strings.Contains(out, "A-1") {
		t.Errorf("show: %s", out)
	}
	if out := must(t, dir, "work-item", "complete", items[0].ID, "--disposition", "reached", "--note", "spoke with her"); !strings.Contains(out, "completed") {
		t.Errorf("complete: %s", out)
	}
	if r := command(t, dir, "", "work-item", "complete", items[0].ID, "--disposition", "reached"); r.code != 1 || !strings.Contains(r.err, "completed") {
		t.Errorf("completing it twice: exit %d %s", r.code, r.err)
	}
	s.post(t, "p2", "ben", "this is outrageous, I will sue you")
	eventually(t, "another work item", func() bool {
		items = decode[[]domain.WorkItem](t, must(t, dir, "work-item", "list", "--json"))
		return len(items) > 0
	})
	for _, args := range [][]string{{}, {"--note", ""}, {"--note", "  "}} {
		if r := command(t, dir, "", append([]string{"work-item", "cancel", items[0].ID}, args...)...); r.code != exitUsage || !strings.Contains(r.err, "--note") {
			t.Errorf("canceled %q without saying why: exit %d %s", args, r.code, r.err)
		}
	}
	must(t, dir, "work-item", "cancel", items[0].ID, "--note", "ben withdrew it")
	if out := must(t, dir, "explain", items[0].ID); !strings.Contains(out, "ben withdrew it") {
		t.Errorf("the record does not say why: %s", out)
	}
	token := strings.TrimSpace(must(t, dir, "token", "create", "--name", "crm", "--role", "read"))
	if !strings.HasPrefix(token, "adv_") || strings.Contains(s.stderr.String(), token) {
		t.Errorf("token %q, log %s", token, s.stderr)
	}
	must(t, dir, "switch", "set", "all", "stopped")
	if out := must(t, dir, "switch", "list"); !strings.Contains(out, "stopped") {
		t.Errorf("switch: %s", out)
	}
	if r := command(t, dir, "", "doctor", "--quick", "--strict"); r.code != 3 || !strings.Contains(r.stdout, "switch") {
		t.Errorf("doctor: exit %d %s", r.code, r.stdout)
	}
	if out := must(t, dir, "doctor", "--quick"); !strings.Contains(out, "warn  switch") {
		t.Errorf("what works and is to be looked at: %s", out)
	}
	must(t, dir, "switch", "set", "all", "live")
	if out := must(t, dir, "doctor"); !strings.Contains(out, "held by the running server") || !strings.Contains(out, "sound") {
		t.Errorf("doctor: %s", out)
	}
	s.stop(t)
	if out := must(t, dir, "token", "list"); !strings.Contains(out, "crm") || strings.Contains(out, "adv_") {
		t.Errorf("without the server: %s", out)
	}
}

func TestImportNamesRefusedLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	write(t, dir, "o.jsonl", "{\"id\":\"A-1\",\"status\":\"paid\"}\nnope\n{\"status\":\"paid\"}\n{\"id\":\"A-2\",\"stauts\":\"paid\"}\n{\"id\":\"A-3\",\"eta\":\"soon\"}\n{\"id\":\"A-4\"}\n")
	r := command(t, dir, "", "import", "orders", "o.jsonl", "--json")
	rep := decode[importReport](t, r.stdout)
	if r.code != 3 || rep.Rows != 6 || rep.Added != 2 || len(rep.Refused) != 4 {
		t.Fatalf("exit %d: %+v", r.code, rep)
	}
	for i, want := range []struct {
		line int
		says string
	}{{2, "not JSON"}, {3, "id: is required"}, {4, "stauts: is not known; accepted are id,"}, {5, "eta: is"}} {
		if got := rep.Refused[i]; got.Line != want.line || !strings.Contains(got.Reason, want.says) {
			t.Errorf("refusal %d is %+v, want line %d saying %q", i, got, want.line, want.says)
		}
	}
}

// TestKillAndReopen kills the server between requests and looks for
// everything that was answered 202.
func TestKillAndReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken := map[string]string{}
	for round := range 3 {
		s := serve(t, dir)
		for i := range 15 {
			id := fmt.Sprintf("p%d-%d", round, i)
			taken[id] = s.post(t, id, fmt.Sprintf("u%d", i), "where is my order B-77? it is late")
		}
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-s.ended
	}
	s := serve(t, dir) // a socket was left behind by the killed one
	for id, customer := range taken {
		x := decode[map[string]any](t, must(t, dir, "explain", "sandbox/"+id, "--json"))
		if x["customer_id"] != customer {
			t.Errorf("%s is %v's, was %v's", id, x["customer_id"], customer)
		}
		if code, body := s.call(t, "POST", "/v1/posts", map[string]any{
			"network": "sandbox", "id": id, "author": map[string]string{"id": "u" + strings.Split(id, "-")[1], "handle": "u" + strings.Split(id, "-")[1]},
			"text": "where is my order B-77? it is late", "visibility": "private",
		}); code != 202 || !strings.Contains(string(body), `"duplicate":true`) {
			t.Errorf("%s again: %d %s", id, code, body)
		}
	}
	s.stop(t)
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "c.csv", someCustomers)
	write(t, dir, "o.csv", someOrders)
	s := serve(t, dir)
	must(t, dir, "import", "customers", "c.csv")
	must(t, dir, "import", "orders", "o.csv")
	must(t, dir, "switch", "set", "all", "stopped") // so that a reply waits
	s.post(t, "p1", "ann", "where is my order A-1?")
	s.post(t, "p2", "ben", "where is my order A-2?")
	eventually(t, "two replies that wait", func() bool {
		n := 0
		for _, e := range decode[[]effectView](t, must(t, dir, "dead-letter", "list", "--state", "pending", "--json")) {
			if e.Kind == domain.EffectReply {
				n++
			}
		}
		return n >= 2
	})
	must(t, dir, "backup", "copy.db")
	if r := command(t, dir, "", "backup", "copy.db"); r.code != 1 || !strings.Contains(r.err, "exists") {
		t.Errorf("a backup overwrote one: %d %s", r.code, r.err)
	}
	must(t, dir, "customer", "erase", "K-2", "--yes")
	s.stop(t)
	if r := command(t, dir, "", "restore", "copy.db"); r.code != 1 || !strings.Contains(r.err, "not empty") {
		t.Errorf("restore over data: %d %s", r.code, r.err)
	}
	log, err := os.ReadFile(filepath.Join(s.dir, "erasures.log"))
	if err != nil || strings.Count(string(log), "\n") != 1 {
		t.Fatalf("erasures.log: %v %q", err, log)
	}
	again := filepath.Join(dir, "again")
	if err := os.Mkdir(again, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, again, "erasures.log", string(log))
	out := must(t, dir, "restore", "copy.db", "--data", again)
	if !strings.Contains(out, "1 customer erased again") {
		t.Errorf("restore: %s", out)
	}
	held := decode[[]effectView](t, must(t, dir, "dead-letter", "list", "--state", "held", "--json", "--data", again))
	pending := decode[[]effectView](t, must(t, dir, "dead-letter", "list", "--state", "pending", "--json", "--data", again))
	if len(held) == 0 || len(pending) != 0 {
		t.Errorf("%d held, %d pending after the restore", len(held), len(pending))
	}
	if out := must(t, dir, "dead-letter", "list", "--data", again); !strings.Contains(out, fmt.Sprintf("%d wait for a release", len(held))) {
		t.Errorf("the dead letters do not tell of what is held: %s", out)
	}
	if r := command(t, dir, "", "customer", "show", "K-2", "--data", again); r.code != 1 {
		t.Errorf("the erased customer is back: %s", r.stdout)
	}
	must(t, dir, "dead-letter", "release", held[0].ID, "--data", again)
	write(t, dir, "junk.db", "this is no database, and longer than a header of one would have to be to look like one at all")
	write(t, dir, "empty.db", "")
	whole, err := os.ReadFile(filepath.Join(dir, "copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	torn := slices.Clone(whole)
	clear(torn[len(torn)/2:])
	write(t, dir, "torn.db", string(torn))
	third := filepath.Join(dir, "third")
	for _, bad := range []string{"junk.db", "empty.db", "torn.db"} {
		if r := command(t, dir, "", "restore", bad, "--data", third); r.code != 1 || !strings.Contains(r.err, bad) {
			t.Errorf("%s was restored: exit %d %s%s", bad, r.code, r.stdout, r.err)
		}
		if left, _ := os.ReadDir(third); len(left) > 0 {
			t.Errorf("%s leaves %s behind, which a server would start with", bad, left[0].Name())
		}
	}
	must(t, dir, "restore", "copy.db", "--data", third)
	if left, _ := filepath.Glob(filepath.Join(third, "*"+restoring+"*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestPlaybookFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := must(t, dir, "playbook", "show")
	broken := "playbook: x\nrules:\n  - name: a\n    on: [pots]\n"
	write(t, dir, "advocate.yaml", "playbook: mine.yaml\n")
	write(t, dir, "mine.yaml", broken)
	if r := command(t, dir, "", "serve", "--listen", "127.0.0.1:0"); r.code != 1 || !strings.Contains(r.err, "mine.yaml:4") {
		t.Fatalf("a broken playbook on the first start: exit %d %s", r.code, r.err)
	}
	write(t, dir, "mine.yaml", good)
	s := serve(t, dir)
	write(t, dir, "mine.yaml", "# another\n"+good)
	eventually(t, "the changed file is published", func() bool {
		return len(decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json"))) == 2
	})
	write(t, dir, "mine.yaml", broken)
	eventually(t, "the broken file is logged", func() bool { return strings.Contains(s.stderr.String(), "stays in use") })
	if rows := decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json")); len(rows) != 2 || !rows[0].Active {
		t.Errorf("%+v", rows)
	}
	s.stop(t)
	s = serve(t, dir) // the file is still broken: the store's version decides
	if rows := decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json")); len(rows) != 2 || !rows[0].Active {
		t.Errorf("after the restart: %+v", rows)
	}
	must(t, dir, "playbook", "activate", "1")
	if rows := decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json")); !rows[1].Active {
		t.Errorf("after activating 1: %+v", rows)
	}
	s.stop(t)
	write(t, dir, "mine.yaml", "# another\n"+good)
	s = serve(t, dir) // what the operator chose stays, and is not passed over in silence
	if rows := decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json")); len(rows) != 2 || !rows[1].Active {
		t.Errorf("after the rollback and a restart: %+v", rows)
	}
	if !strings.Contains(s.stderr.String(), "an operator's choice of playbook stays") {
		t.Errorf("the log does not tell: %s", s.stderr)
	}
	if r := command(t, dir, "", "doctor", "--quick", "--strict"); r.code != exitProblem || !strings.Contains(r.stdout, "activated by cli:tester at") {
		t.Errorf("doctor: exit %d %s", r.code, r.stdout)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil { // an operator's word as well
		t.Fatal(err)
	}
	eventually(t, "the file decides again", func() bool {
		return decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json"))[0].Active
	})
	must(t, dir, "doctor", "--quick", "--strict")
	s.stop(t)
}

// TestPolicyComesBack: a policy that was in force before decides again under
// the version that was published with it.
func TestPolicyComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, c := range []struct {
		company string
		active  int64
	}{{"Foo", 1}, {"Bar", 2}, {"Foo", 1}, {"Foo", 1}, {"Bar", 2}} {
		write(t, dir, "advocate.yaml", "policy: {company: "+c.company+"}\n")
		s := serve(t, dir)
		for _, row := range decode[[]playbookView](t, must(t, dir, "playbook", "list", "--json")) {
			if row.Active != (row.Version == c.active) {
				t.Errorf("start %d with the policy of %s: %+v", i, c.company, row)
			}
		}
		must(t, dir, "doctor", "--quick", "--strict")
		s.stop(t)
	}
}

func TestTwoServersDoNotShareData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	if r := command(t, dir, "", "serve", "--listen", "127.0.0.1:0"); r.code != 1 || !strings.Contains(r.err, "in use") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	if r := command(t, dir, "", "serve", "--data", "other", "--listen", strings.TrimPrefix(s.url, "http://")); r.code != 1 || !strings.Contains(r.err, "--listen") {
		t.Errorf("a taken address: exit %d: %s", r.code, r.err)
	}
	s.stop(t)
}

// TestDemo sees the known customer answered and the stranger asked.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir, "demo", "--no-traffic")
	s.dir = filepath.Join(dir, "data", "demo")
	say := func(handle string) {
		code, body := s.call(t, "POST", "/v1/sandbox/posts", map[string]any{"handle": handle, "text": "@acme where is my order A-10234?", "visibility": "private"})
		if code/100 != 2 {
			t.Fatalf("%s: %d %s", handle, code, body)
		}
	}
	heard := func(handle string) string {
		_, body := s.call(t, "GET", "/v1/sandbox/timeline?as="+handle, nil)
		var tl struct {
			Items []struct {
				Company bool
				To      string
				Text    string
			}
		}
		if err := json.Unmarshal(body, &tl); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		for _, p := range tl.Items {
			if p.Company && p.To == handle {
				return p.Text
			}
		}
		return ""
	}
	say("maria")
	say("somebody")
	eventually(t, "both are answered", func() bool { return heard("maria") != "" && heard("somebody") != "" })
	if text := heard("maria"); !strings.Contains(text, "A-10234") {
		t.Errorf("maria hears %q", text)
	}
	if text := heard("somebody"); strings.Contains(text, "late") || !strings.Contains(text, "postcode") {
		t.Errorf("the stranger hears %q", text)
	}
	s.stop(t)
	if r := command(t, dir, "", "demo", "--reset", "--data", "data"); r.code != 1 || !strings.Contains(r.err, "no demo") {
		t.Errorf("--reset would have emptied %s: %d %s", "data", r.code, r.err)
	}
}

func TestACommandLeavesThePlaybookThatDecidesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", "policy: {company: Foo}\n")
	s := serve(t, dir)
	s.stop(t)
	before := must(t, dir, "playbook", "list")
	elsewhere := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, elsewhere, "token", "list", "--data", data)
	must(t, elsewhere, "doctor", "--data", data)
	if after := must(t, dir, "playbook", "list"); after != before {
		t.Errorf("a command without the configuration changed what decides:\n%s\nbefore:\n%s", after, before)
	}
}
