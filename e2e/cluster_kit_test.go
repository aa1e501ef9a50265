//go:build unix

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// clusterRun is a killRun on several nodes: the same customers, the same
// checks of everything that was ever answered, and load on all nodes while
// something is done to them or to their database.
type clusterRun struct {
	*killRun
	nodes []*clusterNode
	edge  *edge
	began time.Time
	limit uint64 // MiB that a node may take
}

// clusterNode is a node, whose process may be another one from time to time.
type clusterNode struct {
	h   *house
	mu  sync.Mutex
	p   *process
	top uint64 // MiB that its processes took at most
}

func (n *clusterNode) now() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.p
}

func (n *clusterNode) set(p *process) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.p = p
}

// edge sees every answer. Whoever is turned away must be told when to come
// back.
type edge struct {
	t                *testing.T
	busy, gone, took atomic.Int64 // 429 and 503, no answer, 2xx
}

func (e *edge) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	switch {
	case err != nil:
		e.gone.Add(1)
	case res.StatusCode == 429 || res.StatusCode == 503:
		e.busy.Add(1)
		if n, err := strconv.Atoi(res.Header.Get("Retry-After")); r.Method == "POST" && (err != nil || n < 1 || n > 60) {
			e.t.Errorf("%s %s: %d with Retry-After %q", r.Method, r.URL.Path, res.StatusCode, res.Header.Get("Retry-After"))
		}
	case res.StatusCode < 300:
		e.took.Add(1)
	}
	return res, err
}

// newClusterRun starts a node for each URL of one database.
func newClusterRun(t *testing.T, urls ...string) *clusterRun {
	t.Helper()
	r := &clusterRun{killRun: newKillRun(t, 0), edge: &edge{t: t}, began: time.Now(), limit: 256}
	r.http.Transport = r.edge
	var wg sync.WaitGroup
	for _, url := range urls {
		h := newHouse(t)
		h.args, h.env = r.house.args, append(h.env, "ADVOCATE_STORE="+url)
		n := &clusterNode{h: h}
		r.nodes = append(r.nodes, n)
		wg.Go(func() { n.set(h.start()) })
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	r.house = r.nodes[0].h
	r.token = r.house.token("load", "admin")
	r.client(r.any()).post("somebody", "public", "good morning", "")
	r.generation(r.any())
	return r
}

func (r *clusterRun) any() *process { return r.nodes[0].now() }

// load has workers send to all nodes until stop is called, which returns when
// the last one has heard its answer. It leaves the machine room for others:
// what is looked for comes from what happens meanwhile, not from much load.
func (r *clusterRun) load(workers int) (stop func()) {
	pause := 50 * time.Millisecond
	if os.Getenv("ADVOCATE_SOAK") != "" {
		pause = 10 * time.Millisecond
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for w := range workers {
		rng := rand.New(rand.NewPCG(r.seed, uint64(time.Now().UnixNano())+uint64(w)))
		wg.Go(func() {
			for ctx.Err() == nil {
				n := r.nodes[rng.IntN(len(r.nodes))]
				r.deliver(r.client(n.now()), r.choose(rng))
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(rng.Int64N(int64(2 * pause)))):
				}
			}
		})
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			wg.Wait()
		}
	}
	r.Cleanup(stop)
	return stop
}

// flow waits until every node takes work again and returns how long that took.
func (r *clusterRun) flow(what string) time.Duration {
	r.Helper()
	began := time.Now()
	for i, n := range r.nodes {
		c := r.client(n.now())
		eventually(r.T, fmt.Sprintf("node %d takes work again after %s", i, what), func() bool {
			body := fmt.Sprintf(`{"network":"sandbox","id":"flow %d %d","author":{"id":"flow"},"text":"hello","visibility":"private"}`, i, time.Now().UnixNano())
			return c.send("POST", "/v1/posts", body).status == 202 && c.send("GET", "/readyz", "").status == 200
		})
	}
	return time.Since(began)
}

// settle looks at everything that anybody was ever told, and at the memory
// that the nodes took.
func (r *clusterRun) settle() {
	r.Helper()
	r.killRun.settle(r.any())
	for i, n := range r.nodes {
		r.memory(i, n)
	}
	n := r.count
	r.Logf("%v: %d acknowledged, %d duplicates told, %d sent again, %d turned away, %d without an answer, %d decisions, %d messages",
		time.Since(r.began).Round(time.Second), n.acked, n.duplicates, n.resent, r.edge.busy.Load(), r.edge.gone.Load(), n.records, n.messages)
}

// memory holds the most that a node has taken against the limit.
func (r *clusterRun) memory(i int, n *clusterNode) {
	r.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.now().cmd.Process.Pid))
	if err != nil {
		return // not Linux, or it has ended
	}
	_, rest, _ := bytes.Cut(b, []byte("VmHWM:"))
	var kib uint64
	fmt.Sscan(string(rest), &kib)
	if n.top = max(n.top, kib>>10); n.top > r.limit {
		r.Errorf("node %d took %d MiB", i, n.top)
	}
}

// end stops all nodes.
func (r *clusterRun) end() {
	r.Helper()
	for i, n := range r.nodes {
		r.memory(i, n)
		if code := n.now().stop(); code != 0 {
			r.Errorf("node %d ended with %d:\n%s", i, code, n.now().log)
		}
		r.Logf("node %d took %d MiB at most", i, n.top)
	}
}

// soak says how often something is done: few times in every test run, and
// more in "make soak".
func soak(short, long int) int {
	if os.Getenv("ADVOCATE_SOAK") == "" {
		return short
	}
	if n, err := strconv.Atoi(os.Getenv("ADVOCATE_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return long
}

// database is a connection of the test's own.
func database(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// one asks for one value.
func one[T any](t *testing.T, c *pgx.Conn, sql string, args ...any) (v T) {
	t.Helper()
	if err := c.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
