package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// checkMessage judges a message at the moment the network gets it: whether it
// is what was decided, may be said to whom and now, and comes in its turn.
func (o *oracle) checkMessage(key string, m *message) {
	e := o.effects[key]
	if e == nil || e.Reply == nil {
		o.fail("the network got a message with the key %s, which is no reply's", key)
		return
	}
	r := e.Reply
	if m.network.notes == nil && m.text != r.Text || m.to != r.To || m.visibility != r.Visibility {
		o.fail("the message %s left otherwise than it was decided: %s to %v %.160q, decided as %s to %v %.160q", key, m.visibility, m.to, m.text, r.Visibility, r.To, r.Text)
	}
	if e.erased {
		o.fail("the message %s left for an erased customer", key)
		return
	}
	o.checkPart(e, m)
	o.checkPrivacy(key, m)
	o.checkTurn(e)
	o.checkStands(e, m)
	p := o.root(e.owner)
	if p == nil {
		return
	}
	o.checkAsk(e, p)
	c := p.snap.Case(e.Case)
	if c == nil || r.By != "" {
		return
	}
	if c.Owner != "" {
		o.fail("the message %s left while %s has the case", key, c.Owner)
	}
	if p.snap.Customer.Consent.Stopped && r.Template != "stopped" {
		o.fail("the message %s left after the customer said stop", key)
	}
	if r.Proactive && o.quietAt(o.now(), p.snap.Customer.TimeZone) {
		o.fail("the unasked message %s left in quiet hours, at %s", key, o.now().Format(time.RFC3339))
	}
	for i := range c.Posts {
		if c.Posts[i].Gone && c.Posts[i].ID == r.InReplyTo {
			o.fail("the message %s answers the deleted post %s", key, r.InReplyTo)
		}
	}
}

// checkPrivacy looks for what only the owner of an order can know.
func (o *oracle) checkPrivacy(key string, m *message) {
	for _, order := range o.world.told(m.text) {
		switch {
		case m.visibility == domain.Public:
			o.fail("the message %s tells details of the order %s in public: %.200q", key, order.id, m.text)
		case !o.world.mayHear(m.to, order):
			o.fail("the message %s tells %v of the unproven order %s: %.200q", key, m.to, order.id, m.text)
		}
	}
	if m.visibility != domain.Public {
		return
	}
	low := strings.ToLower(m.text)
	for _, p := range o.world.people {
		for _, secret := range []string{p.name, p.email, p.phone} {
			if strings.Contains(low, strings.ToLower(secret)) {
				o.fail("the message %s tells something personal in public: %.200q", key, m.text)
			}
		}
	}
}

// checkTurn sees that replies of one conversation leave in their order.
func (o *oracle) checkTurn(e *effectFact) {
	pending := o.pendingKeys()
	for _, other := range o.talks[e.Conversation] {
		switch {
		case other.Ordinal < e.Ordinal && other.inOutbox && (other.acted == 0 || other.half()) && e.acted == 0:
			o.fail("the message %s overtook %s", e.ID, other.ID)
		case other.Ordinal < e.Ordinal && !other.inOutbox && other.outcomes == 0 && pending["result/"+other.ID] == 0 && !other.erased:
			o.fail("the message %s left although %s before it has not ended", e.ID, other.ID)
		case other.Ordinal > e.Ordinal && other.acted > 0 && e.acted == 0:
			o.fail("the message %s left after %s, which comes behind it", e.ID, other.ID)
		}
	}
}

// checkPart judges a part of a reply where replies are cut into parts and each
// can be looked for: it is said once, and goes on where the one before ended.
func (o *oracle) checkPart(e *effectFact, m *message) {
	if m.network.notes == nil {
		return
	}
	if _, twice := m.network.byKey[m.part]; twice {
		o.fail("the part %s of the message %s was said twice: %.120q", m.part, e.ID, m.text)
		return
	}
	e.said = append(e.said, strings.Fields(m.text)...)
	if all := strings.Fields(e.Reply.Text); len(e.said) > len(all) || !slices.Equal(e.said, all[:len(e.said)]) {
		o.fail("the parts of the message %s are not what was decided: %.160q of %.160q", e.ID, e.said, all)
	}
}

// half reports whether a part of a reply was said, and not the whole.
func (e *effectFact) half() bool {
	return len(e.said) > 0 && len(e.said) < len(strings.Fields(e.Reply.Text))
}

// checkWhole judges how a reply in parts is said to have ended.
func (o *oracle) checkWhole(e *effectFact, out *domain.Outcome) {
	switch {
	case len(e.said) == 0:
	case out.State == domain.OutcomeDone && e.half():
		o.fail("the message %s is said to be sent, and only %.160q of it was", e.ID, e.said)
	case out.State == domain.OutcomeDone && e.broken:
		o.world.did("send.continued")
	case e.half():
		o.world.did("send.half_told")
	}
}

// lookAfter is from what age on a post is looked at again before an answer to
// it leaves.
const lookAfter = 10 * time.Second

// checkStands sees that what a reply answers stands on the network as its
// advocate knew it, where that can be looked at. What a person wrote or sent
// again is theirs to look at, and what the network did not show could not be
// seen.
func (o *oracle) checkStands(e *effectFact, m *message) {
	n, now := m.network, o.now()
	p, ok := n.posts[e.Reply.InReplyTo]
	if !ok || !n.shows || e.Reply.By != "" || e.byHand > 0 || n.hidden[p.ID] || now.Sub(p.At) < lookAfter || p.At.Before(now.Add(-domain.SeenWindow)) {
		return
	}
	known, read := o.read[p.Key()]
	switch {
	case !read || o.world.prunedBefore(p.At):
	case digested(&p) && known.revision != p.Revision: // of two digests none is the newer
		o.fail("the message %s answers the post %s, which said something else by then", e.ID, p.ID)
	case known.version >= versionOf(&p) && known.order <= e.order:
	case p.Deleted:
		o.fail("the message %s answers the post %s, which was gone by then", e.ID, p.ID)
	default:
		o.fail("the message %s answers the post %s, which said something else by then", e.ID, p.ID)
	}
}

// reading is what was last decided about a post, and when, in decisions.
type reading struct {
	version, order int
	revision       string
}

// gone is the version of a deleted post.
const gone = 1 << 40

// versionOf orders what a post said one after the other.
func versionOf(p *domain.Post) int {
	if p.Deleted {
		return gone
	}
	n, _ := strconv.Atoi(p.Revision)
	return n
}

// readPost notes what an advocate read. Who writes to us takes our messages
// again.
func (o *oracle) readPost(p *domain.Post) {
	if v, known := versionOf(p), o.read[p.Key()].version; v < known && known < gone && !p.Own {
		o.fail("post %s revision %q was decided about after revision %d", p.ID, p.Revision, known)
	}
	if v := versionOf(p); v > o.read[p.Key()].version || v == 0 {
		o.read[p.Key()] = reading{v, o.decisions, p.Revision}
	}
	if !p.Own && !p.Deleted {
		delete(o.left, p.Identity())
	}
}

// checkLeft sees that nothing goes to who is known to block us, but what a
// person writes.
func (o *oracle) checkLeft(e *effectFact) {
	if o.left[e.Reply.To] && e.Reply.By == "" {
		o.fail("the message %s went to %v, who blocks us", e.ID, e.Reply.To)
	}
}
