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
