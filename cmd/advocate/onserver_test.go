//go:build unix

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestCommandsOnAServer runs commands on a PostgreSQL database without a node.
func TestCommandsOnAServer(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.Bare(t), t.TempDir()
	on := func(args ...string) []string { return append([]string{"--store", url}, args...) }
	if r := command(t, dir, "", on("token", "list")...); r.code != 1 || !strings.Contains(r.err, `"advocate migrate"`) {
		t.Fatalf("on an empty database: exit %d, %s", r.code, r.err)
	}
	must(t, dir, on("migrate")...)
	must(t, dir, on("token", "create", "--name", "crm", "--role", "ingest")...)
	if out := must(t, dir, on("token", "list")...); !strings.Contains(out, "crm") {
		t.Errorf("the tokens are\n%s", out)
	}
	write(t, dir, "customers.csv", "ref,name,identities\nC-1,Ann,sandbox/ann\n")
	must(t, dir, on("import", "customers", "customers.csv")...)
	if out := must(t, dir, on("customer", "show", "C-1")...); !strings.Contains(out, "Ann") {
		t.Errorf("the customer is\n%s", out)
	}
	must(t, dir, on("customer", "erase", "C-1", "--yes")...)
	r := command(t, dir, "", on("doctor", "--json")...)
	if r.code != 0 && r.code != 3 {
		t.Fatalf("doctor: exit %d, %s", r.code, r.err)
	}
	found := map[string]string{}
	for _, f := range decode[struct{ Findings []finding }](t, r.stdout).Findings {
		found[f.What] = f.State
		// The tests' servers do not sync, and it is to be said.
		if f.State == "bad" && f.What != "durability" || f.State == "ok" && f.What == "durability" && pgtest.Shared(t) != nil {
			t.Errorf("%+v", f)
		}
	}
	for _, what := range []string{"server", "schema", "connections", "privileges", "autovacuum", "dead rows", "standby", "clock", "integrity"} {
		if found[what] == "" {
			t.Errorf("doctor does not tell of %q: %v", what, found)
		}
	}
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	// What restore does after PostgreSQL's own tools: nobody else may be there.
	if _, err := c.Exec(t.Context(), `SET application_name = 'advocate'`); err != nil {
		t.Fatal(err)
	}
	if r := command(t, dir, "", on("restore")...); r.code != 1 || !strings.Contains(r.err, "stop them first") {
		t.Errorf("while a node is there: exit %d, %s", r.code, r.err)
	}
	if _, err := c.Exec(t.Context(), `SET application_name = 'psql'`); err != nil {
		t.Fatal(err)
	}
	if out := must(t, dir, on("restore")...); !strings.Contains(out, "0 customers erased again") {
		t.Errorf("restore says %s", out)
	}
}

// asked returns what runs statements in a database, each giving one text.
func asked(t *testing.T, url string) func(sql string) string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return func(sql string) (out string) {
		t.Helper()
		rows, err := c.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&out); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return out
	}
}

const allTables = `SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 'public'`

// TestKeyOfACluster: where the key of a cluster's secrets is made is told, and
// so is a node's data directory that lacks it.
func TestKeyOfACluster(t *testing.T) {
	t.Parallel()
	url, first, other := pgtest.Bare(t), t.TempDir(), t.TempDir()
	must(t, first, "migrate", "--store", url)
	add := func(dir, name string) result {
		return command(t, dir, "s3cret\n", "secret", "set", name, "--store", url)
	}
	if r := add(first, "a"); r.code != 0 || !strings.Contains(r.err, "vault.key. Every node needs a copy") {
		t.Fatalf("exit %d, %s%s", r.code, r.err, r.stdout)
	}
	if r := add(first, "b"); r.code != 0 || strings.Contains(r.err, "vault.key") {
		t.Fatalf("exit %d, %s%s", r.code, r.err, r.stdout)
	}
	told := func(dir string) string {
		for _, f := range decode[struct{ Findings []finding }](t, command(t, dir, "", "doctor", "--json", "--store", url).stdout).Findings {
			if f.What == "secrets" {
				return f.Says
			}
		}
		return ""
	}
	if got := told(first); got != "" {
		t.Errorf("where the key is, doctor says %q", got)
	}
	if got := told(other); !strings.Contains(got, "copy vault.key") {
		t.Errorf("where it is not, doctor says %q", got)
	}
}

// TestCommandsMakeNoTables: what serve and migrate make, no other command does.
func TestCommandsMakeNoTables(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), t.TempDir()
	ask := asked(t, url)
	before := ask(allTables)
	for _, args := range [][]string{{"token", "list"}, {"switch", "list"}, {"customer", "list"}, {"doctor", "--quick"}} {
		command(t, dir, "", append(args, "--store", url)...)
		if now := ask(allTables); now != before {
			t.Fatalf("%s: the tables are %s, and were %s", args, now, before)
		}
	}
	must(t, dir, "migrate", "--store", url)
	if ask(allTables) == before {
		t.Error("migrate makes none for the sandbox network")
	}
}

// TestLookingLeavesADatabaseEmpty: what has only been looked at is moved into.
func TestLookingLeavesADatabaseEmpty(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.Bare(t), t.TempDir()
	must(t, dir, "migrate")
	write(t, dir, "customers.csv", "ref,name,identities\nC-1,Ann,sandbox/ann\n")
	must(t, dir, "import", "customers", "customers.csv")
	must(t, dir, "migrate", "--store", url)
	if out := command(t, dir, "", "doctor", "--quick", "--store", url).stdout; !strings.Contains(out, "none is active yet") {
		t.Errorf("doctor says\n%s", out)
	}
	for _, args := range [][]string{{"token", "list"}, {"switch", "list"}, {"playbook", "list"}, {"customer", "list"}} {
		command(t, dir, "", append(args, "--store", url)...)
	}
	if n := asked(t, url)(`SELECT count(*)::text FROM playbook`); n != "0" {
		t.Errorf("%s playbooks were published", n)
	}
	must(t, dir, "migrate", "--from", "sqlite:data", "--to", url)
	if out := must(t, dir, "customer", "show", "C-1", "--store", url); !strings.Contains(out, "Ann") {
		t.Errorf("the customer is\n%s", out)
	}
}

// TestNodesMayMakeNoTables serves as a user who may only read and write what
// "advocate migrate" has made for them.
func TestNodesMayMakeNoTables(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Shared(t)
	if cluster == nil {
		t.Skip("makes a user; only on a server of the tests' own")
	}
	dir, url := t.TempDir(), pgtest.Bare(t)
	ask := asked(t, url)
	low := "low_" + ask(`SELECT current_database()`)
	must(t, dir, "migrate", "--store", url)
	for _, sql := range []string{
		`CREATE ROLE ` + low + ` LOGIN`, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + low, `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ` + low,
	} {
		ask(sql)
	}
	before, as := ask(allTables), strings.Replace(url, "user=advocate", "user="+low, 1)
	must(t, dir, "token", "list", "--store", as)
	s := serve(t, dir, "serve", "--store", as)
	customer := s.post(t, "p1", "ann", "where is my order A-1?")
	eventually(t, "a reply on the sandbox network", func() bool {
		return ask(`SELECT count(*)::text FROM sandbox_post WHERE company`) != "0"
	})
	must(t, dir, "customer", "show", customer, "--store", as)
	if code, body := s.call(t, "GET", "/readyz", nil); code != 200 {
		t.Errorf("/readyz: %d %s", code, body)
	}
	s.stop(t)
	if now := ask(allTables); now != before {
		t.Errorf("the tables are %s, and were %s", now, before)
	}
}

// TestBenchNodes: a benchmark runs several processes over one database.
func TestBenchNodes(t *testing.T) {
	t.Parallel()
	url := pgtest.Bare(t)
	for _, c := range []struct {
		says string
		args []string
	}{
		{"--nodes: is 1", []string{"bench", "--nodes", "1", "--store", url}},
		{"only PostgreSQL", []string{"bench", "--nodes", "2"}},
		{"sqlite, or postgres://", []string{"bench", "--store", "postgres"}},
	} {
		if r := command(t, t.TempDir(), "", c.args...); r.code != 2 || !strings.Contains(r.err, c.says) {
			t.Errorf("%v: exit %d, %s", c.args, r.code, r.err)
		}
	}
	dir := t.TempDir()
	out := must(t, dir, "bench", "--advocates", "500", "--seconds", "1", "--fanout", "0", "--nodes", "2", "--store", url, "--json")
	rep := decode[benchReport](t, out)
	if len(rep.Nodes) != 2 || rep.Nodes[1].Nodes != 2 || rep.Nodes[1].EventsPerSecond <= 0 || rep.Nodes[1].CPUPerEvent <= 0 || rep.Nodes[1].HalfCPU <= 0 || rep.WholeCPU < rep.CPUPerEvent {
		t.Errorf("the report is %s", out)
	}
}
