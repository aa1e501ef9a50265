package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The order that both stories are about, as the sample company has it.
const (
	lateOrder  = "A-10234"
	lateEmail  = "maria.lopez@example.com"
	lateNumber = "+12025550101"
)

func demo(t *testing.T) (*house, *process, *client) {
	h := newHouse(t)
	h.env = nil
	p := h.start("demo", "--no-traffic")
	return h, p, p.client(h.token("story", "agent"))
}

// has fails unless a text holds every one of some words.
func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in %q", w, text)
		}
	}
}

// hasNot fails if a text holds any of some words.
func hasNot(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if w != "" && strings.Contains(strings.ToLower(text), strings.ToLower(w)) {
			t.Errorf("%q is in %q", w, text)
		}
	}
}

// TestStoryOfAKnownCustomer is the main story: a known, linked customer whose
// order is late, from the post to the end of the call.
func TestStoryOfAKnownCustomer(t *testing.T) {
	t.Parallel()
	h, p, c := demo(t)
	post := c.post("maria", "public", "@acme where is my order "+lateOrder+"? It should have been here two days ago", "")
	first := c.await("maria", 1)
	c.rest() // that it was sent is noted after it was
	maria := c.who("K-1001")
	base := "/v1/customers/" + maria.ID

	// The answer is private, says that it is automated, and tells the order's
	// real state: what the order history says.
	orders := list[knownOrder](c, base+"/orders")
	i := slices.IndexFunc(orders, func(o knownOrder) bool { return o.ID == lateOrder })
	if i < 0 || !orders[i].Open || orders[i].Order == nil || orders[i].Order.Status != "shipped" {
		t.Fatalf("the order history: %+v", orders)
	}
	if len(orders) != 3 {
		t.Errorf("%d orders in her history, want the one she named and her two earlier ones", len(orders))
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	expected := orders[i].Order.ETA.In(newYork)
	has(t, first, "private: ", "Automated message", lateOrder, "late", "Parcelway")
	if day := fmt.Sprint(expected.Day()); !strings.Contains(first, day) && !strings.Contains(first, "tomorrow") && !strings.Contains(first, "today") {
		t.Errorf("when it is expected (%v) is not in %q", expected, first)
	}
	for _, m := range c.messages("maria") {
		if strings.HasPrefix(m, "public: ") {
			hasNot(t, m, lateOrder, "Maria", "Lopez", "Parcelway")
		}
	}

	history := list[entry](c, base+"/history")
	for _, kind := range []string{"post", "lookup", "answer", "reply", "sent", "subscription"} {
		if !slices.ContainsFunc(history, func(e entry) bool { return e.Kind == kind }) {
			t.Errorf("no %q in the history: %+v", kind, history)
		}
	}
	subs := list[subscription](c, base+"/subscriptions")
	if !slices.ContainsFunc(subs, func(s subscription) bool { return s.Anchor.Attr == "orderid" && strings.HasPrefix(s.To, "order.") }) {
		t.Errorf("it does not wait for events of the order: %+v", subs)
	}
	if items := list[workItem](c, "/v1/work-items?customer="+maria.ID); len(items) != 0 {
		t.Errorf("a call before there is a reason: %+v", items)
	}
	has(t, h.run("", "explain", post), "look-up-order")

	// Something happens, and she hears of it without having asked.
	in := p.client(h.token("shop", "ingest"))
	eta := time.Now().UTC().AddDate(0, 0, 4).Truncate(time.Second)
	delay := fmt.Sprintf(`{"eta":%q,"reason":"storm on the coast"}`, eta.Format(time.RFC3339))
	in.event("e1", "order.delayed", lateOrder, delay)
	told := c.await("maria", 2)
	has(t, told, "private: ", lateOrder, "delay", "storm on the coast", eta.In(newYork).Weekday().String(), "call")
	for _, o := range list[knownOrder](c, base+"/orders") {
		if o.ID == lateOrder && (o.Order.Status != "delayed" || !o.Order.ETA.Equal(eta)) {
			t.Errorf("the order history after the event: %+v", o.Order)
		}
	}
	items := list[workItem](c, "/v1/work-items?customer="+maria.ID)
	if len(items) != 1 || items[0].Kind != "callback" || items[0].State != "pending" || items[0].Number != lateNumber || !strings.Contains(items[0].PostText, lateOrder) {
		t.Fatalf("the call: %+v", items)
	}
	in.event("e1", "order.delayed", lateOrder, delay)
	c.rest()
	c.await("maria", 2) // the same event again changes nothing

	c.do(200, "POST", "/v1/work-items/"+items[0].ID+"/complete", `{"disposition":"resolved","note":"offered a refund of the shipping"}`)
	c.await("maria", 3)
	c.do(409, "POST", "/v1/work-items/"+items[0].ID+"/complete", `{"disposition":"resolved"}`)
	c.rest()
	c.await("maria", 3)
	type caseView struct{ State, Outcome string }
	if cases := list[caseView](c, base+"/cases"); len(cases) != 1 || cases[0].State != "resolved" {
		t.Errorf("the case: %+v", cases)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d:\n%s", code, p.log)
	}
}

// TestStoryOfAStranger names the same order without being its customer.
func TestStoryOfAStranger(t *testing.T) {
	t.Parallel()
	h, p, c := demo(t)
	in := p.client(h.token("shop", "ingest"))
	post := c.post("nobody", "public", "@acme where is order "+lateOrder+"?", "")
	question := c.await("nobody", 1)
	has(t, question, "private: ", "postcode")
	hasNot(t, question, "Maria", "Lopez", "Parcelway", "PW418200300", "chair", "delayed", "shipped", "expected", "30303", lateEmail)
	stranger := c.who("nobody")
	secretive := func(when string) {
		t.Helper()
		for _, o := range list[knownOrder](c, "/v1/customers/"+stranger.ID+"/orders") {
			if o.Open || o.Found || o.Order != nil {
				t.Errorf("%s the order is in the stranger's history: %+v", when, o)
			}
		}
		hasNot(t, c.get("/v1/customers/"+stranger.ID+"/history").body, "Parcelway", "PW418200300", "chair", "Lopez")
	}
	secretive("before a proof")

	// What happens to the order is not the stranger's business.
	in.event("e1", "order.delayed", lateOrder, "")
	c.rest()
	c.await("nobody", 1)
	secretive("after an event")
	if items := list[workItem](c, "/v1/work-items?customer="+stranger.ID); slices.ContainsFunc(items, func(w workItem) bool { return w.Number != "" }) {
		t.Errorf("Maria's number for a stranger: %+v", items)
	}

	c.post("nobody", "private", "it was ordered with somebody.else@example.com", post)
	refused := c.await("nobody", 2)
	hasNot(t, refused, "Parcelway", "chair", "delayed", "expected")
	secretive("after a wrong proof")

	// The right secret, told for all to read, is worth nothing any more.
	c.post("nobody", "public", "ok: "+lateEmail, post)
	void := c.await("nobody", 3)
	hasNot(t, void, "Parcelway", "chair", "delayed", "expected", lateEmail)
	secretive("after a proof in public")
	raw, _ := json.Marshal(list[entry](c, "/v1/customers/"+stranger.ID+"/history"))
	hasNot(t, string(raw), lateEmail)

	c.post("nobody", "private", "the postcode is 30303", post)
	answered := c.await("nobody", 4)
	has(t, answered, "private: ", lateOrder, "late")
	hasNot(t, answered, "Maria", "Lopez")
	orders := list[knownOrder](c, "/v1/customers/"+stranger.ID+"/orders")
	if len(orders) != 1 || !orders[0].Open {
		t.Errorf("after the proof: %+v", orders)
	}
	// It opened that order, and nothing else of Maria's.
	if again := c.who("nobody"); again.Ref != "" || again.ID == c.who("K-1001").ID {
		t.Errorf("the stranger became somebody else: %+v", again)
	}
}
