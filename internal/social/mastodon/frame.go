package mastodon

import (
	"encoding/json"

	"github.com/contact-advocate/advocate/internal/domain"
)

// frame is one message of the stream
// (https://docs.joinmastodon.org/methods/streaming/#websocket).
type frame struct {
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
}

// parseFrame reads a frame. Its payload is JSON in a string, an id in a string,
// or on some servers the JSON itself.
func parseFrame(b []byte) (frame, bool) {
	var f frame
	if json.Unmarshal(b, &f) != nil || f.Event == "" {
		return f, false
	}
	var inner string
	if json.Unmarshal(f.Payload, &inner) == nil {
		f.Payload = json.RawMessage(inner)
	}
	return f, true
}

// heard is what a frame tells us; ok is false where it is nothing for us.
func (n *Network) heard(me us, f frame) (t told, ok bool) {
	switch f.Event {
	case "notification":
		it := n.notified(me, f.Payload)
		return it.t, it.ok
	case "update", "status.update":
		return n.update(me, f.Payload)
	case "conversation": // where it comes at all: a direct message
		var c struct {
			Last json.RawMessage `json:"last_status"`
		}
		if json.Unmarshal(f.Payload, &c) != nil || len(c.Last) == 0 {
			return told{}, false
		}
		return n.update(me, c.Last)
	case "delete":
		id := string(f.Payload)
		m, ok := n.known.get(id)
		if !ok {
			m, ok = n.watched.get(id)
		}
		if !ok {
			return told{}, false // of the many that are none of our business
		}
		return told{post: n.deleted(m)}, true
	case "notifications_merged": // held back until somebody let them through
		n.deep.Store(true)
		n.poke()
	}
	return told{}, false
}

// update takes from the home timeline what is ours, written to us, or known.
func (n *Network) update(me us, raw json.RawMessage) (told, bool) {
	var s status
	if json.Unmarshal(raw, &s) != nil {
		n.log.Warn("a post could not be read and was left out", "feed", "stream")
		return told{}, false
	}
	if s.Reblog != nil {
		if string(s.Account.ID) == me.id || string(s.Reblog.Account.ID) != me.id && !addressed(me, s.Reblog) {
			return told{}, false
		}
	}
	p, ok := n.post(me, &s)
	if _, known := n.known.get(p.ID); known {
		p.Unaddressed = false // it was, before an edit
	}
	if _, watched := n.watched.get(p.ID); !ok || p.Unaddressed && !watched {
		return told{}, false
	}
	n.keepParent(&s, p.Author.Handle, n.kit.Clock.Now())
	return told{post: p}, true
}

// deleted is what is left of a post.
func (n *Network) deleted(m mark) domain.Post {
	p := domain.Post{
		Network: n.name, Account: n.c.Account, ID: m.ID, Author: domain.Author{ID: m.Author},
		At: n.kit.Clock.Now(), Visibility: domain.Public, Deleted: true, Own: m.Own, Unaddressed: m.Unaddressed,
	}
	if m.Private {
		p.Visibility = domain.Private
	}
	return p
}
