package advocate_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// followBook subscribes by everything an order tells, and by what anybody may
// know.
const followBook = `
playbook: follow
rules:
  - name: look-up
    on: post
    when: size(post.order_refs) > 0
    do:
      - subscribe: {to: "order.*", where: {orderid: "post.order_refs[0]"}, for: 30d}
      - lookup: {component: orders, id: "post.order_refs[0]"}
  - name: all-orders
    on: post
    when: customer.proven
    do:
      - subscribe: {to: "order.*", where: {customerid: customer.ref}, for: 30d}
  - name: known-outage
    on: post
    when: '"outage" in post.topics'
    do:
      - subscribe: {to: "outage.ended", where: {area: leeds}, for: 14d}
  - name: recalls
    on: answer.orders
    when: order.found && size(order.skus) > 0
    do:
      - subscribe: {to: recall.issued, where: {sku: "order.skus[0]"}, for: 30d}
  - name: area
    on: answer.orders
    when: order.found && order.area != ""
    do:
      - subscribe: {to: outage.started, where: {area: order.area}, for: 14d}
      - subscribe: {to: outage.ended, where: {area: order.area}, for: 14d}
  - name: when-proven
    on: verified
    do:
      - subscribe: {to: acme.depot.closed, where: {area: depot-7}, for: 14d}
  - name: upset
    on: answer.orders
    when: case.sentiment == "negative"
    do:
      - work_item: {kind: callback, due: 2h}
  - name: delayed
    on: order.delayed
    do:
      - subscribe: {to: acme.storm.over, where: {area: north}, for: 14d}
  - name: tell
    on: [recall.issued, outage.started, outage.ended]
    do:
      - reply: {template: news}
templates:
  news: {en: "There is news."}
`

func parcel(id string) domain.Order {
	o := lateOrder()
	o.ID, o.Area, o.Items = id, "leeds", []domain.OrderItem{{SKU: "KET-1", Name: "Red kettle", Quantity: 1}}
	return o
}

// anchors lists what an advocate is subscribed to.
func (k *kit) anchors() []string {
	var out []string
	for _, s := range k.snap.Subscriptions {
		out = append(out, s.To+" "+s.Anchor.String())
	}
	slices.Sort(out)
	return out
}

func (k *kit) subscribed(want ...string) {
	k.t.Helper()
	slices.Sort(want)
	if got := k.anchors(); !slices.Equal(got, want) {
		k.t.Fatalf("subscribed to %q, want %q", got, want)
	}
}

func (k *kit) ended(n int) {
	k.t.Helper()
	if len(k.last.Unsubscribe) != n {
		k.t.Errorf("the decision ends %d subscriptions, want %d: %s", len(k.last.Unsubscribe), n, mustJSON(k.t, k.last.Unsubscribe))
	}
	for _, s := range k.last.Unsubscribe {
		if k.snap.Timer("subscription:"+s.ID[len(s.ID)-2:]) != nil {
			k.t.Errorf("%s still has its timer", s.ID)
		}
	}
}

func unlink(author string) domain.Input {
	return domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandUnlink, By: "ann",
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: network, Author: author}}}}}
}

const (
	byRef    = "order.* orderid=A-10234"
	byOwner  = "order.* customerid=C-1"
	bySKU    = "recall.issued sku=ket-1"
	byArea   = "outage.started area=leeds"
	byAreaUp = "outage.ended area=leeds"
)

// TestUnlinkEndsWhatAProofMade: subscriptions that only a proven order could
// lead to end with the proof, in the state and in the store; what anybody
// could have asked for stays.
func TestUnlinkEndsWhatAProofMade(t *testing.T) {
	t.Parallel()
	k := newKit(t, followBook).known()
	k.decide(k.post("maria", "where is A-10234", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), parcel("A-10234")))
	k.subscribed(byRef, byOwner, bySKU, byArea, byAreaUp)
	if w := k.snap.WorkItems[0]; w.Number != "+14155550100" {
		t.Fatalf("the call has the number %q", w.Number)
	}

	k.decide(unlink("maria"))
	k.subscribed(byRef)
	k.ended(4)
	if w := k.snap.WorkItems[0]; w.Number != "" || len(k.last.WorkItems) != 1 || k.last.WorkItems[0].Number != "" {
		t.Errorf("the profile's number is still called: %s", mustJSON(t, w))
	}
	k.now = k.now.Add(time.Hour)
	k.decide(domain.Input{Kind: domain.InputEvent, Event: &domain.Event{Source: "shop", ID: "r1", Type: "recall.issued", SKU: "ket-1", Time: k.now}})
	k.noReply()

	// Proven anew and asked again, it begins anew.
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandLink, By: "ann",
		Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: network, Author: "maria"}}}}})
	k.decide(k.post("maria", "and A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), parcel("A-10234")))
	k.subscribed(byRef, byOwner, bySKU, byArea, byAreaUp)
}

// TestProofOfAnotherOrderKeeps: a subscription that two orders led to stands
// while one of them is proven, and one that needs no proof stands by itself.
func TestProofOfAnotherOrderKeeps(t *testing.T) {
	t.Parallel()
	k := newKit(t, followBook).known()
	said := about("A-10234", domain.Neutral)
	said.Topics = []domain.Topic{domain.TopicOutage}
	k.decide(k.post("maria", "A-10234, and no internet in leeds", domain.Public, said))
	k.decide(k.answer(k.lookup(), parcel("A-10234")))
	and := k.post("maria", "and B-2", domain.Public, about("B-2", domain.Neutral))
	and.Post.InReplyTo = "p01"
	k.decide(and)
	k.decide(k.answer(k.lookup(), parcel("B-2")))
	byRef2 := "order.* orderid=B-2"
	k.subscribed(byRef, byRef2, byOwner, bySKU, byArea, byAreaUp)

	sold := func(id string) domain.Input {
		o := parcel(id)
		o.CustomerRef, o.UpdatedAt = "C-9", k.now
		return k.event("order.paid", o)
	}
	k.decide(sold("A-10234"))
	k.ended(0)
	k.subscribed(byRef, byRef2, byOwner, bySKU, byArea, byAreaUp)
	k.decide(sold("B-2"))
	k.ended(2)
	k.subscribed(byRef, byRef2, byOwner, byAreaUp)
	k.decide(unlink("maria"))
	k.subscribed(byRef, byRef2, byAreaUp)
}

// TestSecretKeepsItsOrder: the secret opens the order whoever it belongs to,
// and what followed from it ends when the evidence is withdrawn.
func TestSecretKeepsItsOrder(t *testing.T) {
	t.Parallel()
	k := newKit(t, followBook)
	k.decide(k.post("eve", "where is A-10234", domain.Private, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), parcel("A-10234")))
	k.subscribed(byRef)
	k.snap.Cases[0].Verify = &domain.Verification{Order: "A-10234", AskedAt: k.now}
	secret := k.post("eve", "maria@example.com", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true,
		Entities: []domain.Entity{{Kind: domain.EntityEmail, Text: "maria@example.com", Value: "maria@example.com"}}})
	k.decide(secret)
	depot, storm := "acme.depot.closed area=depot-7", "acme.storm.over area=north"
	k.subscribed(byRef, bySKU, byArea, byAreaUp, depot)

	o := parcel("A-10234")
	o.CustomerRef, o.UpdatedAt = "C-9", k.now
	k.decide(k.event("order.delayed", o))
	k.subscribed(byRef, bySKU, byArea, byAreaUp, depot, storm)
	k.decide(unlink("eve"))
	k.ended(5)
	k.subscribed(byRef)
}

// TestGroundsAreStored: what a subscription rests on survives being stored.
func TestGroundsAreStored(t *testing.T) {
	t.Parallel()
	k := newKit(t, followBook).known()
	k.decide(k.post("maria", "where is A-10234", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), parcel("A-10234")))
	var seen []string
	for _, s := range k.snap.Subscriptions {
		b, _ := json.Marshal([]any{s.Anchor.Attr, s.Orders, s.Linked})
		seen = append(seen, string(b))
	}
	slices.Sort(seen)
	want := []string{`["area",["A-10234"],false]`, `["area",["A-10234"],false]`, `["customerid",null,true]`, `["orderid",null,false]`, `["sku",["A-10234"],false]`}
	if !slices.Equal(seen, want) {
		t.Errorf("grounds %q, want %q", seen, want)
	}
}
