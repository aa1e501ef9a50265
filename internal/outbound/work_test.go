package outbound

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/vault"
)

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

// TestASenderThatDiedHard left claims behind: they end when somebody else's
// turn begins.
func TestASenderThatDiedHard(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		dead := newWorker(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		if _, _, err := dead.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows, _, err := dead.claim(t.Context(), 5); err != nil || len(rows) != 1 {
			t.Fatalf("claimed %d, %v", len(rows), err)
		}
		k.clock.Advance(time.Millisecond)
		k.run(k.service(true))
		k.until("it is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		if d := k.deliveries(e.ID, ""); d[0].Attempt != 2 {
			t.Errorf("%+v", d[0])
		}
	})
}

// blind is a vault whose key may be gone.
type blind struct {
	*vault.Vault
	lacks atomic.Bool
}

var errLacks = errors.New("the key is gone")

func (b *blind) Open(name string, sealed []byte) ([]byte, error) {
	if b.lacks.Load() {
		return nil, errLacks
	}
	return b.Vault.Open(name, sealed)
}

func (b *blind) Check(ctx context.Context) error {
	if b.lacks.Load() {
		return errLacks
	}
	return b.Vault.Check(ctx)
}

// TestANodeWithoutTheKey leaves sending to who has it, and holds it against no
// receiver.
func TestANodeWithoutTheKey(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, _ := k.create(Settings{URL: r.URL})
		key := &blind{Vault: k.vault}
		node := k.service(true)
		node.o.Sealer = key
		turns := make(chan struct{}, 100)
		node.o.Alone = func(ctx context.Context, _ string, work func(context.Context)) {
			turns <- struct{}{}
			work(ctx)
		}
		k.run(node)
		k.happen(node, domain.Event{ID: "1", Type: "t"})
		k.until("the first is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })

		key.lacks.Store(true)
		k.happen(node, domain.Event{ID: "2", Type: "t"})
		k.until("the second waits, and why", func() bool {
			d := k.deliveries(e.ID, store.DeliveryPending)
			return len(d) == 1 && strings.Contains(d[0].Error, "could not read its secret")
		})
		k.clock.Advance(failingFor + time.Hour)
		other := k.run(k.service(true)) // has the key
		k.until("another node sends it", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 2 })
		other()
		if is := k.get(e.ID); is.Disabled || !is.Failing.IsZero() {
			t.Errorf("it is held against the endpoint: %+v", is)
		}
		if n := len(turns); n != 1 {
			t.Errorf("a node without the key took %d turns, want the one before", n)
		}

		k.happen(node, domain.Event{ID: "3", Type: "t"})
		key.lacks.Store(false)
		k.until("the key is back", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 3 })
		if len(r.messages()) != 3 {
			t.Errorf("%d messages for 3 events", len(r.messages()))
		}
	})
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

// TestABurst is sent as fast as the receiver takes it, though it is more than
// may wait.
func TestABurst(t *testing.T) {
	t.Parallel()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	k, r := newKit(t, st), newReceiver(t)
	k.create(Settings{URL: r.URL})
	events := make([]domain.Event, 2*maxWaiting)
	for i := range events {
		events[i] = domain.Event{ID: fmt.Sprint(i), Type: "t"}
	}
	k.happen(k.hooks, events...)
	k.run(k.hooks)
	k.while(0, "all have come", func() bool { return len(r.messages()) == len(events) })
}

// TestTooManyWaiting stay in the log and become deliveries later.
func TestTooManyWaiting(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New())
	e, _ := k.create(Settings{URL: "https://example.com"})
	w := newWorker(k.hooks)
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
