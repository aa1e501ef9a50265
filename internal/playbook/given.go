package playbook

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Given is the world before the first step.
type Given struct {
	Customers []GivenCustomer
	Orders    []domain.Order
	Articles  []GivenArticle
	Notices   []domain.Event           // open outages and recalls
	Waiting   map[string]int           // queue → work items waiting
	Wait      map[string]time.Duration // queue → how long a call waits, as the desk says
	Quiet     *Quiet                   // in place of the policy's
}

// Quiet is from which clock hour until which nobody calls or writes unasked,
// in the customer's zone; the same for both is never.
type Quiet struct{ From, To int }

// GivenCustomer is a customer as an import would bring it: its identities are
// linked by a trusted system. A writer who is nobody's identity is a stranger.
type GivenCustomer struct {
	domain.Profile
	Consent    domain.Consent
	Identities []domain.Identity
}

// GivenArticle is a knowledge article.
type GivenArticle struct{ Title, URL, Text, Lang string }

func (s *scenarioReader) given(n *node) Given {
	s.r.keys(n, "given", "customers", "orders", "articles", "notices", "waiting", "wait", "quiet")
	var g Given
	for _, c := range s.list(n, "customers") {
		if s.r.isMap(c, "a customer") {
			g.Customers = append(g.Customers, s.customer(c))
		}
	}
	for _, o := range s.list(n, "orders") {
		if s.r.isMap(o, "an order") {
			g.Orders = append(g.Orders, s.order(o))
		}
	}
	for _, a := range s.list(n, "articles") {
		if s.r.isMap(a, "an article") {
			s.r.keys(a, "an article", "title", "url", "text", "lang")
			g.Articles = append(g.Articles, GivenArticle{s.text(a, "title"), s.text(a, "url"), s.text(a, "text"), s.text(a, "lang")})
		}
	}
	for _, e := range s.list(n, "notices") {
		if ev := s.event(e); ev != nil {
			g.Notices = append(g.Notices, *ev)
		}
	}
	if w := n.get("waiting"); w != nil && s.r.isMap(w, "waiting") {
		g.Waiting = map[string]int{}
		for _, e := range w.entries {
			g.Waiting[e.key] = s.number(e.value, "waiting")
		}
	}
	if w := n.get("wait"); w != nil && s.r.isMap(w, "wait") {
		g.Wait = map[string]time.Duration{}
		for _, e := range w.entries {
			g.Wait[e.key] = s.r.argDuration(e.value, "wait")
		}
	}
	if q := n.get("quiet"); q != nil && s.r.isMap(q, "quiet") {
		s.r.keys(q, "quiet", "from", "to")
		g.Quiet = &Quiet{s.hour(q, "from"), s.hour(q, "to")}
	}
	return g
}

// hour reads a clock hour, 0 to 24.
func (s *scenarioReader) hour(n *node, key string) int {
	v := n.get(key)
	if v == nil {
		s.r.at(n, "an hour, 0 to 24", "", "%s is missing", key)
		return 0
	}
	h := s.number(v, key)
	if h < 0 || h > 24 {
		s.r.at(v, "an hour, 0 to 24", "", "%s is %d", key, h)
	}
	return h
}

func (s *scenarioReader) customer(n *node) GivenCustomer {
	s.r.keys(n, "a customer", "ref", "name", "phone", "email", "lang", "time_zone", "tier", "consent", "identities")
	c := GivenCustomer{Profile: domain.Profile{Ref: s.text(n, "ref"), Name: s.text(n, "name"), Phone: s.text(n, "phone"),
		Email: s.text(n, "email"), Lang: s.text(n, "lang"), TimeZone: s.text(n, "time_zone"), Tier: s.text(n, "tier")}}
	if v := n.get("consent"); v != nil && s.r.isMap(v, "consent") {
		s.r.keys(v, "consent", "calls", "messages", "stopped")
		c.Consent = domain.Consent{Calls: domain.Answer(s.oneOf(v, "calls", answerWords)),
			Messages: domain.Answer(s.oneOf(v, "messages", answerWords)), Stopped: s.flag(v, "stopped")}
	}
	for _, i := range s.list(n, "identities") {
		if !s.r.isMap(i, "an identity") {
			continue
		}
		s.r.keys(i, "an identity", "network", "author", "handle", "name")
		id := domain.Identity{IdentityKey: domain.IdentityKey{Network: s.text(i, "network"), Author: s.text(i, "author")},
			Handle: s.text(i, "handle"), Name: s.text(i, "name")}
		if id.Network == "" {
			id.Network = "sandbox"
		}
		if id.Author == "" {
			id.Author = id.Handle
		}
		if id.Handle == "" {
			id.Handle = id.Author
		}
		if id.Author == "" {
			s.r.at(i, "author or handle", "", "the identity names nobody")
		}
		c.Identities = append(c.Identities, id)
	}
	c.Normalize()
	return c
}

func (s *scenarioReader) order(n *node) domain.Order {
	s.r.keys(n, "an order", "id", "customer_ref", "status", "placed_at", "eta", "promised", "delivered_at", "carrier", "tracking",
		"items", "total", "currency", "reason", "area", "email", "postcode")
	o := domain.Order{ID: s.text(n, "id"), CustomerRef: s.text(n, "customer_ref"), Status: domain.OrderStatus(s.oneOf(n, "status", orderStatusWords)),
		PlacedAt: s.moment(n, "placed_at"), ETA: s.moment(n, "eta"), Promised: s.moment(n, "promised"), DeliveredAt: s.moment(n, "delivered_at"),
		Carrier: s.text(n, "carrier"), Tracking: s.text(n, "tracking"), Total: s.text(n, "total"), Currency: s.text(n, "currency"),
		Reason: s.text(n, "reason"), Area: s.text(n, "area"), Email: s.text(n, "email"), Postcode: s.text(n, "postcode")}
	for _, i := range s.list(n, "items") {
		switch i.kind {
		case scalarNode:
			o.Items = append(o.Items, domain.OrderItem{Name: i.text, Quantity: 1})
		case mapNode:
			s.r.keys(i, "an item", "sku", "name", "quantity")
			item := domain.OrderItem{SKU: s.text(i, "sku"), Name: s.text(i, "name"), Quantity: 1}
			if v := i.get("quantity"); v != nil {
				item.Quantity = s.number(v, "quantity")
			}
			o.Items = append(o.Items, item)
		default:
			s.r.at(i, "a name or a map", "", "an item is %s", i.kind)
		}
	}
	o.Normalize()
	if o.ID == "" {
		s.r.at(n, "id", "", "the order has no id")
	}
	return o
}
