package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Direct messages are another service, which our server passes calls on to
// (https://docs.bsky.app/docs/advanced-guides/api-directory, "Chat / Direct
// Messaging").
const chatService = "did:web:api.bsky.chat#bsky_chat"

const (
	maxLogPages = 20
	skew        = 30 * time.Second   // between the service's clock and ours
	keepSent    = 7 * 24 * time.Hour // which messages are ours and by which key: longer than any is tried
)

// message is a chat.bsky.convo.defs#messageView, or a deletedMessageView.
type message struct {
	Type   string `json:"$type"`
	ID     string `json:"id"`
	Text   string `json:"text"`
	Sender struct {
		DID string `json:"did"`
	} `json:"sender"`
	SentAt stamp `json:"sentAt"`
}

// logEntry is one of the union of chat.bsky.convo.getLog.
type logEntry struct {
	Type    string          `json:"$type"`
	Rev     string          `json:"rev"`
	ConvoID string          `json:"convoId"`
	Message json.RawMessage `json:"message"`
}

// messageID is a message's id as a post: it says which conversation it is of.
func messageID(convo, id string) string { return "chat/" + convo + "/" + id }

func splitMessage(id string) (convo, message string, ok bool) {
	rest, ok := strings.CutPrefix(id, "chat/")
	if !ok {
		return "", "", false
	}
	convo, message, ok = strings.Cut(rest, "/")
	return convo, message, ok && validKey(convo) && validKey(message)
}

// hearMessages asks for direct messages again and again.
func (n *Network) hearMessages(ctx context.Context, sink social.Sink) {
	at, known := "", false
	n.rounds(ctx, "direct messages", "", func(ctx context.Context) (err error) {
		if !known {
			if at, err = n.loadLog(ctx); err != nil {
				return err
			}
			known = true
		}
		at, err = n.readLog(ctx, sink, at)
		return err
	})
}

// loadLog gives where to read the log on: where it was left, else its end; the
// first time what was just written is still heard, as with posts.
func (n *Network) loadLog(ctx context.Context) (string, error) {
	b, err := n.kit.State.Get(ctx, "read/messages")
	if err != nil {
		return "", social.StateError(err)
	}
	if len(b) > 0 {
		return string(b), nil
	}
	var out struct {
		Convos []struct {
			Rev string `json:"rev"`
		} `json:"convos"`
	}
	if err := n.ask(ctx, call{name: "chat.bsky.convo.listConvos", query: url.Values{"limit": {"1"}}, proxy: chatService, out: &out}); err != nil {
		return "", err
	}
	at := tid(uint64(n.kit.Clock.Now().Add(-overlap).UnixMicro()), 0) // revisions are TIDs
	if len(out.Convos) > 0 && validKey(out.Convos[0].Rev) && out.Convos[0].Rev < at {
		at = out.Convos[0].Rev
	}
	return at, n.saveLog(ctx, at)
}

func (n *Network) saveLog(ctx context.Context, at string) error {
	return social.StateError(n.kit.State.Put(ctx, "read/messages", []byte(at), 0))
}

// readLog hands in what the log has after a revision, page by page.
func (n *Network) readLog(ctx context.Context, sink social.Sink, at string) (string, error) {
	us, err := n.us(ctx)
	if err != nil {
		return at, err
	}
	for range maxLogPages {
		var out struct {
			Logs []json.RawMessage `json:"logs"`
		}
		if err := n.ask(ctx, call{name: "chat.bsky.convo.getLog", query: url.Values{"cursor": {at}}, proxy: chatService, out: &out}); err != nil {
			return at, err
		}
		log, bad := readAll[logEntry](out.Logs)
		n.unreadable(bad)
		next := at
		for _, e := range log {
			if validKey(e.Rev) && e.Rev > next {
				next = e.Rev
			}
		}
		posts, err := n.directMessages(ctx, us, log)
		if err != nil {
			return at, err
		}
		n.nameAuthors(ctx, posts)
		if err := n.deliver(ctx, sink, posts); err != nil {
			return at, err
		}
		n.Alive(n.kit.Clock.Now(), -1)
		if next == at {
			return at, nil
		}
		if err := n.saveLog(ctx, next); err != nil {
			return at, err
		}
		at = next
	}
	return at, nil
}

// directMessages makes posts of what is said in a part of the log. One of ours
// answers the last of theirs in its conversation: the service has no other
// answers, and whose matter it belongs to is told by that alone.
func (n *Network) directMessages(ctx context.Context, us string, log []logEntry) (posts []domain.Post, err error) {
	for i := range log {
		e := &log[i]
		p, ok := n.directMessage(us, e)
		if !ok {
			continue
		}
		with, err := n.heardIn(ctx, us, e.ConvoID)
		if err != nil {
			return nil, err
		}
		if with == "" || !p.Own && p.Author.ID != with {
			continue // said to a group
		}
		if p.Own {
			last, err := n.talks.Last(ctx, e.ConvoID, p.At)
			if err != nil {
				return nil, err
			}
			p.InReplyTo = last.Message
		} else if err := n.talks.Heard(ctx, e.ConvoID, social.Talk{Message: p.ID, At: p.At}); err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	return posts, nil
}

// directMessage makes a post of a log's entry, if it is a message. (A message
// can be deleted only for oneself; that changes nothing here.)
func (n *Network) directMessage(us string, e *logEntry) (domain.Post, bool) {
	var m message
	if e.Type != "chat.bsky.convo.defs#logCreateMessage" || json.Unmarshal(e.Message, &m) != nil || m.Type == "chat.bsky.convo.defs#deletedMessageView" {
		return domain.Post{}, false
	}
	return n.chatPost(us, e.ConvoID, &m)
}

func (n *Network) chatPost(us, convo string, m *message) (domain.Post, bool) {
	if !validDID(m.Sender.DID) || !validKey(m.ID) || !validKey(convo) {
		return domain.Post{}, false
	}
	id, at := messageID(convo, m.ID), m.SentAt.Time
	if at.IsZero() {
		at = n.kit.Clock.Now()
	}
	return domain.Post{
		Network: Name, Account: n.c.Account, ID: id, Author: domain.Author{ID: m.Sender.DID}, Text: social.Clean(m.Text, domain.MaxPostText), At: at,
		Visibility: domain.Private, URL: "https://bsky.app/messages/" + convo, Own: m.Sender.DID == us,
	}, len(id) <= domain.MaxPostField
}

// inConvo is the conversation that a direct message goes to.
type inConvo struct {
	Convo string `json:"convo"`
}

// sendMessage sends a direct message. The service has no keys for them, so
// that a repeat looks for the message first.
func (n *Network) sendMessage(ctx context.Context, m social.Message) (social.Sent, error) {
	if !n.c.DirectMessages {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "direct messages are not switched on"}
	}
	us, err := n.us(ctx)
	if err != nil {
		return social.Sent{}, err
	}
	s := social.Sequence[inConvo]{Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan: func(ctx context.Context) (social.Plan[inConvo], error) {
			there, _, _ := splitMessage(m.InReplyTo)
			convo, err := n.convoFor(ctx, us, m.To.Author, there)
			if err != nil {
				return social.Plan[inConvo]{}, err
			}
			return social.Plan[inConvo]{Parts: chatLength.Split(m.Text, "", n.c.Parts), InReplyTo: m.InReplyTo, Route: inConvo{convo}}, nil
		},
		Send: func(ctx context.Context, p social.Part[inConvo]) (social.Sent, error) {
			return n.sayMessage(ctx, p)
		},
		Find: func(ctx context.Context, p social.Part[inConvo]) (social.Sent, bool, error) {
			return n.findMessage(ctx, us, p)
		}}
	return s.Run(ctx)
}

func (n *Network) sayMessage(ctx context.Context, p social.Part[inConvo]) (social.Sent, error) {
	body := map[string]any{"text": p.Text}
	if f := n.facets(ctx, p.Text); len(f) > 0 {
		body["facets"] = f
	}
	var out message
	err := n.ask(ctx, call{name: "chat.bsky.convo.sendMessage", proxy: chatService, out: &out, body: map[string]any{"convoId": p.Route.Convo, "message": body}})
	if err != nil {
		return social.Sent{}, refusedMessage(err)
	}
	return n.sentMessage(ctx, p, &out)
}

// sentMessage notes whose a message of ours is.
func (n *Network) sentMessage(ctx context.Context, p social.Part[inConvo], m *message) (social.Sent, error) {
	if !validKey(m.ID) {
		return social.Sent{}, social.Unpromised()
	}
	id := messageID(p.Route.Convo, m.ID)
	if err := n.kit.State.Put(ctx, "ours/"+id, []byte(p.Key), keepSent); err != nil {
		return social.Sent{}, social.StateError(err)
	}
	at := m.SentAt.Time
	if at.IsZero() {
		at = n.kit.Clock.Now()
	}
	return social.Sent{PostID: id, At: at}, nil
}

func (n *Network) messages(ctx context.Context, convo string) ([]message, error) {
	var out struct {
		Messages []json.RawMessage `json:"messages"`
	}
	q := url.Values{"convoId": {convo}, "limit": {"100"}}
	err := n.ask(ctx, call{name: "chat.bsky.convo.getMessages", query: q, proxy: chatService, out: &out})
	all, _ := readAll[message](out.Messages)
	return all, err
}

// findMessage looks for a message that may have been sent. One that is known to
// be another's is not it, though it says the same.
func (n *Network) findMessage(ctx context.Context, us string, p social.Part[inConvo]) (social.Sent, bool, error) {
	all, err := n.messages(ctx, p.Route.Convo)
	if err != nil {
		return social.Sent{}, false, err
	}
	for i := range all {
		m := &all[i]
		if m.Sender.DID != us || m.Text != p.Text || m.SentAt.Before(p.First.Add(-skew)) {
			continue
		}
		owner, err := n.kit.State.Get(ctx, "ours/"+messageID(p.Route.Convo, m.ID))
		if err != nil {
			return social.Sent{}, false, social.StateError(err)
		}
		if owner == nil || string(owner) == p.Key {
			sent, err := n.sentMessage(ctx, p, m)
			return sent, err == nil, err
		}
	}
	return social.Sent{}, false, nil
}

// fetchMessage looks at a message again among the conversation's last.
func (n *Network) fetchMessage(ctx context.Context, convo, id string) (domain.Post, error) {
	us, err := n.us(ctx)
	if err != nil {
		return domain.Post{}, err
	}
	all, err := n.messages(ctx, convo)
	if err != nil {
		return domain.Post{}, err
	}
	for i := range all {
		m := &all[i]
		if m.ID != id {
			continue
		}
		if p, ok := n.chatPost(us, convo, m); ok {
			for j := i + 1; p.Own && p.InReplyTo == "" && j < len(all); j++ { // newest first
				if all[j].Sender.DID != us && validKey(all[j].ID) {
					p.InReplyTo = messageID(convo, all[j].ID)
				}
			}
			if m.Type == "chat.bsky.convo.defs#deletedMessageView" {
				p.Deleted, p.Text = true, ""
			}
			return p, nil
		}
	}
	return domain.Post{}, &social.Error{Fault: social.FaultNetwork, Safe: "the conversation has gone on; the message cannot be looked at again"}
}
