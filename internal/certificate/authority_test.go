package certificate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/certificate/pebble"
	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/vault"
)

// turns is the lease of a cluster in one process.
type turns struct{ mu sync.Mutex }

func (l *turns) alone(ctx context.Context, _ string, work func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() == nil {
		work(ctx)
	}
}

// node is an Authority over a store, with a log.
func node(t *testing.T, st store.Store, keys string, p *pebble.Server, change func(*Options)) (*Authority, *pebble.Log) {
	t.Helper()
	log := &pebble.Log{}
	o := Options{
		Store: st, Sealer: vault.New(vault.Options{Store: st, Now: time.Now, File: keys}), Clock: clock.Real(), Logger: slog.New(slog.NewTextHandler(log, nil)),
		Domains: []string{"desk.example"}, Email: "ops@desk.example", Directory: p.Directory, CA: p.CA, AllowPrivate: true, Version: "test",
		Alone: func(ctx context.Context, _ string, work func(context.Context)) { work(ctx) },
	}
	if change != nil {
		change(&o)
	}
	a, err := NewAuthority(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.client.CloseIdleConnections)
	return a, log
}

// run works until the test, or who calls stop, ends it.
func run(t *testing.T, a *Authority) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); a.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

// TestTwoNodesOneOrder: two nodes need the same certificates at the same
// moment. One orders; the authority reaches the other one; both show the same
// certificate; it is renewed in time, once; a third node needs no order.
func TestTwoNodesOneOrder(t *testing.T) {
	t.Parallel()
	st, keys, lease := memory.New(), filepath.Join(t.TempDir(), "vault.key"), &turns{}
	ln, port := listen(t)
	p := pebble.Start(t, port, pebble.FreePort(t), 10)
	with := func(o *Options) { o.Alone = lease.alone }
	first, log := node(t, st, keys, p, with)
	second, _ := node(t, st, keys, p, with)
	other, _ := listen(t)
	serve(t, other, first.Config(), http.NotFoundHandler())
	serve(t, ln, second.Config(), http.NotFoundHandler()) // whom the authority reaches
	run(t, first)
	defer func() {
		if t.Failed() {
			t.Logf("%s\n%s", log, p.Log)
		}
	}()
	pebble.Await(t, "the first has the lease", func() bool { return p.Orders() == 1 })
	run(t, second)

	serial := func(addr string) string {
		c, err := shownAt(t.Context(), addr, "desk.example", nil)
		if err != nil {
			return ""
		}
		if err := c.VerifyHostname("desk.example"); err != nil {
			t.Error(err)
		}
		return c.SerialNumber.String()
	}
	pebble.Await(t, "a certificate", func() bool { return serial(ln.Addr().String()) != "" })
	was := serial(other.Addr().String())
	if is := serial(ln.Addr().String()); is != was || p.Orders() != 1 {
		t.Errorf("two nodes show %s and %s after %d orders", was, is, p.Orders())
	}
	third, _ := node(t, st, keys, p, nil)
	if err := third.take(t.Context(), "desk.example"); err != nil || third.current("desk.example") == nil || p.Orders() != 1 {
		t.Errorf("a new node: %v, %d orders", err, p.Orders())
	}
	pebble.Await(t, "a renewal", func() bool { return serial(other.Addr().String()) != was })
	if p.Orders() != 2 {
		t.Errorf("%d orders for two certificates", p.Orders())
	}
	s, err := first.Status(t.Context())
	if err != nil || s.From != FromACME || s.Failing() || !s.Soonest().After(time.Now()) || s.Renewed == 0 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, c := range []string{"other.example", "desk.example.evil"} {
		if _, err := shownAt(t.Context(), ln.Addr().String(), c, nil); err == nil {
			t.Errorf("something is shown for %s", c)
		}
	}
	if _, err := shownAt(t.Context(), ln.Addr().String(), "", nil); err != nil {
		t.Errorf("without a name nothing is shown: %v", err)
	}
	checkSealed(t, st)
	if n, err := Reseal(t.Context(), st, stale{vault.New(vault.Options{Store: st, Now: time.Now, File: keys})}); err != nil || n != 2 {
		t.Errorf("%d sealed anew, %v; want the account and the certificate", n, err)
	}
	fresh, _ := node(t, st, keys, p, nil)
	if err := fresh.take(t.Context(), "desk.example"); err != nil || fresh.current("desk.example") == nil {
		t.Errorf("after sealing anew: %v", err)
	}
}

// stale says of everything that it is under an old key.
type stale struct{ *vault.Vault }

func (stale) Stale([]byte) bool { return true }

// checkSealed: no key stands in the store as it is.
func checkSealed(t *testing.T, st store.Store) {
	t.Helper()
	err := st.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: Kind, Limit: 100})
		if len(docs) == 0 {
			t.Error("nothing is in the store")
		}
		for _, d := range docs {
			if strings.Contains(string(d.Body), "PRIVATE") || strings.Contains(string(d.Body), "LS0tLS1CRUdJTiB") {
				t.Errorf("%s holds a key", d.ID)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestByHTTP: where the authority cannot reach the TLS port, the next attempt
// is by HTTP.
func TestByHTTP(t *testing.T) {
	t.Parallel()
	ln, port := listen(t)
	p := pebble.Start(t, pebble.FreePort(t), port, 3600)
	now := clock.NewManual(time.Now())
	st, keys := memory.New(), filepath.Join(t.TempDir(), "vault.key")
	a, log := node(t, st, keys, p, func(o *Options) { o.Clock, o.HTTP = now, true })
	serve(t, ln, nil, a.Handler(http.NotFoundHandler()))

	next := a.look(t.Context(), "desk.example")
	if !next.Equal(now.Now().Add(firstPause)) {
		t.Errorf("after a failure the next attempt is at %s", next)
	}
	s, err := a.Status(t.Context())
	if err != nil || !s.Failing() || !s.Soonest().IsZero() || !strings.Contains(s.Certificates[0].Problem, "tls-alpn-01") {
		t.Errorf("%+v, %v", s, err)
	}
	if !strings.Contains(log.String(), "a certificate could not be ordered") {
		t.Errorf("the log says %s", log)
	}
	orders := p.Orders()
	b, _ := node(t, st, keys, p, func(o *Options) { o.Clock, o.HTTP = now, true }) // as after a restart
	if again := b.look(t.Context(), "desk.example"); !again.Equal(next) || p.Orders() != orders {
		t.Errorf("a restart asks again: at %s, %d orders", again, p.Orders())
	}
	now.Advance(firstPause)
	b.look(t.Context(), "desk.example")
	if s, err = b.Status(t.Context()); err != nil || s.Failing() || s.Soonest().IsZero() {
		t.Errorf("by HTTP: %+v, %v\n%s", s, err, p.Log)
	}
	if due := b.look(t.Context(), "desk.example"); p.Orders() != orders+1 || due.Before(now.Now()) {
		t.Errorf("looked at again it is ordered again: %d orders, next %s", p.Orders(), due)
	}
	for _, path := range []string{"/.well-known/acme-challenge/none", "/.well-known/acme-challenge/a/b", "/.well-known/acme-challenge/" + strings.Repeat("a", 300), "/"} {
		if r, err := http.Get(fmt.Sprintf("http://%s%s", ln.Addr(), path)); err != nil || r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v %v", path, r, err)
		} else {
			r.Body.Close()
		}
	}
	// Another authority is another account and another certificate.
	c, _ := node(t, st, keys, p, func(o *Options) { o.Clock, o.HTTP, o.Directory = now, true, p.Directory+"?" })
	c.look(t.Context(), "desk.example")
	if p.Orders() != orders+2 {
		t.Errorf("with another directory there are %d orders", p.Orders())
	}
}

// TestPrivateAuthority: an authority inside is asked only where that is
// configured, and nothing but the failure is kept.
func TestPrivateAuthority(t *testing.T) {
	t.Parallel()
	p := &pebble.Server{Directory: fmt.Sprintf("https://127.0.0.1:%d/dir", pebble.FreePort(t)), CA: pebble.NewRoot(t).File(t)}
	a, _ := node(t, memory.New(), filepath.Join(t.TempDir(), "vault.key"), p, func(o *Options) { o.AllowPrivate = false })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := a.account(ctx); err == nil || !strings.Contains(err.Error(), "allow_private") {
		t.Errorf("asking inside gives %v", err)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{1: time.Minute, 2: 2 * time.Minute, 5: 16 * time.Minute, 8: time.Hour, 1000: time.Hour} {
		if got := pause(failures); got != want {
			t.Errorf("after %d failures %s, want %s", failures, got, want)
		}
	}
}
