//go:build unix

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// cluster is one PostgreSQL database and the nodes on it.
func newCluster(t *testing.T, nodes int) (houses []*house) {
	t.Helper()
	url := pgtest.Bare(t)
	for range nodes {
		h := newHouse(t)
		h.env = append(h.env, "ADVOCATE_STORE="+url)
		houses = append(houses, h)
	}
	return houses
}

// TestTwoNodes tells one customer's story through two nodes.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	houses := newCluster(t, 2)
	// Both start at once on an empty database: one makes the tables, one the
	// first token.
	var nodes [2]*process
	var wg sync.WaitGroup
	for i, h := range houses {
		wg.Go(func() { nodes[i] = h.start() })
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	save(t, houses[0].dir+"/orders.csv", "id,customer_ref,status,promised,email\nA-1000,C-1,created,2026-01-02,ann@example.com\n")
	save(t, houses[0].dir+"/customers.csv", "ref,name,identities\nC-1,Ann,sandbox/ann\n")
	houses[0].run("", "import", "customers", houses[0].dir+"/customers.csv")
	houses[1].run("", "import", "orders", houses[0].dir+"/orders.csv")
	admin := houses[1].token("both", "admin")
	a, b := nodes[0].client(admin), nodes[1].client(admin)

	events := b.stream("advocate.reply.sent,advocate.post.received")
	a.post("ann", "private", "where is my order A-1000?", "")
	if text := b.await("ann", 1); !strings.Contains(text, "A-1000") {
		t.Errorf("the answer is %q", text)
	}
	if got := a.messages("ann"); len(got) != 1 {
		t.Errorf("the node that took the post shows %q", got)
	}
	for _, want := range []string{"advocate.post.received", "advocate.reply.sent"} {
		events.wait(want)
	}
	if x, y := a.who("Ann"), b.who("C-1"); x != y {
		t.Errorf("one node knows %+v, the other %+v", x, y)
	}
	// An event on one node reaches the subscription made on the other.
	b.event("e1", "order.delayed", "A-1000", `{"eta":"2027-01-01"}`)
	a.rest()
	a.await("ann", 2)
	houses[1].run("", "switch", "set", "all", "stopped")
	b.post("ben", "private", "hello there", "")
	eventually(t, "the reply waits", func() bool { return a.status().EffectsPending > 0 })
	houses[0].run("", "switch", "set", "all", "live")
	a.await("ben", 1)
	if out, errs, code := houses[0].try("", "doctor", "--quick", "--json"); code != 0 && code != 3 || !strings.Contains(out, "findings") || strings.Contains(out+errs, "panic") {
		t.Errorf("doctor: exit %d\n%s%s", code, out, errs)
	}
	for _, p := range nodes {
		if code := p.stop(); code != 0 {
			t.Errorf("a node ended with %d", code)
		}
	}
}

// TestKilledNodeLosesNothing kills one of two nodes under load: what it has
// acknowledged is decided once, what runs on one node is taken over, and the
// sandbox delivers on.
func TestKilledNodeLosesNothing(t *testing.T) {
	t.Parallel()
	houses := newCluster(t, 2)
	first := houses[0].start()
	second := houses[1].start() // the first has the leases
	token := houses[0].token("load", "admin")
	var posted sync.Map
	var taken atomic.Int64
	var wg sync.WaitGroup
	var stop atomic.Bool
	for side, p := range []*process{first, second, first, second} {
		c := p.client(token)
		wg.Go(func() {
			for n := 0; !stop.Load() && n < 400; n++ {
				id := fmt.Sprintf("s%d-%d", side, n)
				body := fmt.Sprintf(`{"network":"sandbox","id":%q,"author":{"id":"author%d"},"text":"hello there, a question","visibility":"private"}`, id, n%40)
				if a := c.send("POST", "/v1/posts", body); a.err == nil && a.status == 202 {
					posted.Store(id, true)
					taken.Add(1)
				} else if a.err != nil {
					return // its node is gone
				}
			}
		})
	}
	eventually(t, "both take posts", func() bool { return taken.Load() > 100 })
	first.kill()
	died := time.Now()
	c := second.client(token)
	c.post("zoe", "private", "is anybody there?", "")
	c.await("zoe", 1)
	if took := time.Since(died); took > 10*time.Second {
		t.Errorf("the sandbox's posts were delivered again after %v", took)
	}
	stop.Store(true)
	wg.Wait()
	again := houses[0].start()
	c = again.client(token)
	// What the killed node had begun to send is sent again when its leases end;
	// the tests of the engine and "make soak" wait for that.
	eventually(t, "everything is decided", func() bool { return c.status().InboxPending == 0 })
	// Every acknowledged post stands in one customer's history, once.
	seen := map[string]int{}
	for _, who := range list[customer](c, "/v1/customers?") {
		for _, e := range list[entry](c, "/v1/customers/"+who.ID+"/history") {
			if e.Kind == "post" {
				seen[e.Ref]++
			}
		}
	}
	posted.Range(func(id, _ any) bool {
		if seen[id.(string)] != 1 {
			t.Errorf("post %v was decided %d times", id, seen[id.(string)])
		}
		return true
	})
	if s := c.status(); s.Stuck > 0 || s.EffectsDead > 0 {
		t.Errorf("in the end: %+v", s)
	}
}

// TestDatabaseGoesAway crashes the database server under two nodes and starts
// it again.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	var clients []*client
	var nodes []*process
	for i := range 2 {
		h := newHouse(t)
		h.env = append(h.env, "ADVOCATE_STORE="+server.URL("postgres"))
		p := h.start()
		nodes = append(nodes, p)
		token := ""
		if i == 0 {
			token = h.token("away", "admin")
		} else {
			token = clients[0].token
		}
		clients = append(clients, p.client(token))
	}
	clients[0].post("ann", "private", "hello there", "")
	clients[1].await("ann", 1)
	if err := server.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		eventually(t, "it is not ready", func() bool { return c.send("GET", "/readyz", "").status == 503 })
		a := c.send("GET", "/readyz", "")
		if !strings.Contains(a.body, "cannot be reached") {
			t.Errorf("not ready: %s", a.body)
		}
		if a := c.send("GET", "/healthz", ""); a.status != 200 {
			t.Errorf("alive: %d %s", a.status, a.body)
		}
		body := `{"network":"sandbox","id":"away","author":{"id":"ben"},"text":"hello there, a question","visibility":"private"}`
		if a := c.send("POST", "/v1/posts", body); a.status != 503 || a.header.Get("Retry-After") == "" {
			t.Errorf("a post while the database is away: %d %s", a.status, a.body)
		}
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		eventually(t, "it is ready again", func() bool { return c.send("GET", "/readyz", "").status == 200 })
	}
	clients[1].post("ann", "private", "are you back?", "")
	clients[0].await("ann", 2)
	for _, p := range nodes {
		if code := p.stop(); code != 0 {
			t.Errorf("a node ended with %d", code)
		}
	}
}

// listener follows a node's stream of events.
type listener struct {
	c     *client
	found chan string
}

func (c *client) stream(types string) *listener {
	c.Helper()
	ctx, stop := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/v1/stream?types="+types, nil)
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		c.Fatal(res, err)
	}
	l := &listener{c, make(chan string, 1000)}
	go func() {
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if body, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				var e struct{ Type string }
				if json.Unmarshal([]byte(body), &e) == nil {
					l.found <- e.Type
				}
			}
		}
	}()
	c.Cleanup(stop)
	return l
}

// wait returns when an event of a type came.
func (l *listener) wait(kind string) {
	l.c.Helper()
	for end := time.After(10 * time.Second); ; {
		select {
		case got := <-l.found:
			if got == kind {
				return
			}
		case <-end:
			l.c.Fatalf("the stream did not show %s", kind)
		}
	}
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
