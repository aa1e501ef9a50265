package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// FuzzPosts hands an engine whatever a network may bring: each post ends in
// exactly one of taken, repeated, set aside or refused, what is taken is
// decided, and nothing panics.
func FuzzPosts(f *testing.F) {
	f.Add("sandbox", "p1", "ann", "where is my order A-1000", "", "", false, false, false)
	f.Add("sandbox", "x1", "ann", "edited", "x0", "2", false, true, false)
	f.Add("", "\x00", "\xff\xfe", "\u202emirror\u200b", "x1", "\x00deleted", true, false, true)
	// One engine for all: what came before must not matter either.
	k := newKit(f, memory.New(), setup{})
	f.Fuzz(func(t *testing.T, network, id, author, text, parent, revision string, deleted, own, reshare bool) {
		k.t = t
		first := k.post("ann", "where is my order A-1000")
		p := domain.Post{
			Network: network, ID: id, Author: domain.Author{ID: author, Handle: author}, Text: text, InReplyTo: parent,
			Revision: revision, Deleted: deleted, Own: own, Reshare: reshare,
		}
		for _, r := range k.submit(first, p, p) {
			ends := 0
			for _, is := range []bool{r.Err != nil, r.Aside != "", r.Duplicate, !r.Duplicate && r.Customer != 0} {
				if is {
					ends++
				}
			}
			if ends != 1 {
				t.Fatalf("a post ended in %d things: %+v", ends, r)
			}
		}
		k.settle()
		if s := k.status(); s.Counts.Inbox != 0 || len(s.Stuck) != 0 || s.Metrics.Panics != 0 {
			t.Fatalf("inbox %d, stuck %v, %d panics", s.Counts.Inbox, s.Stuck, s.Metrics.Panics)
		}
	})
}

// FuzzEvents hands an engine whatever a source may send, for a customer who
// follows an order.
func FuzzEvents(f *testing.F) {
	f.Add("shop", "e1", "order.delayed", "A-1000", `{"eta":"2026-03-03T10:00:00Z"}`)
	f.Add("shop", "e2", "customer.updated", "", `{"customerid":"C-1","name":"\u0000"}`)
	f.Add("noc", "e3", "outage.started", "", `{"area":7,"sku":["x"]}`)
	f.Add("advocate", "e4", "order.", "a-1000", `{"order":{"id":"B","status":"\ud800"}}`)
	k := newKit(f, memory.New(), setup{})
	k.known("ann", "C-1", "A-1000")
	k.take(k.post("ann", "where is my order A-1000"))
	k.settle()
	f.Fuzz(func(t *testing.T, source, id, kind, order, data string) {
		k.t = t
		ev := domain.Event{Source: source, ID: id, Type: kind, OrderID: order, Data: json.RawMessage(data)}
		r, err := k.engine.EventsSubmit(k.ctx, []domain.Event{ev, ev})
		if err != nil {
			t.Fatal(err)
		}
		if r[0].Err == nil && !r[1].Duplicate {
			t.Fatalf("a repeat was taken: %+v", r)
		}
		k.settle()
		if s := k.status(); s.Counts.Inbox != 0 || len(s.Stuck) != 0 || s.Metrics.Panics != 0 {
			t.Fatalf("inbox %d, stuck %v, %d panics", s.Counts.Inbox, s.Stuck, s.Metrics.Panics)
		}
	})
}
