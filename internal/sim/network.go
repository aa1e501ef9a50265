package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// message is a reply that reached a network.
type message struct {
	key        string
	postID     string
	to         domain.IdentityKey
	inReplyTo  string
	visibility domain.Visibility
	text       string
}

// network is a social network that does what the seed says.
type network struct {
	world      *world
	name       string
	private    bool
	idempotent bool
	byKey      map[string]string // key → post id
	sent       []message
	tamper     func(*message) // a planted fault
}

var _ social.Network = (*network)(nil)

// Name implements social.Network.
func (n *network) Name() string { return n.name }

// Account implements social.Network.
func (n *network) Account() string { return "" }

// Capabilities implements social.Network.
func (n *network) Capabilities() social.Capabilities {
	return social.Capabilities{PublicReply: true, PrivateMessage: n.private, Idempotent: n.idempotent}
}

// Send implements social.Network.
func (n *network) Send(_ context.Context, m social.Message) (social.Sent, error) {
	w := n.world
	if e := w.oracle.effects[m.Key]; e != nil {
		e.asked++
	}
	fail := func(op string, err social.Error) (social.Sent, error) {
		w.did(op)
		return social.Sent{}, &err
	}
	if m.Visibility == domain.Private && !n.private {
		return fail("send.no_private", social.Error{Fault: social.FaultNetwork, Safe: "there are no private messages here"})
	}
	x := w.rand.Float64()
	if w.calm {
		x = 1
	}
	switch {
	case x < 0.04:
		return fail("send.down", social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"})
	case x < 0.07:
		return fail("send.limited", social.Error{Retry: true, After: time.Minute, Fault: social.FaultNetwork, Safe: "too many requests"})
	case x < 0.08:
		return fail("send.refused", social.Error{Fault: social.FaultOurs, Safe: "refused"})
	}
	if p := w.personOf(m.To); p != nil && p.blocked && !w.calm {
		return fail("send.blocked", social.Error{Fault: social.FaultCustomer, Safe: "they block us"})
	}
	sent := n.act(m)
	if x < 0.14 {
		return fail("send.lost_answer", social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "timeout", Cause: errors.New("no answer")})
	}
	w.did("send.ok")
	return sent, nil
}

// act publishes a message, unless its key was used before and counts.
func (n *network) act(m social.Message) social.Sent {
	w := n.world
	out := message{key: m.Key, to: m.To, inReplyTo: m.InReplyTo, visibility: m.Visibility, text: m.Text}
	if n.tamper != nil {
		n.tamper(&out)
	}
	w.oracle.checkMessage(m.Key, &out)
	if e := w.oracle.effects[m.Key]; e != nil {
		e.acted++
	}
	if id, known := n.byKey[m.Key]; known && n.idempotent {
		return social.Sent{PostID: id, At: w.now()}
	}
	out.postID = fmt.Sprintf("%s-r%d", n.name, len(n.sent)+1)
	n.byKey[m.Key] = out.postID
	n.sent = append(n.sent, out)
	return social.Sent{PostID: out.postID, At: w.now()}
}

// system is a component that the seed lets fail.
type system struct {
	world *world
	name  string
	disk  store.Store
}

var _ component.Component = (*system)(nil)

// Name implements component.Component.
func (s *system) Name() string { return s.name }

// Ask implements component.Component.
func (s *system) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	w := s.world
	if e := w.oracle.effects[q.Effect]; e != nil {
		e.asked++
	}
	x := w.rand.Float64()
	switch {
	case w.calm:
	case x < 0.06:
		w.did("ask.failed")
		return domain.ComponentAnswer{}, &component.Error{Retry: true, Safe: "down"}
	case x < 0.09:
		w.did("ask.timeout")
		return domain.ComponentAnswer{}, &component.Error{Retry: true, Safe: "no answer", Cause: context.DeadlineExceeded}
	case x < 0.11:
		w.did("ask.refused")
		return domain.ComponentAnswer{}, &component.Error{Safe: "refused"}
	}
	a := domain.ComponentAnswer{Lookup: q}
	if s.name != "orders" {
		a.Found = true
		a.Data = []byte(`{"title":"Washing","text":"Wash at 40 degrees."}`)
		w.did("ask.ok")
		return a, nil
	}
	err := s.disk.View(ctx, func(r store.Reader) error {
		if q.ID == "" {
			var err error
			a.Orders, err = r.OrderList(asker.Ref, 5)
			return err
		}
		found, err := r.OrderGet([]string{domain.FoldRef(q.ID)})
		if err == nil && found[0].ID != "" {
			a.Orders = found
		}
		return err
	})
	if err != nil {
		return a, &component.Error{Retry: true, Safe: "store", Cause: err}
	}
	a.Found = len(a.Orders) > 0
	w.did("ask.ok")
	return a, nil
}

// hook receives notifications.
type hook struct{ world *world }

// Send implements engine.WebhookSender.
func (h *hook) Send(_ context.Context, key string, _ domain.Notify) error {
	w := h.world
	e := w.oracle.effects[key]
	if e == nil {
		w.oracle.fail("the webhook got the key %s, which no effect has", key)
	} else {
		e.asked++
	}
	if !w.calm && w.chance(0.1) {
		w.did("notify.failed")
		return errors.New("the webhook is down")
	}
	w.did("notify.ok")
	return nil
}
