package outbound

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/vault"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

var begin = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// stores runs a test over each store.
func stores(t *testing.T, f func(t *testing.T, st store.Store)) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		f(t, memory.New())
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Relaxed: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		f(t, st)
	})
}

// kit is a service over a store, with a clock that is moved by hand.
type kit struct {
	*testing.T
	store store.Store
	clock *clock.Manual
	vault *vault.Vault
	hooks *Service
}

func newKit(t *testing.T, st store.Store) *kit {
	k := &kit{T: t, store: st, clock: clock.NewManual(begin)}
	k.vault = vault.New(vault.Options{Store: st, Now: k.clock.Now, File: filepath.Join(t.TempDir(), "vault.key")})
	k.hooks = k.service(true)
	return k
}

// service is another process over the same store.
func (k *kit) service(allowPrivate bool) *Service {
	s := New(Options{
		Store: k.store, Sealer: k.vault, Clock: k.clock, Logger: slog.New(slog.DiscardHandler), AllowPrivate: allowPrivate, Version: "test", Timeout: 5 * time.Second,
		Alone: func(ctx context.Context, _ string, work func(context.Context)) { work(ctx) },
	})
	k.Cleanup(s.send.client.CloseIdleConnections)
	return s
}

// run lets a service send until the function that it gives is called.
func (k *kit) run(s *Service) (kill func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	kill = func() { cancel(); <-done }
	k.Cleanup(kill)
	return kill
}

func (k *kit) create(p Settings) (Endpoint, string) {
	k.Helper()
	e, secret, err := k.hooks.Create(k.Context(), "kim", p)
	if err != nil {
		k.Fatal(err)
	}
	return e, secret
}

// happen puts events into the log and tells a service.
func (k *kit) happen(s *Service, events ...domain.Event) {
	k.Helper()
	for i := range events {
		if events[i].Source == "" {
			events[i].Source = "shop"
		}
		events[i].Time, events[i].Accepted = k.clock.Now(), k.clock.Now()
	}
	if err := k.store.Update(k.Context(), func(tx store.Tx) error { return tx.EventAppend(events) }); err != nil {
		k.Fatal(err)
	}
	s.wake()
}

// until waits until something holds. The clock is pushed a little each time, as
// a real one would go on, and not so fast that a slow machine's claims end.
func (k *kit) until(what string, holds func() bool) {
	k.Helper()
	k.while(5*time.Millisecond, what, holds)
}

// while is until, while so much time passes at each look.
func (k *kit) while(passes time.Duration, what string, holds func() bool) {
	k.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
		k.clock.Advance(passes)
	}
	k.Fatalf("it did not come to this: %s", what)
}

func (k *kit) deliveries(id, state string) []Delivery {
	k.Helper()
	out, err := k.hooks.Deliveries(k.Context(), DeliveriesParams{Endpoint: id, State: state, Limit: 500})
	if err != nil {
		k.Fatal(err)
	}
	return out
}

func (k *kit) get(id string) Endpoint {
	k.Helper()
	e, err := k.hooks.Get(k.Context(), id)
	if err != nil {
		k.Fatal(err)
	}
	return e
}

// receiver is an endpoint's other side. It checks signatures by itself.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int, w http.ResponseWriter, r *http.Request) // n requests came before; nil: 204
	got    []message
}

type message struct {
	id, stamp, signature, kind string
	body                       []byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		n, answer := len(r.got), r.answer
		r.got = append(r.got, message{q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), q.Header.Get("Content-Type"), b})
		r.mu.Unlock()
		if answer == nil {
			w.WriteHeader(204)
			return
		}
		answer(n, w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(f func(n int, w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.got...)
}

// ids are the events that came, each once.
func (r *receiver) ids() map[string]int {
	out := map[string]int{}
	for _, m := range r.messages() {
		var e struct{ ID string }
		_ = json.Unmarshal(m.body, &e)
		out[e.ID]++
	}
	return out
}

// verified reports whether one of a message's signatures is a secret's, by the
// text of Standard Webhooks and not by this package's code.
func (m *message) verified(secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", m.id, m.stamp, m.body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, s := range strings.Fields(m.signature) {
		if hmac.Equal([]byte(s), []byte(want)) {
			return true
		}
	}
	return false
}

func status(code int) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
