//go:build unix

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// tookOver is how soon a killed node's effects leave from another one.
const tookOver = 15 * time.Second

// attempt is one delivery that the receiver got.
type attempt struct {
	key        string
	begun, end time.Time // end is zero while it is under way
}

// receiver takes notifications. The first attempt at each is never answered:
// it ends when whoever sends it gives up.
type receiver struct {
	*testing.T
	url string
	mu  sync.Mutex
	got []attempt
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{T: t}
	quit := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		key := req.Header.Get("webhook-id")
		r.mu.Lock()
		first := true
		for _, a := range r.got {
			first = first && a.key != key
		}
		n := len(r.got)
		r.got = append(r.got, attempt{key: key, begun: time.Now()})
		r.mu.Unlock()
		if first {
			select {
			case <-req.Context().Done():
			case <-quit:
			}
		}
		r.mu.Lock()
		r.got[n].end = time.Now()
		r.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(quit) })
	r.url = s.URL
	return r
}

// seen waits for the n-th attempt.
func (r *receiver) seen(n int) attempt {
	r.Helper()
	var a attempt
	eventually(r.T, "a notification is on its way", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.got) < n {
			return false
		}
		a = r.got[n-1]
		return true
	})
	return a
}

// check looks for the same key in every attempt and for two at once.
func (r *receiver) check(attempts int) {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) != attempts {
		r.Errorf("there were %d attempts, want %d: %+v", len(r.got), attempts, r.got)
	}
	for i := 1; i < len(r.got); i++ {
		before, a := r.got[i-1], r.got[i]
		if a.key == "" || a.key != before.key {
			r.Errorf("attempt %d has the key %q, the one before %q", i+1, a.key, before.key)
		}
		if before.end.IsZero() || before.end.After(a.begun) {
			r.Errorf("attempt %d began at %v, the one before ended at %v: two at once", i+1, a.begun.Format("05.000"), before.end.Format("05.000"))
		}
	}
}

// telling makes a house whose advocates notify the receiver of every post.
func (r *receiver) telling(url string) *house {
	r.Helper()
	h := newHouse(r.T)
	dir := r.TempDir()
	book, config := filepath.Join(dir, "book.yaml"), filepath.Join(dir, "advocate.yaml")
	for path, text := range map[string]string{
		book:   "playbook: tell\nrules:\n  - name: tell\n    on: post\n    do:\n      - notify: {webhook: crm, text: \"{post.text}\"}\n",
		config: "playbook: " + book + "\nwebhooks:\n  - {name: crm, url: \"" + r.url + "\", allow_private: true, timeout: 40s}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
	}
	h.args = []string{"--config", config}
	h.env = append(h.env, "ADVOCATE_STORE="+url)
	return h
}

// TestClusterEffectsOfAKilledNode kills a node while it sends. As long as it
// lives nobody else sends the same; afterwards somebody does soon, with the
// same key.
func TestClusterEffectsOfAKilledNode(t *testing.T) {
	t.Parallel()
	url := pgtest.Bare(t)
	r := newReceiver(t)
	a := r.telling(url)
	first := a.start()
	token := a.token("tell", "admin")
	first.client(token).post("ann", "private", "hello there", "")
	r.seen(1)
	second := r.telling(url).start()
	// Longer than a lease and what comes after it.
	<-time.After(time.Duration(soak(13, 30)) * time.Second)
	r.mu.Lock()
	if len(r.got) != 1 {
		t.Errorf("%d attempts while the one who sends is alive", len(r.got))
	}
	r.mu.Unlock()
	first.kill()
	died := time.Now()
	r.seen(2)
	took := time.Since(died)
	t.Logf("another node sent it %v after the kill", took.Round(10*time.Millisecond))
	if took > tookOver {
		t.Errorf("that is more than %v", tookOver)
	}
	second.client(token).rest()
	r.check(2)
	if s := second.client(token).status(); s.EffectsDead > 0 {
		t.Errorf("in the end: %+v", s)
	}
}

// TestClusterEffectsOfACutOffNode cuts a node off from the database while it
// sends; nothing tells it, packets just go nowhere. It must have given up
// before another node sends the same.
func TestClusterEffectsOfACutOffNode(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	r := newReceiver(t)
	net := newProxy(t, server.Socket())
	a := r.telling(net.url("postgres"))
	first := a.start()
	token := a.token("tell", "admin")
	first.client(token).post("ann", "private", "hello there", "")
	r.seen(1)
	second := r.telling(server.URL("postgres")).start()
	net.weather(true, 0)
	cut := time.Now()
	r.seen(2)
	took := time.Since(cut)
	t.Logf("another node sent it %v after the cut", took.Round(10*time.Millisecond))
	if took > tookOver {
		t.Errorf("that is more than %v", tookOver)
	}
	second.client(token).rest()
	net.weather(false, 0)
	eventually(t, "the node that was cut off is back", func() bool { return first.client(token).send("GET", "/readyz", "").status == 200 })
	first.client(token).rest()
	r.check(2)
	for _, p := range []*process{first, second} {
		if code := p.stop(); code != 0 {
			t.Errorf("a node ended with %d", code)
		}
	}
}
