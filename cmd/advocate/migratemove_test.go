//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// databases starts a server of the test's own and returns what makes a
// database on it.
func databases(t *testing.T) func(name string) (url string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	cluster, err := pgtest.NewCluster(pgtest.Fast()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	return func(name string) string {
		t.Helper()
		c, err := pgx.Connect(t.Context(), cluster.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		if _, err := c.Exec(t.Context(), "CREATE DATABASE "+name+" ENCODING 'UTF8' TEMPLATE template0"); err != nil {
			t.Fatal(err)
		}
		return cluster.URL(name)
	}
}

func refused(t *testing.T, r result, words ...string) {
	t.Helper()
	for _, w := range words {
		if r.code == 0 || !strings.Contains(r.err, w) {
			t.Fatalf("exit %d, want %q in: %s%s", r.code, w, r.stdout, r.err)
		}
	}
}

// TestMoveToPostgres does what an operator does: a server with customers, its
// move, and the server that goes on.
func TestMoveToPostgres(t *testing.T) {
	t.Parallel()
	database := databases(t)
	dir, url := t.TempDir(), database("moved")
	write(t, dir, "c.csv", someCustomers)
	write(t, dir, "o.csv", someOrders)
	s := serve(t, dir)
	must(t, dir, "import", "customers", "c.csv")
	must(t, dir, "import", "orders", "o.csv")
	must(t, dir, "switch", "set", "all", "stopped") // so that a reply waits
	ann := s.post(t, "p1", "ann", "where is my order A-1? third time I ask, please call me")
	eventually(t, "a work item and a reply that waits", func() bool {
		return len(decode[[]any](t, must(t, dir, "work-item", "list", "--json"))) > 0 &&
			strings.Contains(must(t, dir, "dead-letter", "list", "--state", "pending", "--json"), `"reply"`)
	})
	migrate := []string{"migrate", "--from", "sqlite:data", "--to", url}
	refused(t, command(t, dir, "", migrate...), "stop the server")
	s.stop(t)
	want := map[string]string{}
	looks := [][]string{{"customer", "show", ann, "--json"}, {"work-item", "list", "--json"}, {"dead-letter", "list", "--json", "--state", "pending"}, {"switch", "list", "--json"}, {"token", "list", "--json"}}
	for _, args := range looks {
		want[args[0]] = must(t, dir, args...)
	}
	refused(t, command(t, dir, "", "migrate", "--from", "sqlite:nowhere", "--to", url), "nothing to move")
	refused(t, command(t, dir, "", "migrate", "--from", "data", "--to", url), "--from")
	refused(t, command(t, dir, "", "migrate", "--from", "sqlite:data", "--to", "mysql://x"), "--to")
	refused(t, command(t, dir, "", append(migrate, "--cancel")...), "is not being moved")

	full := database("taken")
	must(t, dir, "migrate", "--store", full)
	must(t, dir, "playbook", "publish", "--store", full, write(t, dir, "p.yaml", must(t, dir, "playbook", "show")))
	refused(t, command(t, dir, "", "migrate", "--from", "sqlite:data", "--to", full), "not empty", "playbook")
	serve(t, dir).stop(t) // a refusal leaves no mark

	out := must(t, dir, migrate...)
	if !strings.Contains(out, "moved and compared") || !strings.Contains(out, "serve --store") {
		t.Errorf("migrate: %s", out)
	}
	if have := asked(t, url)(allTables); !strings.Contains(have, "sandbox_post") { // nodes' user may be one who cannot make them
		t.Errorf("the tables after the move: %s", have)
	}
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"customer", "show", ann}, {"migrate"}} {
		refused(t, command(t, dir, "", args...), "was moved to", "--store")
	}
	refused(t, command(t, dir, "", migrate...), "moved already")
	refused(t, command(t, dir, "", append(migrate, "--cancel")...), "cannot be given up")
	for _, args := range looks {
		if got := must(t, dir, append(args, "--store", url)...); got != want[args[0]] {
			t.Errorf("%s: %s\nbefore the move: %s", args, got, want[args[0]])
		}
	}
	next := serve(t, dir, "serve", "--store", url)
	if again := next.post(t, "p2", "ann", "hello? anybody there?"); again != ann {
		t.Errorf("after the move ann is %s, before %s", again, ann)
	}
	if again := next.post(t, "p1", "ann", "where is my order A-1? third time I ask, please call me"); again != ann {
		t.Errorf("a post that was known is %s's", again)
	}
	next.stop(t)
}

// closed reports whether a move has closed its target to nodes.
func closed(t *testing.T, url string) (yes bool) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(t.Context(), "SELECT to_regclass('advocate_move') IS NOT NULL").Scan(&yes); err != nil {
		t.Fatal(err)
	} else if !yes {
		return false
	}
	if err := c.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM advocate_move)").Scan(&yes); err != nil {
		t.Fatal(err)
	}
	return yes
}

// TestMoveIsKilled kills the process again and again.
func TestMoveIsKilled(t *testing.T) {
	t.Parallel()
	database := databases(t)
	dir, url := t.TempDir(), database("killed")
	var orders strings.Builder
	orders.WriteString("id,customer_ref,status\n")
	const n = 20000
	for i := range n {
		fmt.Fprintf(&orders, "A-%d,K-%d,shipped\n", i, i%500)
	}
	write(t, dir, "o.csv", orders.String())
	must(t, dir, "migrate")
	must(t, dir, "import", "orders", "o.csv")
	migrate := []string{"migrate", "--from", "sqlite:" + filepath.Join("data", "advocate.db"), "--to", url}
	killed, marked, open := 0, 0, 0
	for wait := 150 * time.Millisecond; ; wait += 60 * time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		cmd := exec.CommandContext(ctx, binary, migrate...) // killed when the time is up
		cmd.Dir, cmd.Env = dir, cleanEnv()
		out, err := cmd.CombinedOutput()
		over := ctx.Err() == nil
		cancel()
		if over {
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			break
		}
		killed++
		// At no moment does either side serve what it may not.
		if here := command(t, dir, "", "switch", "list"); here.code != 0 {
			if strings.Contains(here.err, "was moved to") {
				break // killed when all was done, and before it could say so
			}
			refused(t, here, "is being moved to")
			marked++
			if !closed(t, url) {
				continue // killed before the move came so far
			}
			if there := command(t, dir, "", "switch", "list", "--store", url); there.code == 0 {
				open++ // killed between the last two marks: all is there, and this side serves nothing
			}
		} else if marked > 0 {
			t.Fatalf("the source is open again after a kill at %v", wait)
		}
	}
	t.Logf("killed %d times, %d of them under way", killed, marked)
	if open > 1 {
		t.Errorf("the target was open %d times", open)
	}
	refused(t, command(t, dir, "", "switch", "list"), "was moved to")
	if out := must(t, dir, "import", "orders", "o.csv", "--store", url); !strings.Contains(out, fmt.Sprint(n, " unchanged")) {
		t.Errorf("import of the same orders: %s", out)
	}
	if marked == 0 {
		t.Error("it was never killed under way")
	}
}

// TestMoveIsGivenUp goes back.
func TestMoveIsGivenUp(t *testing.T) {
	t.Parallel()
	database := databases(t)
	dir, url := t.TempDir(), database("off")
	write(t, dir, "o.csv", someOrders)
	must(t, dir, "migrate")
	must(t, dir, "import", "orders", "o.csv")
	migrate := []string{"migrate", "--from", "sqlite:data", "--to", url}
	must(t, dir, "migrate", "--store", url) // the schema, and nothing else
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	// A server that writes something else than it was told to.
	_, err = c.Exec(t.Context(), `CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body := coalesce((SELECT body FROM orders LIMIT 1), NEW.body); RETURN NEW; END $$;
		CREATE TRIGGER odd BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION odd()`)
	if err := errors.Join(err, c.Close(context.Background())); err != nil {
		t.Fatal(err)
	}
	refused(t, command(t, dir, "", migrate...), "table orders", "The same command", "--cancel")
	refused(t, command(t, dir, "", "switch", "list"), "is being moved to", "--cancel")
	refused(t, command(t, dir, "", "switch", "list", "--store", url), "is being moved into")
	wrong := command(t, dir, "", "migrate", "--from", "sqlite:data", "--to", database("other"))
	refused(t, wrong, "is being moved to")
	if strings.Contains(wrong.err, "The same command") {
		t.Errorf("with another target than the one that was begun: %s", wrong.err)
	}
	must(t, dir, append(migrate, "--cancel")...)
	must(t, dir, "switch", "list")
	refused(t, command(t, dir, "", "switch", "list", "--store", url), "given up")
	refused(t, command(t, dir, "", migrate...), "name an empty database")
	must(t, dir, "migrate", "--from", "sqlite:data", "--to", database("good"))
}
