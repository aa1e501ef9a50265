package outbound

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

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

// TestWhatStaysInsideIsSentNowhere, however an endpoint asks for it.
func TestWhatStaysInsideIsSentNowhere(t *testing.T) {
	t.Parallel()
	for _, types := range [][]string{nil, {"*"}, {"advocate.case.*"}, {domain.EventLooking}} {
		e := Endpoint{Types: types}
		if e.takes(domain.EventLooking) {
			t.Errorf("an endpoint for %q is told who looks at a case", types)
		}
		if types == nil && !e.takes("advocate.case.opened") {
			t.Error("an endpoint for everything takes nothing")
		}
	}
}
