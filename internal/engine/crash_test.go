package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestCrashes breaks each commit of one history, once before and once after
// it is durable, starts the engine anew and hands in again what was not
// answered. The history ends the same.
func TestCrashes(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		stride := 1
		play := func(at int, after bool) ([]string, int) {
			f := &failing{}
			k := newKit(t, open(t), setup{wrap: func(s store.Store) store.Store { f.Store = s; return f }})
			if k.store.Engine() == "postgres" {
				stride = 4 // each play takes a second
			}
			id := k.known("ann", "C-1", "A-1000")
			if after {
				f.crash(0, at)
			} else {
				f.crash(at, 0)
			}
			again := func(do func() error) {
				t.Helper()
				for range 5 {
					if do() == nil {
						return
					}
					k.open()
				}
				t.Fatal("it did not work after five tries")
			}
			again(func() error {
				r, err := k.engine.PostsSubmit(k.ctx, []domain.Post{{Network: "sandbox", ID: "x1", Author: domain.Author{ID: "ann"}, Text: "where is my order A-1000", At: start, Visibility: domain.Private}})
				return errors.Join(err, first(r).Err)
			})
			step := func() {
				for range 60 {
					for _, s := range []func(context.Context) (int, error){k.engine.StepReady, k.engine.StepDue, k.engine.StepCatchUp, k.engine.StepDispatch} {
						if _, err := s(k.ctx); err != nil {
							k.open()
						}
					}
					k.clock.Advance(10 * time.Second) // leases end
				}
			}
			step()
			again(func() error {
				r, err := k.engine.EventsSubmit(k.ctx, []domain.Event{orderEvent("e1", "delayed", "A-1000")})
				return errors.Join(err, first(r).Err)
			})
			step()
			keys := map[string]bool{}
			for _, s := range k.net.Sent() {
				keys[s.Key] = true
			}
			if len(keys) != len(k.net.Sent()) {
				t.Errorf("a message was sent under two keys, or twice: %+v", k.net.Sent())
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			used := 0
			if f.before == 0 && f.after == 0 {
				used = 1
			}
			return k.inputs(id), used
		}
		want, _ := play(1<<30, false)
		if !slices.Contains(want, "order.delayed e1") || !slices.Contains(want, "reply done") {
			t.Fatalf("the history without a crash: %v", want)
		}
		crashes := 0
		for at := 1; ; at += stride {
			for _, after := range []bool{false, true} {
				got, used := play(at, after)
				crashes += used
				if !slices.Equal(sorted(got), sorted(want)) {
					t.Errorf("crash at commit %d (after it: %v):\n got %v\nwant %v", at, after, got, want)
				}
				if used == 0 || at > 24 {
					if crashes < 8 {
						t.Fatalf("only %d crashes happened", crashes)
					}
					return
				}
			}
		}
	})
}

func first(r []engine.Receipt) engine.Receipt {
	if len(r) == 0 {
		return engine.Receipt{}
	}
	return r[0]
}

// sorted drops timers, whose number depends on how long things took, and
// sorts: outcomes may come in another order after a crash.
func sorted(in []string) []string {
	out := slices.DeleteFunc(slices.Clone(in), func(s string) bool { return s == "timer" })
	slices.Sort(out)
	return out
}

// TestTwoEnginesOneStore lets two engines on one store race for the same
// work: every input is decided once and every message leaves under one key.
func TestTwoEnginesOneStore(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		other := k.options
		other.Observer = nil
		second, err := engine.New(other)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 60 {
			e := k.engine
			if i%2 == 1 {
				e = second
			}
			p := k.post(fmt.Sprintf("author%d", i%20), "hello there")
			wg.Go(func() {
				if _, err := e.PostsSubmit(k.ctx, []domain.Post{p, p}); err != nil {
					t.Error(err)
				}
				for _, step := range []func(context.Context) (int, error){e.StepReady, e.StepDispatch, e.StepDue} {
					if _, err := step(k.ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		k.settle()
		seen := map[string]int{}
		k.view(func(r store.Reader) error {
			rows, err := r.AdvocateList(store.AdvocateListParams{})
			for _, row := range rows {
				for _, s := range k.inputs(row.ID) {
					seen[s]++
				}
			}
			return err
		})
		for i := range 60 {
			if n := seen[fmt.Sprintf("post p%d", i+1)]; n != 1 {
				t.Errorf("post p%d was decided %d times", i+1, n)
			}
		}
		for _, d := range k.net.Sent() {
			if d.Calls != 1 {
				t.Errorf("message %s was sent %d times", d.Key, d.Calls)
			}
		}
	})
}

func TestPlaybookChangesBetweenTurns(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		second, err := engine.New(k.options)
		if err != nil {
			t.Fatal(err)
		}
		// Another process publishes; this engine notices in its next turn.
		v, err := second.PlaybookPublish(k.ctx, "test.yaml", []byte(wideBook), "other")
		if err != nil {
			t.Fatal(err)
		}
		if err := second.PlaybookActivate(k.ctx, v, "other"); err != nil {
			t.Fatal(err)
		}
		id := k.take(k.post("ann", "hello"))
		if got, want := k.records(id)[0].Playbook, second.Playbook().Hash(); got != want {
			t.Fatalf("decided under %s, while %s is active", got, want)
		}
		again, err := k.engine.PlaybookPublish(k.ctx, "test.yaml", []byte(wideBook), "other")
		if err != nil || again != v {
			t.Fatalf("publishing the same again gave version %d (%v), not %d", again, err, v)
		}
		wantCode(t, k.engine.PlaybookActivate(k.ctx, 99, "x"), domain.CodeNotFound)
		// A version that does not compile, put there by other means, leaves
		// the working one in use.
		err = k.store.Update(k.ctx, func(tx store.Tx) error {
			bad, err := tx.PlaybookAdd(store.PlaybookRow{Name: "bad", Hash: "x", Source: []byte("rules: 3"), At: k.clock.Now()})
			if err != nil {
				return err
			}
			return tx.PlaybookActivate(bad, k.clock.Now(), "x")
		})
		if err != nil {
			t.Fatal(err)
		}
		ben := k.take(k.post("ben", "hello"))
		if got, want := k.records(ben)[0].Playbook, second.Playbook().Hash(); got != want {
			t.Fatalf("decided under %s, want the last working %s", got, want)
		}
		if s := k.status(); s.Playbook.Broken == 0 {
			t.Fatal("the status does not tell of the broken version")
		}
	})
}

func TestUnreadableStateIsNotLost(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.settle()
		var good []byte
		write := func(change func([]byte) []byte) {
			t.Helper()
			err := k.store.Update(k.ctx, func(tx store.Tx) error {
				rows, err := tx.AdvocateLock([]domain.CustomerID{id})
				if err != nil {
					return err
				}
				r := rows[0]
				return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: r.Version + 1, State: change(r.State), NextDue: r.NextDue, Ref: r.Ref, At: k.clock.Now()}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write(func(b []byte) []byte { good = slices.Clone(b); return []byte(`{"customer":`) })
		k.take(k.post("ann", "are you there?"))
		ben := k.take(k.post("ben", "hello"))
		k.advance(time.Hour)
		if k.count(ben, "post") != 1 {
			t.Fatal("another customer waits")
		}
		s := k.status()
		if len(s.Stuck) != 1 || s.Stuck[0].Customer != id || s.Counts.Inbox != 1 {
			t.Fatalf("stuck %+v, inbox %d", s.Stuck, s.Counts.Inbox)
		}
		wantCode(t, k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandConsent, By: "kim", Consent: &domain.Consent{}}), domain.CodeUnavailable)
		write(func([]byte) []byte { return good })
		k.advance(time.Hour)
		if n := k.count(id, "post"); n != 2 || len(k.status().Stuck) != 0 {
			t.Fatalf("after the repair %d posts are decided, stuck %+v", n, k.status().Stuck)
		}
	})
}
