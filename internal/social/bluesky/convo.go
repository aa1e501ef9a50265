package bluesky

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
)

// convoView is what we use of chat.bsky.convo.defs#convoView.
type convoView struct {
	ID      string `json:"id"`
	Members []struct {
		DID string `json:"did"`
	} `json:"members"`
	Kind json.RawMessage `json:"kind"` // since there are groups: one of two unions
}

// with is who we talk with in a conversation of two; "" for a group, where
// nobody talks to us alone and everybody reads our answer. A group that has two
// members is one all the same: others may join, and read.
func (c *convoView) with(us string) string {
	if len(c.Members) != 2 || bytes.Contains(bytes.ToLower(c.Kind), []byte("group")) {
		return ""
	}
	a, b := c.Members[0].DID, c.Members[1].DID
	switch {
	case a == us && b != us && validDID(b):
		return b
	case b == us && a != us && validDID(a):
		return a
	}
	return ""
}

const (
	maxPartners = 2000
	maxLooks    = 20 // at one conversation, before what is said there is left out
)

// partner is who the other one is in a conversation of two, which stays one.
type partner struct {
	who   string // "" for a group
	known bool
	tries int // while it could not be looked at
}

// partner looks who the other one is in a conversation; "" for a group.
func (n *Network) partner(ctx context.Context, us, convo string) (string, error) {
	if p, _ := n.partners.Get(convo); p.known {
		return p.who, nil
	}
	var out struct {
		Convo convoView `json:"convo"`
	}
	if err := n.ask(ctx, call{name: "chat.bsky.convo.getConvo", query: url.Values{"convoId": {convo}}, proxy: chatService, out: &out}); err != nil {
		return "", err
	}
	if out.Convo.ID != convo {
		return "", social.Unpromised()
	}
	who := out.Convo.with(us)
	n.partners.Put(convo, partner{who: who, known: true})
	return who, nil
}

// heardIn is partner for what is heard. One conversation that cannot be looked
// at does not keep the others from being heard for ever: it is taken for a group
// then, and what is said in it is left out.
func (n *Network) heardIn(ctx context.Context, us, convo string) (string, error) {
	who, err := n.partner(ctx, us, convo)
	var e *social.Error
	switch {
	case err == nil, ctx.Err() != nil, errors.As(err, &e) && (e.After > 0 || e.Fault == social.FaultOperator):
		return who, err
	case e != nil && !e.Retry, n.looks(convo) >= maxLooks:
		n.log.Warn("who is in a conversation cannot be learned; what is said in it is left out", "reason", social.Safe(err))
		return "", nil
	}
	return "", err
}

// looks counts that a conversation could not be looked at, and returns how often.
func (n *Network) looks(convo string) (tries int) {
	n.partners.Change(convo, func(p partner, _ bool) partner {
		p.tries++
		tries = p.tries
		return p
	})
	return tries
}

// convoWith finds or begins the conversation with somebody. The service refuses
// where they do not take messages from us.
func (n *Network) convoWith(ctx context.Context, us, did string) (string, error) {
	var out struct {
		Convo convoView `json:"convo"`
	}
	err := n.ask(ctx, call{name: "chat.bsky.convo.getConvoForMembers", query: url.Values{"members": {did}}, proxy: chatService, out: &out})
	if err != nil {
		return "", refusedMessage(err)
	}
	if !validKey(out.Convo.ID) || out.Convo.with(us) != did {
		return "", social.Unpromised()
	}
	return out.Convo.ID, nil
}

// convoFor is the conversation that a message to somebody goes to: the one in
// which they wrote, if nobody else reads it.
func (n *Network) convoFor(ctx context.Context, us, did, convo string) (string, error) {
	if convo != "" {
		who, err := n.partner(ctx, us, convo)
		var e *social.Error
		if errors.As(err, &e) && e.Retry {
			return "", err
		}
		if err == nil && who == did {
			return convo, nil
		}
	}
	return n.convoWith(ctx, us, did)
}

// refusedMessage reads an InvalidRequest of the chat service, whose reasons are
// sentences.
func refusedMessage(err error) error {
	var e *social.Error
	p := problemOf(err)
	if !errors.As(err, &e) || e.Fault == social.FaultOperator || p.status != 400 || p.Name == "" || isUnserved(err) {
		return err
	}
	out := social.Error{Fault: social.FaultCustomer, Closed: true, Safe: "the customer takes no direct messages from us", Cause: err}
	if strings.Contains(strings.ToLower(p.Message), "block") {
		out.Blocked, out.Closed, out.Safe = true, false, "the customer has blocked our account"
	}
	return &out
}
