package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	_ store.Store = (*Store)(nil)
	_ store.Tx    = (*tx)(nil)
)

var errClosed = errors.New("store: closed")

// Store is a database in memory.
type Store struct {
	mu     sync.RWMutex
	closed bool
	undo   []func()
	seq    counters

	advocates     table[domain.CustomerID, store.Advocate]
	refs          table[string, domain.CustomerID]
	formerRefs    table[domain.CustomerID, string] // of merged customers, for erasing
	identities    table[domain.IdentityKey, domain.CustomerID]
	posts         table[domain.PostKey, store.PostRow]
	journal       table[int64, store.JournalRow]
	journalOf     table[domain.CustomerID, []int64] // by the customer they were written for, ascending
	inbox         table[store.InboxKey, store.InboxRow]
	seen          table[domain.Key, store.SeenRow]
	orders        table[string, domain.Order]
	events        table[int64, event]
	subscriptions table[subscriptionKey, store.SubscriptionRow]
	byAnchor      map[domain.Anchor]map[subscriptionKey]struct{}
	notices       table[string, notice]
	workItems     table[string, domain.WorkItem]
	cases         table[string, caseRow]
	effects       table[string, store.EffectRow]
	attempts      table[int64, attempt]
	playbooks     table[int64, store.PlaybookRow]
	switches      table[string, store.Switch]
	tokens        table[string, store.Token]
	fanouts       table[int64, store.FanoutRow]
	catchUps      table[subscriptionKey, catchUp]
	merges        table[string, store.MergeRow]
	documents     table[documentKey, store.Document]
	documentKeys  table[documentKey, string] // whose each is
	audit         table[int64, store.AuditRow]
	deliveries    table[string, store.DeliveryRow]
}

// counters are the last numbers given out.
type counters struct {
	event, inbox, journal, attempt, catchUp, playbook, audit int64
}

// New makes an empty store.
func New() *Store {
	return &Store{byAnchor: map[domain.Anchor]map[subscriptionKey]struct{}{}}
}

// Engine implements store.Store.
func (s *Store) Engine() string { return "memory" }

// Serial implements store.Store.
func (s *Store) Serial() bool { return true }

// Close implements store.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	seq := s.seq
	committed := false
	defer func() { // also when fn panics
		if !committed {
			for _, undo := range slices.Backward(s.undo) {
				undo()
			}
			s.seq = seq
		}
		s.undo = nil
	}()
	err := fn(&tx{reader{s}})
	if err == nil {
		err = ctx.Err()
	}
	committed = err == nil
	return err
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Reader) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	return fn(&reader{s})
}

func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return errClosed
	}
	return ctx.Err()
}

// reader is a View's transaction; it has no way to write.
type reader struct{ s *Store }

type tx struct{ reader }

// table is a map whose changes can be undone.
type table[K comparable, V any] struct{ rows map[K]V }

func (t *table[K, V]) get(k K) (V, bool) {
	v, ok := t.rows[k]
	return v, ok
}

func (t *table[K, V]) put(s *Store, k K, v V) {
	if t.rows == nil {
		t.rows = map[K]V{}
	}
	old, had := t.rows[k]
	t.rows[k] = v
	s.undo = append(s.undo, func() {
		if had {
			t.rows[k] = old
		} else {
			delete(t.rows, k)
		}
	})
}

func (t *table[K, V]) del(s *Store, k K) bool {
	old, had := t.rows[k]
	if had {
		delete(t.rows, k)
		s.undo = append(s.undo, func() { t.rows[k] = old })
	}
	return had
}

// list returns the rows that keep accepts, sorted, at most limit (0: all).
func (t *table[K, V]) list(keep func(V) bool, order func(a, b V) int, limit int) []V {
	var out []V
	for _, v := range t.rows {
		if keep(v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, order)
	if limit > 0 && len(out) > limit {
		out = out[:limit:limit]
	}
	return out
}

func all[V any](V) bool { return true }

// then compares by the first comparison that is not zero.
func then(cs ...int) int { return cmp.Or(cs...) }

// micros brings a time into the form that comes back.
func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// blob copies bytes; an empty one comes back as nil.
func blob(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}

// copyOf makes a deep copy of a noun the way a driver would that keeps JSON.
func copyOf[T any](v T) (out T, err error) {
	b, err := json.Marshal(v)
	if err != nil {
		return out, fmt.Errorf("store: %T cannot be kept: %w", v, err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return out, fmt.Errorf("store: %T cannot be read back: %w", v, err)
	}
	return out, nil
}

// copies is copyOf for a list of rows that were kept, so that it cannot fail.
func copies[T any](in []T) ([]T, error) {
	out := make([]T, len(in))
	for i := range in {
		var err error
		if out[i], err = copyOf(in[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func emptyKey(what string) error { return fmt.Errorf("store: an empty %s cannot be kept", what) }
