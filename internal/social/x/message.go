package x

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Direct messages may be asked for 15 times in 15 minutes
// (https://docs.x.com/x-api/fundamentals/rate-limits, "Direct Messages"); Find
// needs some of them.
const (
	messagePoll  = 90 * time.Second
	messagePages = 5
	mostPages    = 12  // of one round, with those that are known already
	perMessages  = 100 // the most that X gives
)

// none: nothing but the parts is settled by a direct message's first attempt.
type (
	none = struct{}
	plan = social.Plan[none]
	part = social.Part[none]
)

// event is a direct message
// (https://docs.x.com/x-api/direct-messages/lookup/introduction).
type event struct {
	ID           string   `json:"id"`
	Type         string   `json:"event_type"`
	Text         string   `json:"text"`
	Sender       string   `json:"sender_id"`
	Conversation string   `json:"dm_conversation_id"`
	CreatedAt    string   `json:"created_at"`
	Entities     entities `json:"entities"`
	Attachments  struct {
		MediaKeys []string `json:"media_keys"`
	} `json:"attachments"`
}

// with is who we talk with in a conversation of two, whose id is made of
// both's ("Conversation IDs"); "" for a group, where nobody talks to us.
func (e *event) with(us string) string {
	a, b, two := strings.Cut(e.Conversation, "-")
	switch {
	case two && a == us && validID(b):
		return b
	case two && b == us && validID(a):
		return a
	}
	return ""
}

func (n *Network) readEvent(us account, b []byte, in *includes) (domain.Post, event, bool) {
	var e event
	if json.Unmarshal(b, &e) != nil || e.Type != "" && e.Type != "MessageCreate" {
		return domain.Post{}, e, false
	}
	other := e.with(us.ID)
	if other == "" {
		return domain.Post{}, e, false
	}
	s := said{id: e.ID, author: domain.Author{ID: e.Sender}, text: e.Text, at: parseTime(e.CreatedAt), private: true, media: in.mediaOf(e.Attachments.MediaKeys)}
	for _, u := range in.Users {
		if u.ID == e.Sender {
			s.author.Handle, s.author.Name = u.Username, u.Name
		}
	}
	for _, u := range e.Entities.URLs {
		s.links = append(s.links, link{u.URL, u.Expanded, u.MediaKey != ""})
	}
	p, ok := n.post(us, &s)
	return p, e, ok
}

// answer notes whom a message is from, or to: one of ours answers the last of
// theirs. X does not tell, and staff's would concern nobody otherwise.
func (n *Network) answer(ctx context.Context, p *domain.Post, with string) error {
	if !p.Own {
		return n.talks.Heard(ctx, p.Author.ID, social.Talk{Message: p.ID, At: p.At})
	}
	last, err := n.talks.Last(ctx, with, p.At)
	p.InReplyTo = last.Message
	return err
}

// messagesWay is what an operator knows the direct messages by.
const messagesWay = "direct messages"

// hearMessages asks for direct messages again and again.
func (n *Network) hearMessages(ctx context.Context, sink social.Sink) {
	r := social.Rounds{Clock: n.kit.Clock, Log: n.log, Pulse: &n.Pulse, Way: messagesWay, Name: messagesWay, Backoff: social.Backoff{Grow: reconnection}}
	r.Run(ctx, func(ctx context.Context) (time.Duration, error) {
		if err := n.messages(ctx, sink); err != nil {
			return messagePoll, err
		}
		return n.c.PollMessages, nil
	})
}

// messages brings what came since the cursor, as far as a round goes. What was
// read before an error is handed in: it has cost requests, and money.
func (n *Network) messages(ctx context.Context, sink social.Sink) error {
	us, err := n.self(ctx)
	if err != nil {
		return err
	}
	c, err := n.loadCursor(ctx, "messages")
	if err != nil {
		return err
	}
	h, broke := n.haulMessages(ctx, us, c)
	if broke != nil && h.until == "" {
		return broke
	}
	sortPosts(h.posts)
	for i := range h.posts {
		if err := n.answer(ctx, &h.posts[i], h.with[h.posts[i].ID]); err != nil {
			return err
		}
	}
	if err := n.deliver(ctx, sink, h.posts); err != nil {
		return err
	}
	to := c.after(h.newest, h.until, h.done)
	if !h.done {
		to.Next = h.next
	}
	if to != c {
		if err := n.saveCursor(ctx, "messages", to); err != nil {
			return err
		}
	}
	return broke
}

// haul is what a round has read of the direct messages.
type haul struct {
	posts         []domain.Post
	with          map[string]string // message → who it is from or to
	newest, until string            // ids
	next          string            // the page that follows
	done          bool              // it came to what is known
}

// haulMessages reads from the newest message backwards, which is X's order, or
// goes on where a round was cut short. X takes no id to begin at: a page's token
// says where, and if it is refused all is read from the newest again, pages that
// are known not counting.
func (n *Network) haulMessages(ctx context.Context, us account, c cursor) (haul, error) {
	h := haul{with: map[string]string{}, next: c.Next}
	from := idAt(madeAt(c.Since).Add(-overlap))
	for asked, pages := 0, 0; pages < messagePages && asked < mostPages; asked++ {
		q := eventQuery(perMessages)
		if h.next != "" {
			q["pagination_token"] = []string{h.next}
		}
		var p page
		_, err := n.ask(ctx, web.Request{Path: "2/dm_events", Query: q, Out: &p})
		if web.Status(err) == http.StatusBadRequest && c.Next != "" && h.until == "" && h.next == c.Next {
			n.log.Warn("X does not take the place where direct messages are to be read on; they are read from the newest again")
			h.next = ""
			continue
		}
		if err != nil {
			return h, err
		}
		if h.next != "" && p.Meta.Next == h.next {
			// The same page for ever: what lies behind it is asked for from the
			// newest again, later.
			h.take(n, us, &p, from)
			h.next = ""
			if h.done {
				return h, nil
			}
			return h, social.Unpromised()
		}
		if h.take(n, us, &p, from); h.done {
			break
		}
		if !later(h.until, c.Until) || c.Until == "" {
			pages++
		}
	}
	return h, nil
}

// take reads a page down to an id.
func (h *haul) take(n *Network, us account, p *page, from string) {
	in := readIncludes(p.Includes)
	for _, b := range p.Data {
		post, e, ok := n.readEvent(us, b, &in)
		if !validID(e.ID) {
			continue
		}
		if !later(e.ID, from) {
			h.done = true
			return
		}
		if later(e.ID, h.newest) {
			h.newest = e.ID
		}
		h.until = e.ID
		if ok {
			h.posts, h.with[post.ID] = append(h.posts, post), e.with(us.ID)
		}
	}
	h.next, h.done = p.Meta.Next, p.Meta.Next == ""
}

func eventQuery(most int) map[string][]string {
	return map[string][]string{
		"max_results": {strconv.Itoa(most)}, "event_types": {"MessageCreate"},
		"dm_event.fields": {"id,text,event_type,created_at,dm_conversation_id,sender_id,attachments,entities"},
		"expansions":      {"sender_id,attachments.media_keys"}, "user.fields": {userFields}, "media.fields": {mediaFields},
	}
}

func (n *Network) sendPrivate(ctx context.Context, m social.Message) (social.Sent, error) {
	if !n.c.DirectMessages {
		return social.Sent{}, &social.Error{Fault: social.FaultOperator, Safe: "direct messages are not switched on for X (direct_messages)"}
	}
	s := social.Sequence[none]{
		Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan: func(context.Context) (plan, error) {
			return plan{Parts: messageLength.Split(m.Text, "", n.c.Parts)}, nil
		},
		Send: func(ctx context.Context, p part) (social.Sent, error) {
			return n.writePrivate(ctx, p.Text, m.To.Author)
		},
		Find: func(ctx context.Context, p part) (social.Sent, bool, error) {
			return n.findPrivate(ctx, p.Text, m.To.Author, p.First)
		},
	}
	return s.Run(ctx)
}

// writePrivate sends one direct message
// (https://docs.x.com/x-api/direct-messages/manage/integrate).
func (n *Network) writePrivate(ctx context.Context, text, to string) (social.Sent, error) {
	var out struct {
		Data struct {
			ID string `json:"dm_event_id"`
		} `json:"data"`
	}
	_, err := n.ask(ctx, web.Request{Method: "POST", Path: "2/dm_conversations/with/" + to + "/messages", JSON: map[string]string{"text": text}, Out: &out})
	switch {
	case err != nil:
		return social.Sent{}, err
	case !validID(out.Data.ID):
		return social.Sent{}, social.Unpromised()
	}
	return social.Sent{PostID: privateID(out.Data.ID), At: n.kit.Clock.Now()}, nil
}

// findPrivate looks for a message in the conversation, since it was first
// tried: the same words may have been written to the same person before.
func (n *Network) findPrivate(ctx context.Context, text, to string, tried time.Time) (social.Sent, bool, error) {
	us, err := n.self(ctx)
	if err != nil {
		return social.Sent{}, false, err
	}
	from := idAt(tried.Add(-overlap)) // clocks differ
	var p page
	if _, err := n.ask(ctx, web.Request{Path: "2/dm_conversations/with/" + to + "/dm_events", Query: eventQuery(perMessages), Out: &p}); err != nil {
		return social.Sent{}, false, lookup(err)
	}
	in := readIncludes(p.Includes)
	for _, b := range p.Data {
		post, e, ok := n.readEvent(us, b, &in)
		if ok && post.Own && later(e.ID, from) && same(post.Text, text) {
			return social.Sent{PostID: post.ID, At: n.kit.Clock.Now()}, true, nil
		}
	}
	return social.Sent{}, false, nil
}
