//go:build unix

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// fault is something that goes wrong for a while under load.
type fault struct {
	name   string
	begin  func()
	away   int           // so many nodes must refuse work meanwhile
	lasts  time.Duration // after that
	end    func()
	settle time.Duration // … within which all nodes work again
}

// TestClusterFaults has the network between nodes and database, or what others
// do in the database, go wrong in every way known, under load.
func TestClusterFaults(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewCluster("deadlock_timeout = '200ms'")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	url := server.URL("postgres")
	nets := []*proxy{newProxy(t, server.Socket()), newProxy(t, server.Socket())}
	r := newClusterRun(t, nets[0].url("postgres"), nets[1].url("postgres"))
	each := func(f func(*proxy)) func() {
		return func() {
			for _, p := range nets {
				f(p)
			}
		}
	}
	stall, calm := each(func(p *proxy) { p.weather(true, 0) }), each(func(p *proxy) { p.weather(false, 0) })
	var locker *locker
	lock := func(sql string) func() { return func() { locker = newLocker(t, url, sql) } }
	unlock := func() { locker.end() }
	long := time.Duration(soak(1, 5))
	faults := []fault{
		{"refused connections", each((*proxy).refuse), 2, time.Second, each((*proxy).listen), 15 * time.Second},
		{"connections reset", each((*proxy).cut), 0, 0, func() {}, 15 * time.Second},
		{"half-open connections that come back", stall, 0, long * 3 * time.Second, calm, 15 * time.Second},
		{"half-open connections that end", func() { nets[0].weather(true, 0) }, 1, 0, func() { nets[0].cut(); calm() }, 15 * time.Second},
		{"a slow network", each(func(p *proxy) { p.weather(false, 60*time.Millisecond) }), 0, long * 3 * time.Second, calm, 15 * time.Second},
		{"a locked table", lock(`LOCK TABLE advocate IN ACCESS EXCLUSIVE MODE`), 0, long * 7 * time.Second, unlock, 15 * time.Second},
		{"locked rows", lock(`SELECT FROM advocate, orders ORDER BY orders.id LIMIT 100 FOR UPDATE`), 0, long * 3 * time.Second, unlock, 15 * time.Second},
		{"a locked outbox", lock(`LOCK TABLE effect IN ACCESS EXCLUSIVE MODE`), 0, long * 3 * time.Second, unlock, 15 * time.Second},
	}
	for range soak(1, 10) {
		for _, f := range faults {
			r.suffer(f)
		}
		r.deadlocks(url, soak(3, 20))
		r.settle()
		r.generation(r.any())
	}
	r.end()
}

func (r *clusterRun) suffer(f fault) {
	r.Helper()
	stop := r.load(4)
	<-time.After(300 * time.Millisecond)
	busy := r.edge.busy.Load()
	f.begin()
	for _, n := range r.nodes[:f.away] {
		began := time.Now()
		r.refused("there are "+f.name, n)
		took := time.Since(began)
		r.Logf("%s: refused within %v", f.name, took.Round(10*time.Millisecond))
		if took > 30*time.Second {
			r.Error("that is too long")
		}
	}
	<-time.After(f.lasts)
	f.end()
	took := r.flow(f.name)
	stop()
	r.Logf("%s: %d requests turned away, work went on %v after it was over", f.name, r.edge.busy.Load()-busy, took.Round(10*time.Millisecond))
	if took > f.settle {
		r.Errorf("%s: that is more than %v", f.name, f.settle)
	}
	if r.Failed() {
		r.FailNow()
	}
}

// locker is another session that holds locks until end.
type locker struct {
	*testing.T
	c  *pgx.Conn
	tx pgx.Tx
}

func newLocker(t *testing.T, url, sql string) *locker {
	t.Helper()
	c := database(t, url)
	tx, err := c.Begin(context.Background())
	if err == nil {
		_, err = tx.Exec(context.Background(), sql)
	}
	if err != nil {
		t.Fatal(sql, err)
	}
	return &locker{t, c, tx}
}

func (l *locker) end() {
	l.Helper()
	if err := errors.Join(l.tx.Rollback(context.Background()), l.c.Close(context.Background())); err != nil {
		l.Error(err)
	}
}

// deadlocks has another session lock orders in the opposite order to ours,
// until so many deadlocks happened.
func (r *clusterRun) deadlocks(url string, most int) {
	r.Helper()
	db, watch := database(r.T, url), database(r.T, url)
	ctx := context.Background()
	count := func() int64 {
		return one[int64](r.T, watch, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)
	}
	before := count()
	stop := r.load(2)
	last := len(r.people) - 1
	want, end := before+int64(most), time.Now().Add(60*time.Second)
	for n := 0; count() < want; n++ {
		if time.Now().After(end) {
			r.Fatalf("%d deadlocks were made, want %d", count()-before, most)
		}
		// A batch about all orders, which a node locks in the order of their ids.
		batch := make(chan bool, 1)
		r.mu.Lock()
		items := make([]*item, 0, len(r.people))
		for _, one := range r.people {
			r.next++
			items = append(items, &item{event: true, id: fmt.Sprintf("e%d", r.next), to: []*person{one}})
			items[len(items)-1].body = fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"/kill","type":"order.delayed","customerid":%q,"orderid":%q}`, r.next, one.ref, one.order)
		}
		r.mu.Unlock()
		tx, err := db.Begin(ctx)
		if err != nil {
			r.Fatal(err)
		}
		_, err = tx.Exec(ctx, `SELECT FROM orders WHERE id = $1 FOR UPDATE`, r.people[last].order)
		go func() { batch <- r.deliver(r.client(r.nodes[n%len(r.nodes)].now()), items) }()
		eventually(r.T, "a node waits for the order", func() bool {
			return one[bool](r.T, watch, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())`)
		})
		if err == nil { // its own error is as good as none: one of the two has to lose
			_, _ = tx.Exec(ctx, `SELECT FROM orders WHERE id = ANY ($1) FOR UPDATE`, []string{r.people[0].order})
		}
		tx.Rollback(ctx) // it may have been the one that lost
		<-batch
	}
	stop()
	r.Logf("%d deadlocks with another session", count()-before)
	r.flow("deadlocks")
}

// TestClusterFullDisk fills the disk that the database's tables lie on.
func TestClusterFullDisk(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewDiskCluster(96)
	if errors.Is(err, pgtest.ErrNoDisk) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	inside, outside := server.Disk()
	if err := server.Exec(`CREATE TABLESPACE small LOCATION '`+inside+`'`, `CREATE DATABASE small TABLESPACE small`); err != nil {
		t.Fatal(err)
	}
	url := server.URL("small")
	r := newClusterRun(t, url, url)
	for range soak(1, 10) {
		stop := r.load(4)
		<-time.After(300 * time.Millisecond)
		full := filepath.Join(outside, "full")
		fillDisk(t, full)
		r.refused("the disk is full", r.nodes...)
		<-time.After(time.Second)
		fillDisk(t, full) // what was freed meanwhile
		for _, n := range r.nodes {
			eventually(t, "it is not ready", func() bool {
				a := r.client(n.now()).send("GET", "/readyz", "")
				return a.status == 503
			})
		}
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
		took := r.flow("there was room again")
		stop()
		t.Logf("work went on %v after there was room", took.Round(10*time.Millisecond))
		if took > 15*time.Second {
			t.Error("that is too long")
		}
		r.settle()
		r.generation(r.any())
	}
	r.end()
}

// fillDisk writes until there is no room.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for size := len(block); size > 0; {
		if n, err := f.Write(block[:size]); err != nil && n == 0 {
			size /= 16
		}
	}
}
