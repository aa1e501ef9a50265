package state_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/state"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/vault"
)

// eachStore runs a test on every store that needs no server.
func eachStore(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) { t.Parallel(); f(t, newKit(t, memory.New())) })
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), sqlite.Options{Relaxed: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		f(t, newKit(t, st))
	})
}

type kit struct {
	t     *testing.T
	store store.Store
	vault *vault.Vault
	clock *clock.Manual
}

func newKit(t *testing.T, st store.Store) *kit {
	c := clock.NewManual(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	return &kit{t, st, vault.New(vault.Options{Store: st, Now: c.Now, File: filepath.Join(t.TempDir(), "vault.key")}), c}
}

func (k *kit) state(network, account string) *state.State {
	return state.New(state.Options{Store: k.store, Sealer: k.vault, Clock: k.clock, Network: network, Account: account})
}

func (k *kit) put(s *state.State, name, value string, keep time.Duration) {
	k.t.Helper()
	if err := s.Put(k.t.Context(), name, []byte(value), keep); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) want(s *state.State, name, want string) {
	k.t.Helper()
	if got, err := s.Get(k.t.Context(), name); err != nil || string(got) != want || (got == nil) != (want == "") {
		k.t.Errorf("%s: %q, %v; want %q", name, got, err, want)
	}
}

// Of many that want to do something one does, until it lets go or its time is
// over.
func TestClaim(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		s := k.state("x", "")
		won := func() (n int) {
			var mu sync.Mutex
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					ok, err := s.Claim(t.Context(), "turn", []byte("1"), time.Minute)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					} else if ok {
						n++
					}
				})
			}
			all.Wait()
			return n
		}
		for _, step := range []struct {
			name string
			do   func()
			want int
		}{
			{"nobody has it", func() {}, 1},
			{"somebody has it", func() {}, 0},
			{"let go", func() { _ = s.Put(t.Context(), "turn", nil, 0) }, 1},
			{"its time is over", func() { k.clock.Advance(time.Minute) }, 1},
		} {
			step.do()
			if got := won(); got != step.want {
				t.Errorf("%s: %d have it, want %d", step.name, got, step.want)
			}
		}
	})
}

func TestState(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		a, b, c := k.state("x", ""), k.state("x", "shop"), k.state("x/shop", "")
		long := strings.Repeat("n", 2000)
		k.want(a, "cursor", "")
		for i, s := range []*state.State{a, b, c} {
			k.put(s, "cursor", strings.Repeat("1", i+1), 0)
			k.put(s, long, strings.Repeat("2", i+1), 0)
		}
		for i, s := range []*state.State{a, b, c} { // each account's apart
			k.want(s, "cursor", strings.Repeat("1", i+1))
			k.want(s, long, strings.Repeat("2", i+1))
		}
		k.put(a, "cursor", "9", time.Hour)
		k.clock.Advance(time.Hour - time.Microsecond)
		k.want(a, "cursor", "9")
		k.clock.Advance(time.Microsecond)
		k.want(a, "cursor", "")
		k.put(a, "cursor", "10", 0) // over what has expired, for always
		k.clock.Advance(1000 * time.Hour)
		k.want(a, "cursor", "10")
		if err := a.Put(t.Context(), "cursor", nil, 0); err != nil {
			t.Fatal(err)
		}
		k.want(a, "cursor", "")
		if err := a.Put(t.Context(), "big", bytes.Repeat([]byte("x"), social.MaxStateValue+1), 0); err == nil {
			t.Error("a value of any size")
		}
	})
}

func TestSealed(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		s := k.state("bluesky", "")
		k.put(s, "session", "refresh-token-hunter2", 0)
		k.put(s, "other", "other", 0)
		var docs []store.Document
		err := k.store.View(t.Context(), func(r store.Reader) (err error) {
			docs, err = r.DocumentList(store.DocumentListParams{Kind: state.Kind, Limit: 10})
			return err
		})
		if err != nil || len(docs) != 2 {
			t.Fatal(docs, err)
		}
		for _, d := range docs {
			if bytes.Contains(d.Body, []byte("hunter2")) {
				t.Error("a token is in the database as it is")
			}
		}
		// One value under another's name does not open.
		docs[0].Body, docs[1].Body = docs[1].Body, docs[0].Body
		if err := k.store.Update(t.Context(), func(tx store.Tx) error { return tx.DocumentPut(docs) }); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), "session"); err == nil {
			t.Errorf("another's value: %q", got)
		}
	})
}

func TestReseal(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		s := k.state("x", "")
		for i := range 450 { // several pages
			k.put(s, strings.Repeat("n", i+1), "value", 0)
		}
		if n, err := state.Reseal(t.Context(), k.store, k.vault); n != 0 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		reseal := func(ctx context.Context) (int, error) { return state.Reseal(ctx, k.store, k.vault) }
		if r, err := k.vault.Rotate(t.Context(), reseal); r.Others != 450 || err != nil {
			t.Errorf("%+v %v", r, err)
		}
		k.want(s, "nnn", "value")
	})
}

func TestWritersAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		s := k.state("x", "")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := s.Put(t.Context(), "cursor", []byte("1"), 0); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		k.want(s, "cursor", "1")
	})
}

// TestChangesAtOnce: none of several that change a value at once is lost, also
// where it has expired meanwhile.
func TestChangesAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, k *kit) {
		k.put(k.state("x", ""), "log", "gone", time.Second)
		k.clock.Advance(time.Second)
		const many = 12
		var all sync.WaitGroup
		for i := range many {
			s := k.state("x", "")
			all.Go(func() {
				add := func(was []byte) []byte { return append(bytes.Clone(was), byte('a'+i)) }
				if err := s.Change(t.Context(), "log", time.Hour, add); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := k.state("x", "").Get(t.Context(), "log")
		slices.Sort(got)
		if err != nil || string(got) != "abcdefghijkl" {
			t.Errorf("%q, %v", got, err)
		}
		s := k.state("x", "")
		if err := s.Change(t.Context(), "log", 0, func([]byte) []byte { return nil }); err != nil {
			t.Error(err)
		}
		k.clock.Advance(time.Hour)
		k.want(s, "log", "") // it was left as it was, its time too
	})
}
