package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

func (k *kit) order(id string) domain.Order {
	k.t.Helper()
	var o []domain.Order
	k.view(func(r store.Reader) (err error) {
		o, err = r.OrderGet([]string{id})
		return err
	})
	return o[0]
}

// known imports a customer with an identity of the same name and an order.
func (k *kit) known(author, ref, order string) domain.CustomerID {
	k.t.Helper()
	if _, err := k.engine.OrdersImport(k.ctx, []domain.Order{{ID: order, CustomerRef: ref, Status: domain.OrderShipped, UpdatedAt: k.clock.Now(), Email: ref + "@example.com"}}); err != nil {
		k.t.Fatal(err)
	}
	report, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{{
		Profile:    domain.Profile{Ref: ref, Name: author, Phone: "+34911222333"},
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: author}}},
	}})
	if err != nil || len(report.Refused) > 0 {
		k.t.Fatalf("import: %v %+v", err, report)
	}
	var ids []domain.CustomerID
	k.view(func(r store.Reader) (err error) {
		ids, err = r.RefFind([]string{ref})
		return err
	})
	return ids[0]
}

func TestTheThinPath(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.known("ann", "C-1", "A-10234")
		if got := k.take(k.post("ann", "where is my order A-10234? it should be here")); got != id {
			t.Fatalf("the post woke %v, not the known customer %v", got, id)
		}
		k.settle()
		sent := k.net.Sent()
		if len(sent) != 1 || sent[0].Visibility != domain.Private {
			t.Fatalf("sent %+v", sent)
		}
		if r := k.events(orderEvent("e1", "delayed", "A-10234"), orderEvent("e1", "delayed", "A-10234")); !r[1].Duplicate {
			t.Fatalf("a repeated event gave %+v", r)
		}
		if o := k.order("A-10234"); o.Status != domain.OrderDelayed {
			t.Fatalf("the order is %s", o.Status)
		}
		k.settle()
		var items []domain.WorkItem
		k.view(func(r store.Reader) (err error) {
			items, err = r.WorkItemList(store.WorkItemListParams{State: domain.WorkPending})
			return err
		})
		if len(items) != 1 || items[0].Kind != domain.Callback || items[0].Customer != id {
			t.Fatalf("work items %+v", items)
		}
		if n := k.count(id, "order.delayed"); n != 1 {
			t.Fatalf("the event was decided %d times: %v", n, k.inputs(id))
		}
		if err := k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandComplete, By: "kim", WorkItem: items[0].ID, Disposition: domain.DispositionReached}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandComplete, By: "kim", WorkItem: items[0].ID, Disposition: domain.DispositionReached}), domain.CodeConflict)
		x, err := k.engine.Explain(k.ctx, items[0].ID)
		if err != nil || x.Customer != id || len(x.Records) == 0 || len(x.Cases) != 1 {
			t.Fatalf("explain: %v %+v", err, x)
		}
		if x, err = k.engine.Explain(k.ctx, "p1"); err != nil || x.Kind != "post" || len(x.Records) < 3 {
			t.Fatalf("explain the post: %v, %d records", err, len(x.Records))
		}
	})
}

func TestOlderFactsChangeNothing(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		newer := orderEvent("n", "delivered", "A-1")
		newer.Time = start
		older := orderEvent("o", "shipped", "A-1")
		older.Time = start.Add(-time.Hour)
		k.events(newer)
		k.events(older)
		if o := k.order("A-1"); o.Status != domain.OrderDelivered {
			t.Fatalf("the order is %s", o.Status)
		}
		both := []domain.Event{orderEvent("x", "shipped", "A-2"), orderEvent("y", "delivered", "A-2")}
		both[0].Time, both[1].Time = start, start.Add(-time.Hour)
		k.events(both...)
		if o := k.order("A-2"); o.Status != domain.OrderShipped {
			t.Fatalf("within one batch the order became %s", o.Status)
		}
		changed := newer
		changed.Data = json.RawMessage(`{"x":1}`)
		r, err := k.engine.EventsSubmit(k.ctx, []domain.Event{changed, {Source: "s"}})
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, r[0].Err, domain.CodeConflict)
		wantCode(t, r[1].Err, domain.CodeInvalid)
	})
}

func TestNoticesOpenAndEnd(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		notices := func() (n int) {
			k.view(func(r store.Reader) error {
				rows, err := r.NoticeFind(nil)
				n = len(rows)
				return err
			})
			return n
		}
		k.events(domain.Event{Source: "noc", ID: "1", Type: "outage.started", Area: "north"}, domain.Event{Source: "noc", ID: "2", Type: "recall.issued", SKU: "lamp"})
		if n := notices(); n != 2 {
			t.Fatalf("%d notices", n)
		}
		k.events(domain.Event{Source: "noc", ID: "3", Type: "outage.ended", Area: "North"})
		if n := notices(); n != 1 {
			t.Fatalf("%d notices after the outage's end", n)
		}
	})
}

func TestCustomerUpdated(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.known("ann", "C-1", "A-1")
		k.events(domain.Event{Source: "crm", ID: "1", Type: "customer.updated", CustomerRef: "C-1", Data: json.RawMessage(`{"name":"Ann Other","tier":"gold"}`)})
		if c := k.snapshot(id).Customer; c.Name != "Ann Other" || c.Tier != "gold" || c.Ref != "C-1" {
			t.Fatalf("customer %+v", c)
		}
	})
}

func TestSubscriptionsCatchUp(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.known("ann", "C-1", "A-1000")
		k.take(k.post("ann", "hello, I have a question"))
		k.settle()
		// These pass before anybody wants them, but after the case opened.
		k.clock.Advance(time.Second)
		k.events(orderEvent("e1", "shipped", "A-1000"))
		k.clock.Advance(time.Second)
		p := k.post("ann", "my order A-1000 is late")
		p.InReplyTo = "p1"
		// This one passes in the same batch as the post that subscribes: it
		// stands in the log when the subscription is made.
		k.take(p)
		k.events(orderEvent("e2", "paid", "A-1000"))
		k.settle()
		again := k.post("ann", "A-1000 again please")
		again.InReplyTo = "p1"
		k.take(again)
		k.settle()
		for _, want := range []string{"order.shipped e1", "order.paid e2"} {
			if n := k.count(id, want); n != 1 {
				t.Errorf("%s reached the customer %d times, want once: %v", want, n, k.inputs(id))
			}
		}
		if s := k.status(); s.CatchUps != 0 {
			t.Errorf("%d subscriptions still catch up", s.CatchUps)
		}
	})
}

// TestNoMissNoDouble lets posts that subscribe and events race from many
// callers: every event accepted after a case opened reaches its customer once.
func TestNoMissNoDouble(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		const n = 40
		ids := make([]domain.CustomerID, n)
		var work []func()
		for i := range n {
			ids[i] = k.known(fmt.Sprintf("author%d", i), fmt.Sprintf("C-%d", i), fmt.Sprintf("A-%d", 1000+i))
			p := k.post(fmt.Sprintf("author%d", i), fmt.Sprintf("where is my order A-%d", 1000+i))
			work = append(work, func() { k.submit(p) })
			for j := range 3 {
				ev := orderEvent(fmt.Sprintf("e%d-%d", i, j), "shipped", fmt.Sprintf("A-%d", 1000+i))
				work = append(work, func() { k.events(ev) })
			}
		}
		done := make(chan struct{}, len(work))
		for _, i := range permutation(len(work)) {
			go func() {
				work[i]()
				done <- struct{}{}
			}()
		}
		for range work {
			<-done
		}
		k.settle()
		for i, id := range ids {
			got := k.inputs(id)
			for j := range 3 {
				want := fmt.Sprintf("order.shipped e%d-%d", i, j)
				had := 0
				for _, s := range got {
					if s == want {
						had++
					}
				}
				// The clock stands still, so every event was accepted "at" the
				// time the case opened and counts.
				if had != 1 {
					t.Errorf("%s reached its customer %d times: %v", want, had, got)
				}
			}
		}
	})
}

func permutation(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i * 7919 % n
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for i := 0; len(out) < n; i++ {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	for i := range out {
		j := (i * 31) % n
		out[i], out[j] = out[j], out[i]
	}
	return out
}

const wideBook = `
playbook: wide
rules:
  - name: follow
    on: post
    do:
      - subscribe: {to: "recall.*", where: {sku: "'lamp'"}, for: 30d}
      - subscribe: {to: "recall.*", where: {area: "'north'"}, for: 30d}
      - resolve: {outcome: noted}
`

func TestFanOutStarvesNobody(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: wideBook})
		n := 5000
		if k.store.Engine() == "memory" {
			n = 2000 // the oracle looks through everything it has
		}
		var ids []domain.CustomerID
		for at := 0; at < n; at += 500 {
			posts := make([]domain.Post, 500)
			for i := range posts {
				posts[i] = k.post(fmt.Sprintf("a%d", at+i), "hello")
			}
			for _, r := range k.submit(posts...) {
				if r.Err != nil {
					t.Fatal(r.Err)
				}
				ids = append(ids, r.Customer)
			}
		}
		k.settle() // what has not caught up yet would have the event by that way
		recall := domain.Event{Source: "quality", ID: "r1", Type: "recall.issued", SKU: "lamp", Area: "north"}
		if r := k.events(recall)[0]; r.Duplicate {
			t.Fatal("duplicate")
		}
		if s := k.status(); s.Fanouts != 1 {
			t.Fatalf("%d fan-outs under way", s.Fanouts)
		}
		// Between two chunks other customers' posts are taken and decided.
		steps := 0
		for ; ; steps++ {
			did, err := k.engine.StepFanout(k.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if did == 0 {
				break
			}
			if steps < 20 {
				other := k.take(k.post(fmt.Sprintf("other%d", steps), "hello"))
				if got := k.inputs(other); len(got) != 1 {
					t.Fatalf("another customer's post waited for the fan-out: %v", got)
				}
			}
			if r := k.events(recall)[0]; !r.Duplicate {
				t.Fatal("a repeat of the event was taken again")
			}
		}
		if steps < n/256 {
			s := k.status()
			t.Fatalf("%d subscribers were taken in %d steps: %d inputs, %d fan-outs left", n, steps, s.Metrics.Fanout, s.Fanouts)
		}
		k.settle()
		for _, i := range []int{0, 1, 255, 256, 257, 999, n / 2, n - 2, n - 1} {
			if got := k.count(ids[i], "recall.issued"); got != 1 {
				t.Errorf("subscriber %d had the event %d times", i, got)
			}
		}
		if s := k.status(); s.Metrics.Fanout != int64(n) || s.Fanouts != 0 {
			t.Errorf("%d inputs were delivered in chunks, want %d; %d fan-outs left", s.Metrics.Fanout, n, s.Fanouts)
		}
	})
}
