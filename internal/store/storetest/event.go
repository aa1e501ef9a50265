package storetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func orderAnchor(id string) domain.Anchor {
	return domain.Anchor{Attr: domain.AnchorOrder, Value: id}
}

func sub(c domain.CustomerID, id, order string) store.SubscriptionRow {
	return store.SubscriptionRow{Customer: c, Subscription: domain.Subscription{ID: id, To: "order.*", Anchor: orderAnchor(order), Since: T0, Expires: at(time.Hour)}}
}

func eventIDs(rows []domain.Event) []string {
	return ids(rows, func(e domain.Event) string { return e.ID })
}

func subIDs(rows []store.SubscriptionRow) []string {
	return ids(rows, func(s store.SubscriptionRow) string { return fmt.Sprintf("%d/%s", s.Customer, s.ID) })
}

func testPost(t *testing.T, open Factory) {
	s := open(t)
	key := func(n, a, id string) domain.PostKey { return domain.PostKey{Network: n, Account: a, ID: id} }
	p1 := store.PostRow{Key: key("n", "", "1"), Customer: 5, From: domain.FromCustomer, At: T0, Revision: "r", Body: 1<<64 - 1}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.PostPut([]store.PostRow{p1, {Key: key("n", "b", "1")}, {Key: key("a", "", "1")}, {Key: key("n", "", "人")}}))
		if tx.PostPut([]store.PostRow{{Key: key("", "", "1")}}) == nil || tx.PostPut([]store.PostRow{{Key: key("n", "", "")}}) == nil {
			t.Fatal("an empty key was kept")
		}
		p1.Body, p1.Customer = 7, 6
		ok(t, tx.PostPut([]store.PostRow{p1}))
	})
	both(t, s, func(r store.Reader) {
		got := must[[]store.PostRow](t)(r.PostFind([]domain.PostKey{key("n", "", "1"), key("x", "", "1"), key("n", "", "人")}))
		want(t, "post", got[0], p1)
		want(t, "missing", got[1], store.PostRow{})
		want(t, "unicode", got[2].Key.ID, "人")
		want(t, "by id", ids(must[[]store.PostRow](t)(r.PostFindID("1")), func(p store.PostRow) string { return p.Key.Network + p.Key.Account }), []string{"a", "n", "nb"})
		want(t, "no id", len(must[[]store.PostRow](t)(r.PostFindID(""))), 0)
		want(t, "count", must[store.Counts](t)(r.Counts()).Posts, int64(4))
	})
	update(t, s, func(tx store.Tx) {
		for i := range 30 {
			ok(t, tx.PostPut([]store.PostRow{{Key: key(fmt.Sprint("net", i), "", "many")}}))
		}
		want(t, "at most 20", len(must[[]store.PostRow](t)(tx.PostFindID("many"))), 20)
	})
}

func testOrder(t *testing.T, open Factory) {
	s := open(t)
	full := domain.Order{ID: "A-1", CustomerRef: "R", Status: domain.OrderPaid, Tracking: "T1", Items: []domain.OrderItem{{SKU: "x", Quantity: 2}},
		Total: "12.50", Email: "a@b.example", Version: 3, UpdatedAt: at(time.Second)}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.OrderPut([]domain.Order{full, {ID: "A-2", CustomerRef: "R", UpdatedAt: at(time.Second)}, {ID: "A-3", CustomerRef: "R", Tracking: "T1", UpdatedAt: at(time.Minute)}, {ID: "A-4"}}))
		if tx.OrderPut([]domain.Order{{}}) == nil {
			t.Fatal("an order without an id was kept")
		}
	})
	list := func(ref string, limit int) (out []string) {
		both(t, s, func(r store.Reader) {
			out = ids(must[[]domain.Order](t)(r.OrderList(ref, limit)), func(o domain.Order) string { return o.ID })
		})
		return out
	}
	both(t, s, func(r store.Reader) {
		got := must[[]domain.Order](t)(r.OrderGet([]string{"A-1", "a-1", "", "A-4"}))
		want(t, "order", got[0], full)
		want(t, "missing", []string{got[1].ID, got[2].ID, got[3].ID}, []string{"", "", "A-4"})
		want(t, "tracking", must[domain.Order](t)(r.OrderFindTracking("T1")).ID, "A-3")
		want(t, "no tracking", must[domain.Order](t)(r.OrderFindTracking("")).ID, "")
	})
	want(t, "newest first", list("R", 0), []string{"A-3", "A-1", "A-2"})
	want(t, "limit", list("R", 1), []string{"A-3"})
	want(t, "nobody's", list("", 0), []string{})
	update(t, s, func(tx store.Tx) {
		full.CustomerRef, full.Tracking = "Q", ""
		ok(t, tx.OrderPut([]domain.Order{full, {ID: "A-5"}, {ID: "A-5", Carrier: "last"}}))
		want(t, "last one stands", must[[]domain.Order](t)(tx.OrderGet([]string{"A-5"}))[0].Carrier, "last")
	})
	want(t, "moved from", list("R", 0), []string{"A-3", "A-2"})
	want(t, "moved to", list("Q", 0), []string{"A-1"})
	both(t, s, func(r store.Reader) { want(t, "count", must[store.Counts](t)(r.Counts()).Orders, int64(5)) })
}

func testEvent(t *testing.T, open Factory) {
	s := open(t)
	raw := json.RawMessage("{ \"b\" : \"<人>\",  \"a\": 1.0 }") // comes back byte for byte
	event := func(id, order, sku string, accepted time.Time) domain.Event {
		return domain.Event{Source: "s", ID: id, Type: "order.paid", OrderID: order, SKU: sku, Time: T0, Accepted: accepted, Data: raw}
	}
	rows := []domain.Event{event("1", "A", "", at(1*time.Second)), event("2", "B", "x", at(2*time.Second)), event("3", "A", "x", at(3*time.Second))}
	update(t, s, func(tx store.Tx) { ok(t, tx.EventAppend(rows)) })
	both(t, s, func(r store.Reader) {
		got := must[[]domain.Event](t)(r.EventGet([]int64{rows[2].Seq, 99, rows[0].Seq}))
		want(t, "event", got[0], rows[2])
		want(t, "missing", got[1], domain.Event{})
		want(t, "first", got[2], rows[0])
		find := func(p store.EventFindParams) []string { return eventIDs(must[[]domain.Event](t)(r.EventFind(p))) }
		want(t, "newest first", find(store.EventFindParams{Anchor: orderAnchor("A")}), []string{"3", "1"})
		want(t, "since", find(store.EventFindParams{Anchor: orderAnchor("A"), Since: at(3 * time.Second)}), []string{"3"})
		want(t, "upto", find(store.EventFindParams{Anchor: orderAnchor("A"), Upto: rows[1].Seq}), []string{"1"})
		want(t, "limit", find(store.EventFindParams{Anchor: domain.Anchor{Attr: domain.AnchorSKU, Value: "x"}, Limit: 1}), []string{"3"})
		want(t, "another attribute", find(store.EventFindParams{Anchor: domain.Anchor{Attr: domain.AnchorArea, Value: "x"}}), []string{})
	})
	both(t, s, func(r store.Reader) {
		want(t, "tail", eventIDs(must[[]domain.Event](t)(r.EventTail(rows[0].Seq, 0))), []string{"2", "3"})
		want(t, "tail limit", eventIDs(must[[]domain.Event](t)(r.EventTail(0, 1))), []string{"1"})
	})
	for i := range 30 { // enough for whatever a driver does with many
		update(t, s, func(tx store.Tx) {
			for n := range 10 {
				ok(t, tx.EventAppend([]domain.Event{event(fmt.Sprint(100+10*i+n), fmt.Sprint("M", n), "m", at(time.Minute))}))
			}
		})
	}
	both(t, s, func(r store.Reader) {
		got := must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: orderAnchor("M3")}))
		want(t, "all of many", len(got), 30)
		for i := 1; i < len(got); i++ {
			if got[i].Seq >= got[i-1].Seq {
				t.Fatal("not newest first")
			}
		}
		want(t, "an old one among many", eventIDs(must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: orderAnchor("A")}))), []string{"3", "1"})
	})
}

func testSubscription(t *testing.T, open Factory) {
	s := open(t)
	update(t, s, func(tx store.Tx) {
		ok(t, tx.EventAppend([]domain.Event{{Source: "s", ID: "1", Type: "x", Time: T0}}))
		rows := []store.SubscriptionRow{sub(2, "s1", "A"), sub(1, "s2", "A"), sub(1, "s1", "B"), sub(1, "s10", "A")}
		rows[0].Where = []domain.Anchor{{Attr: domain.AnchorSKU, Value: "x"}}
		ok(t, tx.SubscriptionAdd(rows))
		want(t, "after", rows[0].After, int64(1))
		if tx.SubscriptionAdd([]store.SubscriptionRow{{Customer: 1, Subscription: domain.Subscription{ID: "x"}}}) == nil {
			t.Fatal("a subscription on nothing was kept")
		}
	})
	find := func(limit int, lists ...[]domain.Anchor) (out [][]string) {
		both(t, s, func(r store.Reader) {
			out = nil
			for _, rows := range must[[][]store.SubscriptionRow](t)(r.SubscriptionFind(store.SubscriptionFindParams{Anchors: lists, Limit: limit})) {
				out = append(out, subIDs(rows))
			}
		})
		return out
	}
	a, b := orderAnchor("A"), orderAnchor("B")
	want(t, "find", find(0, []domain.Anchor{b, a}, nil, []domain.Anchor{b}), [][]string{{"1/s1", "1/s10", "1/s2", "2/s1"}, {}, {"1/s1"}})
	want(t, "one over the limit", find(1, []domain.Anchor{a, b}), [][]string{{"1/s1", "1/s10"}})
	scan := func(p store.SubscriptionScanParams) (out []string) {
		both(t, s, func(r store.Reader) { out = subIDs(must[[]store.SubscriptionRow](t)(r.SubscriptionScan(p))) })
		return out
	}
	want(t, "a page ends with a customer", scan(store.SubscriptionScanParams{Anchor: a, Before: 9, Limit: 1}), []string{"1/s10", "1/s2"})
	want(t, "next page", scan(store.SubscriptionScanParams{Anchor: a, After: 1, Before: 9, Limit: 1}), []string{"2/s1"})
	want(t, "only older ones", scan(store.SubscriptionScanParams{Anchor: a, Before: 1}), []string{})
	both(t, s, func(r store.Reader) {
		row := must[[][]store.SubscriptionRow](t)(r.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{a}}}))[0][2]
		full := sub(2, "s1", "A")
		full.Where, full.After = []domain.Anchor{{Attr: domain.AnchorSKU, Value: "x"}}, 1
		want(t, "row", row, full)
	})
	update(t, s, func(tx store.Tx) {
		prolonged := []store.SubscriptionRow{sub(2, "s1", "A")}
		prolonged[0].Expires = T0.Add(99 * time.Hour)
		ok(t, tx.EventAppend([]domain.Event{{Source: "s", ID: "later", Type: "t", Time: T0, Accepted: T0}}))
		ok(t, tx.SubscriptionAdd(prolonged))
		want(t, "a prolonged one keeps its place", prolonged[0].After, int64(1))
		found := must[[][]store.SubscriptionRow](t)(tx.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{a}}}))[0]
		want(t, "and takes over the rest", found[len(found)-1].Expires, T0.Add(99*time.Hour))
		ok(t, tx.SubscriptionAdd([]store.SubscriptionRow{sub(1, "s2", "B")})) // replaced under another anchor
		ok(t, tx.SubscriptionDelete([]store.SubscriptionRow{sub(1, "s10", "zzz"), sub(9, "none", "A")}))
		ok(t, tx.CatchUpAdd([]store.CatchUpRow{{Customer: 2, Subscription: "s1", Anchor: a, To: "order.*", Since: T0, Upto: 1}, {Customer: 1, Subscription: "s2"}, {Customer: 1, Subscription: "s1"}}))
		ok(t, tx.CatchUpDelete([]store.CatchUpRow{{Customer: 1, Subscription: "s2", Upto: 5}}))
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: 7, Anchor: 1, After: 3}))
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: 5}))
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: 7, Anchor: 2, After: 4}))
	})
	want(t, "after changes", find(0, []domain.Anchor{a}, []domain.Anchor{b}), [][]string{{"2/s1"}, {"1/s1", "1/s2"}})
	both(t, s, func(r store.Reader) {
		catchUps := must[[]store.CatchUpRow](t)(r.CatchUpList(0))
		want(t, "catch-ups", len(catchUps), 2)
		want(t, "catch-up", catchUps[0], store.CatchUpRow{Customer: 2, Subscription: "s1", Anchor: a, To: "order.*", Since: T0, Upto: 1})
		want(t, "fan-outs", must[[]store.FanoutRow](t)(r.FanoutList(0)), []store.FanoutRow{{EventSeq: 5}, {EventSeq: 7, Anchor: 2, After: 4}})
		want(t, "count", must[store.Counts](t)(r.Counts()).Subscriptions, int64(3))
	})
	update(t, s, func(tx store.Tx) { ok(t, tx.FanoutDelete(5)); ok(t, tx.FanoutDelete(5)) })
	both(t, s, func(r store.Reader) { want(t, "fan-outs left", len(must[[]store.FanoutRow](t)(r.FanoutList(0))), 1) })
	joined := store.CatchUpRow{Customer: 1, Subscription: "s2", Anchor: b, To: "order.*", Since: at(10 * time.Second), Upto: 3}
	update(t, s, func(tx store.Tx) { ok(t, tx.CatchUpAdd([]store.CatchUpRow{joined})) })
	joined.Since, joined.Upto = at(5*time.Second), 2
	update(t, s, func(tx store.Tx) { ok(t, tx.CatchUpAdd([]store.CatchUpRow{joined})) })
	joined.Upto = 3
	both(t, s, func(r store.Reader) {
		rows := must[[]store.CatchUpRow](t)(r.CatchUpList(0))
		want(t, "joined catch-up", rows[len(rows)-1], joined)
	})
}

func testNotice(t *testing.T, open Factory) {
	s := open(t)
	area := domain.Anchor{Attr: domain.AnchorArea, Value: "north"}
	sku := domain.Anchor{Attr: domain.AnchorSKU, Value: "x"}
	notice := func(id string, when time.Time) domain.Event {
		return domain.Event{Source: "s", ID: id, Type: "outage.started", Time: when, Data: json.RawMessage(`{ "z":1 }`)}
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.NoticePut(notice("1", T0), "k1", []domain.Anchor{area}))
		ok(t, tx.NoticePut(notice("2", at(1*time.Second)), "k2", []domain.Anchor{sku, area}))
		ok(t, tx.NoticePut(notice("3", at(2*time.Second)), "k3", nil))
		ok(t, tx.NoticePut(notice("4", T0), "k4", []domain.Anchor{sku}))
		ok(t, tx.NoticePut(notice("5", at(3*time.Second)), "k4", []domain.Anchor{sku}))
	})
	find := func(anchors ...domain.Anchor) (out []string) {
		both(t, s, func(r store.Reader) { out = eventIDs(must[[]domain.Event](t)(r.NoticeFind(anchors))) })
		return out
	}
	want(t, "all", find(), []string{"5", "3", "2", "1"})
	want(t, "by area", find(area), []string{"2", "1"})
	want(t, "by either", find(area, sku), []string{"5", "2", "1"})
	end := func(id string, when time.Time) domain.Event {
		e := notice(id, when)
		e.Type = "outage.ended"
		return e
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.NoticePut(end("6", T0), "k2", []domain.Anchor{area}))               // older than what it would end
		ok(t, tx.NoticePut(end("7", at(4*time.Second)), "k4", []domain.Anchor{sku})) // ends it
		ok(t, tx.NoticePut(notice("8", at(3*time.Second)), "k4", []domain.Anchor{sku}))
		ok(t, tx.NoticePut(end("9", at(time.Minute)), "k5", []domain.Anchor{sku})) // before its beginning comes
	})
	update(t, s, func(tx store.Tx) {
		ok(t, tx.NoticePut(notice("10", at(time.Second)), "k5", []domain.Anchor{sku}))
		ok(t, tx.NoticePut(notice("11", T0), "k2", []domain.Anchor{area}))
	})
	want(t, "after ends", find(), []string{"3", "2", "1"})
	want(t, "by an end's anchor", len(find(store.NoticeEnded)), 0)
	both(t, s, func(r store.Reader) {
		want(t, "row", must[[]domain.Event](t)(r.NoticeFind([]domain.Anchor{area}))[1], notice("1", T0))
		want(t, "by key", must[[]domain.Event](t)(r.NoticeGet([]string{"k4", "none", "k1", "k5"})), []domain.Event{
			end("7", at(4*time.Second)), {}, notice("1", T0), end("9", at(time.Minute)),
		})
	})
	update(t, s, func(tx store.Tx) { must[int](t)(tx.Prune(at(time.Minute), 0)) })
	update(t, s, func(tx store.Tx) { ok(t, tx.NoticePut(notice("12", at(4*time.Second)), "k4", []domain.Anchor{sku})) })
	want(t, "an end that is pruned", find(), []string{"12", "3", "2", "1"})
	update(t, s, func(tx store.Tx) { ok(t, tx.NoticePut(end("13", at(time.Minute)), "k2", nil)) })
	want(t, "closed", find(area), []string{"1"})
}
