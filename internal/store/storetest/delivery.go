package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func delivery(id string, notBefore time.Duration) store.DeliveryRow {
	endpoint, _, _ := strings.Cut(id, "/")
	return store.DeliveryRow{ID: id, Endpoint: endpoint, EventSeq: 7, Type: "advocate.case.opened", NotBefore: at(notBefore), At: T0, UpdatedAt: T0, Body: []byte(`{"人":1}`), Customer: 1}
}

func deliveryIDs(rows []store.DeliveryRow) []string {
	return ids(rows, func(d store.DeliveryRow) string { return d.ID })
}

func testDelivery(t *testing.T, open Factory) {
	s := open(t)
	claim := func(p store.DeliveryClaimParams) (out []store.DeliveryRow) {
		p.Lease = time.Minute
		update(t, s, func(tx store.Tx) { out = must[[]store.DeliveryRow](t)(tx.DeliveryClaim(p)) })
		return out
	}
	put := func(d store.DeliveryRow, state string) (err error) {
		d.State = state
		update(t, s, func(tx store.Tx) { err = tx.DeliveryPut(d) })
		return err
	}
	later := delivery("b/1", 0)
	later.At = at(time.Second)
	update(t, s, func(tx store.Tx) {
		ok(t, tx.DeliveryAdd([]store.DeliveryRow{delivery("a/2", 0), delivery("a/1", time.Second), later, delivery("a/3", time.Hour)}))
		again := delivery("a/1", 0)
		again.Body = []byte("other")
		ok(t, tx.DeliveryAdd([]store.DeliveryRow{again, delivery("c/1", time.Hour), delivery("c/1", 0)}))
		for _, odd := range []store.DeliveryRow{{Endpoint: "x"}, {ID: "x"}, {ID: "x", Endpoint: "x", State: "sending"}} {
			if tx.DeliveryAdd([]store.DeliveryRow{delivery("new/1", 0), odd}) == nil {
				t.Fatalf("%+v was kept", odd)
			}
		}
		_, err := tx.DeliveryGet("new/1")
		wantErr(t, err, store.ErrNotFound)
	})
	both(t, s, func(r store.Reader) {
		d := delivery("a/1", time.Second)
		d.State = store.DeliveryPending
		want(t, "row", must[store.DeliveryRow](t)(r.DeliveryGet("a/1")), d)
		list := func(p store.DeliveryListParams) []string {
			return deliveryIDs(must[[]store.DeliveryRow](t)(r.DeliveryList(p)))
		}
		want(t, "newest first", list(store.DeliveryListParams{}), []string{"b/1", "c/1", "a/3", "a/2", "a/1"})
		want(t, "page", list(store.DeliveryListParams{After: "c/1", Limit: 2}), []string{"a/3", "a/2"})
		want(t, "of one", list(store.DeliveryListParams{Endpoint: "a", After: "a/3"}), []string{"a/2", "a/1"})
		want(t, "in a state", list(store.DeliveryListParams{State: store.DeliveryDead}), []string{})
		_, err := r.DeliveryList(store.DeliveryListParams{After: "gone"})
		wantErr(t, err, store.ErrNotFound)
	})
	want(t, "not yet", deliveryIDs(claim(store.DeliveryClaimParams{Now: at(-1000)})), []string{})
	want(t, "limit", deliveryIDs(claim(store.DeliveryClaimParams{Now: at(time.Second), Limit: 1})), []string{"a/2"})
	got := claim(store.DeliveryClaimParams{Now: at(time.Second)})
	want(t, "oldest first", deliveryIDs(got), []string{"b/1", "a/1"})
	full := later
	full.State, full.Attempt, full.Lease, full.UpdatedAt = store.DeliverySending, 1, at(time.Second+time.Minute), at(time.Second)
	want(t, "claimed", got[0], full)
	want(t, "leased", deliveryIDs(claim(store.DeliveryClaimParams{Now: at(time.Minute)})), []string{})
	want(t, "of one's own turn", deliveryIDs(claim(store.DeliveryClaimParams{Now: at(time.Minute), Since: at(time.Second)})), []string{})
	got = claim(store.DeliveryClaimParams{Now: at(30 * time.Second), Since: at(20 * time.Second), PerEndpoint: 2})
	want(t, "of the turn before", deliveryIDs(got), []string{"a/2", "b/1", "a/1"})
	again := claim(store.DeliveryClaimParams{Now: at(30*time.Second + time.Minute)})
	want(t, "leases have ended", deliveryIDs(again), []string{"a/2", "b/1", "a/1"})
	wantErr(t, put(got[0], store.DeliveryDone), store.ErrConflict)
	wantErr(t, put(delivery("gone/1", 0), store.DeliveryDone), store.ErrConflict)
	if put(again[1], "odd") == nil {
		t.Fatal("an odd state was taken")
	}
	d := again[1]
	d.Status, d.Error, d.NotBefore, d.UpdatedAt, d.Body, d.Customer, d.Endpoint = 503, "busy", at(2*time.Hour), at(time.Hour), nil, 9, "zzz"
	ok(t, put(d, store.DeliveryPending))
	both(t, s, func(r store.Reader) {
		full.State, full.Attempt, full.Lease = store.DeliveryPending, 3, time.Time{}
		full.Status, full.Error, full.NotBefore, full.UpdatedAt = 503, "busy", at(2*time.Hour), at(time.Hour)
		want(t, "what was put", must[store.DeliveryRow](t)(r.DeliveryGet("b/1")), full)
	})
	ok(t, put(again[0], store.DeliveryDone))
	ok(t, put(again[2], store.DeliveryDead))
	update(t, s, func(tx store.Tx) {
		_, err := tx.DeliverySet("a/1", []string{store.DeliveryDone}, store.DeliveryPending, T0)
		wantErr(t, err, store.ErrConflict)
		_, err = tx.DeliverySet("gone", nil, store.DeliveryPending, T0)
		wantErr(t, err, store.ErrNotFound)
		if _, err = tx.DeliverySet("a/1", nil, "odd", T0); err == nil {
			t.Fatal("an odd state was taken")
		}
		d := must[store.DeliveryRow](t)(tx.DeliverySet("a/2", []string{store.DeliveryDone, store.DeliveryDead}, store.DeliveryPending, at(time.Minute)))
		want(t, "sent again", []any{d.State, d.NotBefore, d.Lease, d.Attempt}, []any{store.DeliveryPending, at(time.Minute), time.Time{}, 3})
	})
	want(t, "replayed", deliveryIDs(claim(store.DeliveryClaimParams{Now: at(time.Minute)})), []string{"a/2"})
	update(t, s, func(tx store.Tx) {
		want(t, "too young", must[int](t)(tx.DeliveryPrune(T0, 0)), 0)
		want(t, "pruned", must[int](t)(tx.DeliveryPrune(at(time.Hour), 0)), 1)
		want(t, "left", deliveryIDs(must[[]store.DeliveryRow](t)(tx.DeliveryList(store.DeliveryListParams{}))), []string{"b/1", "c/1", "a/3", "a/2"})
	})
}

// testDeliveryShare: an endpoint has no more under way than its share, what
// was claimed before included.
func testDeliveryShare(t *testing.T, open Factory) {
	s := open(t)
	update(t, s, func(tx store.Tx) {
		for i, id := range []string{"a/1", "a/2", "a/3", "b/1", "a/4", "b/2"} {
			ok(t, tx.DeliveryAdd([]store.DeliveryRow{delivery(id, time.Duration(i)*time.Second)}))
		}
		claim := func(now time.Duration, limit, per int) []store.DeliveryRow {
			return must[[]store.DeliveryRow](t)(tx.DeliveryClaim(store.DeliveryClaimParams{Now: at(now), Lease: time.Minute, Limit: limit, PerEndpoint: per}))
		}
		want(t, "one of each", deliveryIDs(claim(10*time.Second, 0, 1)), []string{"a/1", "b/1"})
		want(t, "no more", deliveryIDs(claim(11*time.Second, 0, 1)), []string{})
		want(t, "one more of each", deliveryIDs(claim(11*time.Second, 0, 2)), []string{"a/2", "b/2"})
		want(t, "in all", deliveryIDs(claim(11*time.Second, 1, 9)), []string{"a/3"})
		// Two leases of a have ended, one holds; a/4 was never claimed.
		d := must[store.DeliveryRow](t)(tx.DeliveryGet("a/2"))
		d.Lease = at(time.Hour)
		ok(t, tx.DeliveryPut(d))
		want(t, "ended leases are not under way", deliveryIDs(claim(2*time.Minute, 0, 2)), []string{"a/1", "b/1", "b/2"})
		want(t, "the rest", deliveryIDs(claim(2*time.Minute, 0, 0)), []string{"a/3", "a/4"})
	})
}

// testErasedTraces: of who is erased, deliveries go, and audit rows lose what
// they say; what is about others stays, and a merge changes neither.
func testErasedTraces(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2, 3)
	update(t, s, func(tx store.Tx) {
		for c := domain.CustomerID(0); c <= 3; c++ {
			d := delivery("e/"+c.String(), 0)
			d.Customer = c
			ok(t, tx.DeliveryAdd([]store.DeliveryRow{d}))
			ok(t, tx.AuditAppend([]store.AuditRow{{At: T0, By: "ann", Object: c.String(), Customer: c, Detail: []byte(Secret)}}))
		}
		ok(t, tx.DocumentPut([]store.Document{{Kind: "user", ID: "ann", Body: []byte("x")}}))
		ok(t, tx.CustomerMove(1, 2))
		want(t, "as it was", must[store.DeliveryRow](t)(tx.DeliveryGet("e/"+domain.CustomerID(1).String())).Customer, domain.CustomerID(1))
		want(t, "seen then", len(must[[]store.AuditRow](t)(tx.AuditList(store.AuditListParams{Customer: 1}))), 1)
		ok(t, tx.CustomerErase(2, at(time.Hour)))
	})
	both(t, s, func(r store.Reader) {
		var about []domain.CustomerID
		for _, d := range must[[]store.DeliveryRow](t)(r.DeliveryList(store.DeliveryListParams{})) {
			about = append(about, d.Customer)
		}
		want(t, "deliveries", about, []domain.CustomerID{3, 0})
		details := map[domain.CustomerID]string{}
		for _, a := range must[[]store.AuditRow](t)(r.AuditList(store.AuditListParams{By: "ann"})) {
			details[a.Customer] = string(a.Detail)
		}
		want(t, "audit", details, map[domain.CustomerID]string{0: Secret, 1: "", 2: "", 3: Secret})
		want(t, "documents", must[[]store.Document](t)(r.DocumentGet("user", []string{"ann"}))[0].Version, int64(1))
	})
}
