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

// message is a reply, or a part of one, that reached a network.
type message struct {
	network    *network
	key        string
	part       string // the key, and a number from the second part on
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
	shows      bool                   // posts can be looked at again; see shown
	posts      map[string]domain.Post // customers', as they stand
	hidden     map[string]bool        // that were not shown when they were last looked at

	// notes are kept where messages longer than length are sent in parts, and
	// each is looked for where its answer was lost. Nil: neither.
	notes  *notes
	keys   social.Keys
	length social.Length

	byKey  map[string]string // part → post id
	sent   []message
	tamper func(*message) // a planted fault
	old    bool           // a planted fault: it shows what was written last, although its author went back
	hushes bool           // a planted fault: who blocks us is only not reached
}

// maxParts is more than the longest reply needs.
const maxParts = 12

// none: nothing but the parts is settled by a message's first attempt.
type none = struct{}

var _ social.Network = (*network)(nil)

// Name implements social.Network.
func (n *network) Name() string { return n.name }

// Account implements social.Network.
func (n *network) Account() string { return "" }

// Capabilities implements social.Network.
func (n *network) Capabilities() social.Capabilities {
	form := social.Form{Text: n.length}
	if n.notes != nil {
		form.Parts = maxParts
	}
	return social.Capabilities{PublicReply: true, PrivateMessage: n.private, Settles: n.idempotent || n.notes != nil, Public: form, Private: form}
}

// Send implements social.Network.
func (n *network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	w := n.world
	if w.process.dead { // a dead process does nothing
		return social.Sent{}, social.Unreached(errCrash)
	}
	if e := w.oracle.effects[m.Key]; e != nil {
		e.asked++
		e.refused = false
		w.oracle.checkLeft(e)
	}
	if m.Visibility == domain.Private && !n.private {
		return n.fail("send.no_private", social.Error{Fault: social.FaultNetwork, Safe: "there are no private messages here"})
	}
	if n.notes == nil {
		return n.post(&m, m.Key, m.Text, m.InReplyTo)
	}
	s := social.Sequence[none]{Message: &m, Keys: &n.keys, Clock: w.clock, State: n.notes, Find: n.find,
		Plan: func(context.Context) (social.Plan[none], error) {
			return social.Plan[none]{Parts: n.length.Split(m.Text, "", maxParts), InReplyTo: m.InReplyTo}, nil
		},
		Send: func(_ context.Context, p social.Part[none]) (social.Sent, error) {
			return n.post(&m, p.Key, p.Text, p.InReplyTo)
		}}
	sent, err := s.Run(ctx)
	if e := w.oracle.effects[m.Key]; e != nil {
		e.broken = e.broken || err != nil && e.half()
	}
	return sent, err
}

func (n *network) fail(op string, err social.Error) (social.Sent, error) {
	n.world.did(op)
	return social.Sent{}, &err
}

// post takes one request to publish.
func (n *network) post(m *social.Message, part, text, to string) (social.Sent, error) {
	w := n.world
	x := w.rand.Float64()
	if w.calm {
		x = 1
	}
	switch {
	case x < 0.04:
		return n.fail("send.down", social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"})
	case x < 0.07:
		return n.fail("send.limited", social.Error{Retry: true, After: time.Minute, Fault: social.FaultNetwork, Safe: "too many requests"})
	case x < 0.08:
		return n.fail("send.refused", social.Error{Fault: social.FaultOurs, Safe: "refused"})
	}
	if p := w.personOf(m.To); p != nil && p.blocked && !w.calm {
		if e := w.oracle.effects[m.Key]; e != nil {
			e.refused = true
		}
		return n.fail("send.blocked", social.Error{Fault: social.FaultCustomer, Blocked: !n.hushes, Safe: "they block us"})
	}
	sent := n.act(message{network: n, key: m.Key, part: part, to: m.To, inReplyTo: to, visibility: m.Visibility, text: text})
	if x < 0.14 {
		return n.fail("send.lost_answer", social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "timeout", Cause: errors.New("no answer")})
	}
	if part != m.Key {
		w.did("send.part")
	}
	w.did("send.ok")
	return sent, nil
}

// act publishes a message, unless its key was used before and counts.
func (n *network) act(out message) social.Sent {
	w := n.world
	if n.tamper != nil {
		n.tamper(&out)
	}
	w.oracle.checkMessage(out.key, &out)
	if e := w.oracle.effects[out.key]; e != nil {
		e.acted++
	}
	if id, known := n.byKey[out.part]; known && n.idempotent {
		return social.Sent{PostID: id, At: w.now()}
	}
	out.postID = fmt.Sprintf("%s-r%d", n.name, len(n.sent)+1)
	n.byKey[out.part] = out.postID
	n.sent = append(n.sent, out)
	return social.Sent{PostID: out.postID, At: w.now()}
}

// find looks for a part that may have been published.
func (n *network) find(_ context.Context, p social.Part[none]) (social.Sent, bool, error) {
	w := n.world
	if !w.calm && w.chance(0.1) {
		_, err := n.fail("send.down", social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"})
		return social.Sent{}, false, err
	}
	id, found := n.byKey[p.Key]
	if found {
		w.did("send.found")
	}
	return social.Sent{PostID: id, At: w.now()}, found, nil
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
	if w.process.dead {
		return domain.ComponentAnswer{}, &component.Error{Retry: true, Safe: "down", Cause: errCrash}
	}
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
	if w.process.dead {
		return errCrash
	}
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
