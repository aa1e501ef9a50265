package outbound

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
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
// a real one would go on.
func (k *kit) until(what string, holds func() bool) {
	k.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
		k.clock.Advance(20 * time.Millisecond)
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

func TestEventsArriveSigned(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		k.happen(k.hooks, domain.Event{ID: "before", Type: "order.paid"})
		e, secret := k.create(Settings{URL: r.URL, Types: []string{"order.*", "advocate.case.opened"}})
		k.run(k.hooks)
		k.happen(k.hooks,
			domain.Event{ID: "1", Type: "order.paid", OrderID: "A1", Data: json.RawMessage(`{"status":"paid","email":"a@b.example","order":{"postcode":"1"}}`)},
			domain.Event{ID: "2", Type: "parcel.scanned"},
			domain.Event{ID: "3", Type: "advocate.case.opened"})
		k.until("both arrive", func() bool { return len(r.messages()) >= 2 })
		k.until("both are done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 2 })
		if got := r.ids(); len(got) != 2 || got["1"] != 1 || got["3"] != 1 {
			t.Fatalf("these came: %v", got)
		}
		for _, m := range r.messages() {
			if !m.verified(secret) {
				t.Errorf("%+v is not signed", m)
			}
			m.body = append(m.body, ' ')
			if m.verified(secret) {
				t.Error("another body has the same signature")
			}
			if m.kind != "application/cloudevents+json" || !bytes.Contains(m.body, []byte(`"specversion":"1.0"`)) {
				t.Errorf("no CloudEvent: %s %s", m.kind, m.body)
			}
			if bytes.Contains(m.body, []byte("example")) || bytes.Contains(m.body, []byte("postcode")) {
				t.Errorf("it has what opens an order: %s", m.body)
			}
			if strings.ContainsAny(m.id, "./ ") {
				t.Errorf("webhook-id %q", m.id)
			}
		}
	})
}

// TestASecretIsSealed: whoever has the database alone cannot sign.
func TestASecretIsSealed(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New())
	e, secret := k.create(Settings{URL: "https://example.com/x"})
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(raw) != 32 {
		t.Fatalf("secret %q", secret)
	}
	err = k.store.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentGet(kindEndpoint, []string{e.ID})
		if bytes.Contains(docs[0].Body, []byte(strings.TrimPrefix(secret, "whsec_"))) || bytes.Contains(docs[0].Body, raw) {
			t.Error("the secret stands in the database")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.vault.Rotate(t.Context(), k.hooks.Reseal); err != nil {
		t.Fatal(err)
	}
	if n, err := k.hooks.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("%d still under the old key, %v", n, err)
	}
	is := k.get(e.ID)
	got, err := k.hooks.secrets(&is, begin)
	if err != nil || len(got) != 1 || !bytes.Equal(got[0], raw) {
		t.Errorf("after a rotation of the vault: %v", err)
	}
}

// TestAKilledSender: another goes on where it was, and the receiver can tell
// what it has had already.
func TestAKilledSender(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, secret := k.create(Settings{URL: r.URL})
		stuck := make(chan struct{})
		r.answers(func(_ int, _ http.ResponseWriter, q *http.Request) {
			select {
			case <-q.Context().Done():
			case <-stuck:
			}
		})
		kill := k.run(k.hooks)
		var events []domain.Event
		for i := range 10 {
			events = append(events, domain.Event{ID: fmt.Sprint(i), Type: "t"})
		}
		k.happen(k.hooks, events...)
		k.until("four are being sent", func() bool { return len(r.messages()) == 4 })
		kill()
		close(stuck)
		r.answers(nil)
		k.run(k.service(true))
		k.until("all are done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 10 })
		if len(r.ids()) != 10 {
			t.Errorf("only %v came", r.ids())
		}
		byID := map[string]string{}
		for _, m := range r.messages() {
			if was, known := byID[m.id]; known && was != string(m.body) {
				t.Errorf("%s came with another body", m.id)
			}
			if byID[m.id] = string(m.body); !m.verified(secret) {
				t.Error("not signed")
			}
		}
		if len(byID) != 10 {
			t.Errorf("%d ids for 10 events", len(byID))
		}
	})
}

// TestASenderThatDiedHard left claims behind: they end by themselves.
func TestASenderThatDiedHard(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		dead := &worker{Service: k.hooks, due: make(chan struct{}, 1), seen: map[string]int64{}, added: map[string]int{}, full: map[string]time.Time{}}
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		if _, _, err := dead.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows, _, err := dead.claim(t.Context(), 5); err != nil || len(rows) != 1 {
			t.Fatalf("claimed %d, %v", len(rows), err)
		}
		k.run(k.service(true))
		k.clock.Advance(k.hooks.o.Timeout + claimMore)
		k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		if d := k.deliveries(e.ID, ""); d[0].Attempt != 2 {
			t.Errorf("%+v", d[0])
		}
	})
}

func TestAReceiverThatIsDownForAWhile(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			fmt.Fprint(w, "no\x00 database\n"+strings.Repeat("x", 5000))
		})
		k.run(k.hooks)
		for i := range 5 {
			k.happen(k.hooks, domain.Event{ID: fmt.Sprint(i), Type: "t"})
		}
		k.until("each was tried", func() bool { return len(r.ids()) == 5 && len(k.deliveries(e.ID, store.DeliveryPending)) == 5 })
		is := k.get(e.ID)
		d := k.deliveries(e.ID, "")
		if is.Failing.IsZero() || d[0].Status != 500 || !strings.HasPrefix(d[0].Error, "answered 500: no database") || len(d[0].Error) > maxAnswer+20 {
			t.Fatalf("%+v %+v", is, d[0])
		}
		r.answers(nil)
		k.clock.Advance(3 * time.Hour)
		k.until("all are done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 5 })
		if e := k.get(e.ID); !e.Failing.IsZero() {
			t.Errorf("it still counts as failing: %+v", e)
		}
	})
}

// TestPauses: about three days in ten attempts, then it is dead; five days of
// nothing else end the endpoint with an alarm.
func TestPauses(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(status(500))
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		for n := 1; n <= 10; n++ {
			k.until(fmt.Sprint("attempt ", n), func() bool {
				d := k.deliveries(e.ID, "")
				return len(d) == 1 && d[0].Attempt == n && (d[0].State == store.DeliveryPending || d[0].State == store.DeliveryDead)
			})
			if d := k.deliveries(e.ID, ""); n < 10 {
				pause := d[0].NotBefore.Sub(d[0].Updated)
				if low, high := pauses[n-1]*9/10, pauses[n-1]*11/10; pause < low || pause > high {
					t.Errorf("after attempt %d a pause of %v, want %v to %v", n, pause, low, high)
				}
				k.clock.Set(d[0].NotBefore)
			}
		}
		if d := k.deliveries(e.ID, store.DeliveryDead); len(d) != 1 {
			t.Fatalf("after ten attempts: %+v", k.deliveries(e.ID, ""))
		}
		if lasted := k.clock.Now().Sub(begin); lasted < 60*time.Hour || lasted > 90*time.Hour {
			t.Errorf("given up after %v", lasted)
		}
		k.clock.Set(begin.Add(failingFor + time.Hour))
		k.happen(k.hooks, domain.Event{ID: "2", Type: "t"})
		k.until("the endpoint is disabled", func() bool { e := k.get(e.ID); return e.Disabled && e.Why == WhyFailing })
		alarms := 0
		if err := st.View(t.Context(), func(r store.Reader) error {
			events, err := r.EventTail(0, 0)
			for _, ev := range events {
				if ev.Type == TypeDisabled && ev.Subject == e.ID && strings.Contains(string(ev.Data), `"why":"failing"`) {
					alarms++
				}
			}
			return err
		}); err != nil || alarms != 1 {
			t.Errorf("%d alarms, %v", alarms, err)
		}
		// Enabled again, it gets what waited and what came since, the alarm included.
		k.happen(k.hooks, domain.Event{ID: "3", Type: "t"})
		r.answers(nil)
		if _, err := k.hooks.Set(t.Context(), e.ID, 0, Settings{URL: r.URL}); err != nil {
			t.Fatal(err)
		}
		k.clock.Advance(time.Hour)
		k.until("the rest is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 3 })
		if got := r.ids(); got["2"] < 2 || got["3"] != 1 {
			t.Errorf("these came: %v", got)
		}
	})
}

func TestGone(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		r.answers(status(410))
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		k.until("it is disabled", func() bool { e := k.get(e.ID); return e.Disabled && e.Why == WhyGone })
		if d := k.deliveries(e.ID, ""); len(d) != 1 || d[0].State != store.DeliveryDead {
			t.Errorf("%+v", d)
		}
		if _, err := k.hooks.Replay(t.Context(), e.ID+"-1"); domain.ErrorCode(err) != domain.CodeConflict {
			t.Errorf("a replay to a disabled one: %v", err)
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "": 0, "-5": 0, "99999999999": 0, "4000000": maxRetryAfter, "soon": 0,
		begin.Add(10 * time.Minute).Format(http.TimeFormat): 10 * time.Minute, begin.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(header, begin); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	k, r := newKit(t, memory.New()), newReceiver(t)
	e, _ := k.create(Settings{URL: r.URL})
	r.answers(func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader([]int{429, 503, 200}[n])
	})
	k.run(k.hooks)
	k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
	for n := 1; n <= 2; n++ {
		k.until("it waits", func() bool {
			d := k.deliveries(e.ID, store.DeliveryPending)
			return len(d) == 1 && d[0].Attempt == n
		})
		d := k.deliveries(e.ID, "")
		if pause := d[0].NotBefore.Sub(d[0].Updated); pause < 59*time.Minute {
			t.Errorf("after attempt %d it waits %v", n, pause)
		}
		k.clock.Set(d[0].NotBefore)
	}
	k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
}

func TestReplayIsTheSameMessage(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, secret := k.create(Settings{URL: r.URL})
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		k.clock.Advance(time.Hour)
		if _, err := k.hooks.Replay(t.Context(), k.deliveries(e.ID, "")[0].ID); err != nil {
			t.Fatal(err)
		}
		k.until("it came again", func() bool { return len(r.messages()) == 2 })
		m := r.messages()
		if m[0].id != m[1].id || !bytes.Equal(m[0].body, m[1].body) || m[0].stamp == m[1].stamp || !m[1].verified(secret) {
			t.Errorf("%+v\n%+v", m[0], m[1])
		}
		if _, err := k.hooks.Replay(t.Context(), "nothing-1"); domain.ErrorCode(err) != domain.CodeNotFound {
			t.Errorf("a replay of nothing: %v", err)
		}
	})
}

func TestTwoSecretsSignWhileOneReplacesTheOther(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, old := k.create(Settings{URL: r.URL})
		_, fresh, err := k.hooks.Rotate(t.Context(), e.ID, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		k.until("the first came", func() bool { return len(r.messages()) == 1 })
		if m := r.messages()[0]; old == fresh || !m.verified(old) || !m.verified(fresh) {
			t.Errorf("%+v does not verify with both", m)
		}
		k.clock.Advance(25 * time.Hour)
		k.happen(k.hooks, domain.Event{ID: "2", Type: "t"})
		k.until("the second came", func() bool { return len(r.messages()) == 2 })
		if m := r.messages()[1]; m.verified(old) || !m.verified(fresh) {
			t.Errorf("a day later: %+v", m)
		}
		if _, last, err := k.hooks.Rotate(t.Context(), e.ID, 0); err != nil || k.get(e.ID).Secrets != 1 || last == fresh {
			t.Errorf("rotated at once: %+v %v", k.get(e.ID), err)
		}
	})
}

// TestPrivateAddressesAreOutOfReach, whatever they are called, and so is where
// a redirect leads.
func TestPrivateAddressesAreOutOfReach(t *testing.T) {
	t.Parallel()
	k, r := newKit(t, memory.New()), newReceiver(t)
	strict := k.service(false)
	for _, u := range []string{"https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.1.2.3/"} {
		e, _, err := strict.Create(t.Context(), "kim", Settings{URL: u})
		if err != nil {
			t.Fatal(u, err)
		}
		if a, err := strict.Test(t.Context(), e.ID); err != nil || a.Status != 0 || !strings.Contains(a.Error, "not a public address") {
			t.Errorf("%s: %+v %v", u, a, err)
		}
	}
	other := newReceiver(t)
	r.answers(func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(307)
	})
	e, _ := k.create(Settings{URL: r.URL})
	if a, err := k.hooks.Test(t.Context(), e.ID); err != nil || a.Status != 307 || a.OK() || len(other.messages()) > 0 {
		t.Errorf("a redirect: %+v %v", a, err)
	}
	for _, u := range []string{
		"", "nonsense", "http://example.com/", "https://", "https:///x", "ftp://example.com/", "https://a:b@example.com/", "https://example.com/#x", "file:///etc/passwd",
		"https://example.com/" + strings.Repeat("x", 3000), "https://exa mple.com/", "//example.com/",
	} {
		if _, _, err := strict.Create(t.Context(), "kim", Settings{URL: u}); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%.60q is taken: %v", u, err)
		}
	}
	for _, types := range [][]string{{""}, {"*.x"}, {"a*b"}, {"a b"}, {"a\n"}, {strings.Repeat("x", 300)}, make([]string, 60)} {
		if _, _, err := strict.Create(t.Context(), "kim", Settings{URL: "https://example.com", Types: types}); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("types %.60q are taken: %v", types, err)
		}
	}
}

// TestAnswersWithoutEnd cost a bounded time and little memory.
func TestAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	k, r := newKit(t, memory.New()), newReceiver(t)
	k.hooks.o.Timeout = 300 * time.Millisecond
	k.hooks.send.client.Timeout = k.hooks.o.Timeout
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	e, _ := k.create(Settings{URL: r.URL})
	for name, c := range map[string]struct {
		answer func(int, http.ResponseWriter, *http.Request)
		status int
	}{
		"a flood": {func(_ int, w http.ResponseWriter, q *http.Request) {
			w.WriteHeader(500)
			for q.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
					return
				}
			}
		}, 500},
		"a drip": {func(_ int, w http.ResponseWriter, q *http.Request) {
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
			<-q.Context().Done()
		}, 200},
		"silence": {func(_ int, _ http.ResponseWriter, q *http.Request) {
			select {
			case <-q.Context().Done():
			case <-over:
			}
		}, 0},
		"a huge header": {func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, 0},
	} {
		r.answers(c.answer)
		a, err := k.hooks.Test(t.Context(), e.ID)
		if err != nil || a.Status != c.status || len(a.Error) > maxAnswer+20 || a.Took > 5*time.Second {
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
}

// TestASlowReceiverHoldsUpNobodyElse, and gets few at once.
func TestASlowReceiverHoldsUpNobodyElse(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, slow, quick := newKit(t, st), newReceiver(t), newReceiver(t)
		slow.answers(func(_ int, _ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
		k.create(Settings{URL: slow.URL})
		e, _ := k.create(Settings{URL: quick.URL})
		kill := k.run(k.hooks)
		for i := range 40 {
			k.happen(k.hooks, domain.Event{ID: fmt.Sprint(i), Type: "t"})
		}
		k.until("the quick one has all", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 40 })
		k.until("the slow one has its share", func() bool { return len(slow.messages()) >= 4 })
		if n := len(slow.messages()); n != 4 {
			t.Errorf("%d are under way to the slow one", n)
		}
		kill()
	})
}

// TestTooManyWaiting stay in the log and become deliveries later.
func TestTooManyWaiting(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New())
	e, _ := k.create(Settings{URL: "https://example.com"})
	w := &worker{Service: k.hooks, due: make(chan struct{}, 1), seen: map[string]int64{}, added: map[string]int{}, full: map[string]time.Time{}}
	const all = maxWaiting + 2*batch
	events := make([]domain.Event, all)
	for i := range events {
		events[i] = domain.Event{ID: fmt.Sprint(i), Type: "t"}
	}
	k.happen(k.hooks, events...)
	for range 10 {
		if _, _, err := w.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	waiting := func() int {
		n := 0
		err := k.store.View(t.Context(), func(r store.Reader) error {
			rows, err := r.DeliveryList(store.DeliveryListParams{Endpoint: e.ID, Limit: 5000})
			n = len(rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := waiting(); n < maxWaiting || n >= maxWaiting+batch {
		t.Fatalf("%d wait", n)
	}
	if err := k.store.Update(t.Context(), func(tx store.Tx) error {
		rows, err := tx.DeliveryList(store.DeliveryListParams{Endpoint: e.ID, Limit: 5000})
		for i := range rows {
			_, sent := tx.DeliverySet(rows[i].ID, nil, store.DeliveryDone, time.Time{})
			err = errors.Join(err, sent)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	k.clock.Advance(countAgain)
	for range 10 {
		if _, _, err := w.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := waiting(); n != all {
		t.Errorf("%d of %d events became deliveries", n, all)
	}
}

func TestAnErasedCustomersDeliveriesAreGone(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		const who = domain.CustomerID(77)
		if err := st.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.AdvocateInsert([]store.Advocate{{ID: who, Ref: "K-1", CreatedAt: begin}, {ID: 78, Ref: "K-2", CreatedAt: begin}}); err != nil {
				return err
			}
			return tx.OrderPut([]domain.Order{{ID: "A1", CustomerRef: "K-1", UpdatedAt: begin}})
		}); err != nil {
			t.Fatal(err)
		}
		r.answers(status(500))
		e, _ := k.create(Settings{URL: r.URL})
		kill := k.run(k.hooks)
		k.happen(k.hooks,
			domain.Event{ID: "1", Type: "t", CaseID: domain.ObjectID(who, domain.KindCase, 1)}, domain.Event{ID: "2", Type: "t", CustomerRef: "K-1"},
			domain.Event{ID: "3", Type: "t", OrderID: "A1"}, domain.Event{ID: "4", Type: "t", CustomerRef: "K-2"}, domain.Event{ID: "5", Type: "t"})
		k.until("all were tried", func() bool { return len(r.ids()) == 5 && len(k.deliveries(e.ID, store.DeliveryPending)) == 5 })
		kill()
		if err := st.Update(t.Context(), func(tx store.Tx) error { return tx.CustomerErase(who, begin) }); err != nil {
			t.Fatal(err)
		}
		left := k.deliveries(e.ID, "")
		if len(left) != 2 {
			t.Fatalf("left are %+v", left)
		}
		for _, d := range left {
			if !strings.Contains(string(d.Body), `"id":"4"`) && !strings.Contains(string(d.Body), `"id":"5"`) {
				t.Errorf("%s is left", d.Body)
			}
		}
		// One that an erasure at the same moment did not see is not sent.
		if err := st.Update(t.Context(), func(tx store.Tx) error {
			return tx.DeliveryAdd([]store.DeliveryRow{{ID: e.ID + "/99", Endpoint: e.ID, EventSeq: 99, Type: "t", Customer: who, NotBefore: begin, At: begin, Body: []byte(`{"id":"late"}`)}})
		}); err != nil {
			t.Fatal(err)
		}
		r.answers(nil)
		k.clock.Advance(time.Hour)
		k.run(k.service(true))
		k.until("the rest is sent", func() bool {
			return len(k.deliveries(e.ID, store.DeliveryDone)) == 2 && len(k.deliveries(e.ID, store.DeliveryDead)) == 1
		})
		if r.ids()["late"] != 0 {
			t.Error("an erased customer's delivery was sent")
		}
	})
}

func TestSettingsChange(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL, Description: "x"})
		off, err := k.hooks.Set(t.Context(), e.ID, e.Version, Settings{URL: r.URL, Disabled: true})
		if err != nil || !off.Disabled || off.Why != WhyOperator || off.Description != "" {
			t.Fatalf("%+v %v", off, err)
		}
		if _, err := k.hooks.Set(t.Context(), e.ID, e.Version, Settings{URL: r.URL}); domain.ErrorCode(err) != domain.CodeConflict {
			t.Errorf("a lost update: %v", err)
		}
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "skipped", Type: "t"})
		if _, err := k.hooks.Set(t.Context(), e.ID, off.Version, Settings{URL: r.URL, FromNow: true}); err != nil {
			t.Fatal(err)
		}
		k.happen(k.hooks, domain.Event{ID: "next", Type: "t"})
		k.until("it goes on", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		if got := r.ids(); got["next"] != 1 || got["skipped"] != 0 {
			t.Errorf("these came: %v", got)
		}
		if err := k.hooks.Delete(t.Context(), e.ID); err != nil {
			t.Fatal(err)
		}
		if err := k.hooks.Delete(t.Context(), e.ID); domain.ErrorCode(err) != domain.CodeNotFound {
			t.Errorf("a second removal: %v", err)
		}
		k.happen(k.hooks, domain.Event{ID: "after", Type: "t"})
		for i := range MaxEndpoints + 1 {
			_, _, err = k.hooks.Create(t.Context(), "kim", Settings{URL: r.URL, Disabled: true})
			if (err != nil) != (i == MaxEndpoints) {
				t.Fatalf("webhook %d: %v", i, err)
			}
		}
		if n := r.ids()["after"]; n > 0 {
			t.Error("one that was removed was sent to")
		}
		if err := errors.Join(k.hooks.Delete(t.Context(), strings.Repeat("x", 600))); domain.ErrorCode(err) != domain.CodeNotFound {
			t.Errorf("a long id: %v", err)
		}
	})
}
