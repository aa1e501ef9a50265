package meta

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// way is how a message leaves.
type way string

const (
	wayComment way = "comment" // in public, below a comment or post
	wayMention way = "mention" // in public, where we were named
	wayPrivate way = "private" // the one private reply that a comment may have
	wayMessage way = "message" // to somebody who wrote to us within a day
	wayHuman   way = "human"   // written by a person, within 7 days
)

// route is the way a message goes.
type route struct {
	Way  way    `json:"way"`
	To   string `json:"to"`            // comment, post or person
	Post string `json:"post,omitzero"` // wayMention: the media
	Call string `json:"call,omitzero"` // whom a public answer on Instagram names
}

type (
	plan = social.Plan[route]
	part = social.Part[route]
)

// Send implements social.Network.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if ctx.Err() != nil {
		return social.Sent{}, social.Unreached(ctx.Err())
	}
	ours := func(safe string) (social.Sent, error) {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: safe}
	}
	switch {
	case m.Key == "" || strings.TrimSpace(m.Text) == "":
		return ours("the message has no key or no text")
	case m.To.Network != n.Name() || m.To.Account != n.Account() || !m.To.Valid():
		return ours("the recipient is not on this network")
	case m.Visibility == domain.Private && !n.c.DirectMessages:
		return ours("direct messages are not switched on for this network")
	case m.Visibility == domain.Public && !commentPattern.MatchString(m.InReplyTo):
		return ours("there is no comment or post to answer in public")
	}
	s := social.Sequence[route]{
		Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan: func(ctx context.Context) (plan, error) {
			r, err := n.routeOf(ctx, &m)
			return plan{Parts: n.parts(&m, &r), InReplyTo: r.To, Route: r}, err
		},
		Again: func(ctx context.Context, p *plan, _ int) error { return n.callAnew(ctx, &m, p) },
		Send:  func(ctx context.Context, p part) (social.Sent, error) { return n.publish(ctx, &m, p) },
		Find:  func(ctx context.Context, p part) (social.Sent, bool, error) { return n.find(ctx, &m, p) },
	}
	return s.Run(ctx)
}

// parts splits a text as the way demands.
func (n *Network) parts(m *social.Message, r *route) []string {
	caps, prefix := n.Capabilities(), ""
	form := caps.Form(m.Visibility)
	switch {
	case r.Way == wayPrivate:
		form.Parts = 1 // one message, until they answer
	case r.Call != "":
		prefix = "@" + r.Call + " " // nobody is told of an answer without
	}
	return form.Text.Split(m.Text, prefix, form.Parts)
}

// routeOf finds the way of a message.
func (n *Network) routeOf(ctx context.Context, m *social.Message) (route, error) {
	if m.Visibility == domain.Private {
		return n.privateRoute(ctx, m)
	}
	return n.publicRoute(ctx, m)
}

// publicRoute: what names us is answered in a way of its own; on Instagram
// only comments of the first level can be answered
// (…/instagram-platform/reference/instagram-comment/replies, "Limitations").
func (n *Network) publicRoute(ctx context.Context, m *social.Message) (route, error) {
	r := route{Way: wayComment, To: m.InReplyTo}
	if n.c.Kind == Facebook {
		return r, nil
	}
	named, err := n.mentionOf(ctx, m.InReplyTo)
	if err != nil {
		return route{}, err
	}
	if named != nil {
		r = route{Way: wayMention, To: named.id(), Post: named.Post}
		p, err := n.lookMention(ctx, named)
		r.Call = callable(p.Author.Handle, m.Handle)
		return r, passing(err)
	}
	var c comment
	if err := n.get(ctx, m.InReplyTo, url.Values{"fields": {"id,parent_id,username,from{id,username}"}}, &c); err != nil {
		return route{}, err
	}
	if numberPattern.MatchString(string(c.ParentID)) {
		r.To = string(c.ParentID)
	}
	r.Call = callable(c.From.Username, c.Username, m.Handle)
	return r, nil
}

// callAnew has an answer on Instagram that has not left call its author by the name
// that they have now: the one of the first attempt may be somebody else's, or
// could not be read then.
func (n *Network) callAnew(ctx context.Context, m *social.Message, p *plan) error {
	if m.Visibility != domain.Public || n.c.Kind != Instagram {
		return nil
	}
	now, err := n.publicRoute(ctx, m)
	if err != nil || now.Call == p.Route.Call {
		return err
	}
	p.Route.Call = now.Call
	p.Parts = n.parts(m, &p.Route) // one, see Capabilities
	return nil
}

// callable is the first of some names that a text can call somebody by, "" for
// none.
func callable(names ...string) string {
	for _, name := range names {
		if name != "" && !strings.ContainsAny(name, " \t\n@") {
			return name
		}
	}
	return ""
}

// passing is an error that a later attempt may not meet, nil for others: what
// cannot be read for good is answered without.
func passing(err error) error {
	if err != nil && passes(err) {
		return err
	}
	return nil
}

// publish sends one part.
func (n *Network) publish(ctx context.Context, m *social.Message, p part) (social.Sent, error) {
	r, text, to := p.Route, p.Text, p.InReplyTo
	var out struct {
		ID      string `json:"id"`
		Message string `json:"message_id"`
	}
	var err error
	switch {
	case r.Way == wayMention: // …/instagram-graph-api/reference/ig-user/mentions, "Creating"
		form := url.Values{"media_id": {r.Post}, "message": {text}}
		if to != r.Post {
			form.Set("comment_id", to)
		}
		err = n.post(ctx, n.c.Instagram+"/mentions", form, nil, &out)
	case r.Way == wayComment && n.c.Kind == Instagram: // …/instagram-comment/replies, "Creating"
		err = n.post(ctx, to+"/replies", url.Values{"message": {text}}, nil, &out)
	case r.Way == wayComment: // …/graph-api/reference/object/comments, "Publishing"
		err = n.post(ctx, to+"/comments", url.Values{"message": {text}}, nil, &out)
	default: // …/messenger-platform/reference/send-api
		err = n.post(ctx, n.c.Page+"/messages", nil, message(r, text), &out)
	}
	if refusedAs(err, 506, 10900) {
		// "Duplicate post", "already replied to": it may be ours that was.
		if sent, found, _ := n.find(ctx, m, p); found {
			return sent, nil
		}
	}
	if err != nil {
		return social.Sent{}, err
	}
	sent := social.Sent{PostID: out.ID, At: n.kit.Clock.Now()}
	if out.Message != "" {
		sent.PostID = out.Message
	}
	if sent.PostID == "" {
		return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network does not say what became of the message"}
	}
	if r.Way == wayComment && n.c.Kind == Facebook {
		sent.URL = "https://www.facebook.com/" + url.PathEscape(sent.PostID)
	}
	return sent, nil
}

// message is the body of a private message.
func message(r route, text string) map[string]any {
	out := map[string]any{"message": map[string]string{"text": text}, "messaging_type": "RESPONSE"}
	switch r.Way {
	case wayPrivate: // …/messenger-platform/discovery/private-replies
		out["recipient"] = map[string]string{"comment_id": r.To}
		delete(out, "messaging_type")
		return out
	case wayHuman: // …/messenger-platform/send-messages/message-tags, "HUMAN_AGENT"
		out["messaging_type"], out["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
	}
	out["recipient"] = map[string]string{"id": r.To}
	return out
}

// find looks for a part that may have arrived: ours, of that text, and not
// older than the first attempt.
func (n *Network) find(ctx context.Context, m *social.Message, p part) (social.Sent, bool, error) {
	switch p.Route.Way {
	case wayComment, wayMention:
		return n.findComment(ctx, m, p)
	}
	since := p.First.Add(-overlap)
	q := url.Values{"platform": {n.platform()}, "user_id": {m.To.Author}, "fields": {"id,updated_time"}}
	var talks []string
	_, err := each(ctx, n, n.c.Page+"/conversations", q, 1, func(c *conversation) bool {
		if messagePattern.MatchString(string(c.ID)) {
			talks = append(talks, string(c.ID))
		}
		return len(talks) < 5
	})
	for _, id := range talks {
		var messages []storedMessage
		if messages, err = n.messagesOf(ctx, id, since); err != nil {
			break
		}
		for i := range messages {
			if s := &messages[i]; n.ourID(string(s.From.ID)) && same(s.Message, p.Text) && !s.Created.Before(earliest(p)) {
				return social.Sent{PostID: s.ID, At: s.Created.Time}, true, nil
			}
		}
	}
	return social.Sent{}, false, notGone(err)
}

// findComment looks among the answers to a comment or post.
func (n *Network) findComment(ctx context.Context, m *social.Message, ours part) (social.Sent, bool, error) {
	r, to := &ours.Route, ours.InReplyTo
	if err := n.learnName(ctx); err != nil {
		return social.Sent{}, false, err
	}
	var found social.Sent
	look := func(c *comment) bool {
		read := n.facebook
		if n.c.Kind == Instagram {
			read = func(c *comment) (domain.Post, bool) { return n.instagram(c, to) }
		}
		if p, ok := read(c); ok && p.Own && n.says(m, &ours, p.Text) && !p.At.Before(earliest(ours)) {
			found = social.Sent{PostID: p.ID, At: p.At}
			if n.c.Kind == Facebook {
				found.URL = p.URL
			}
			return false
		}
		return true
	}
	var err error
	switch {
	case r.Way == wayMention:
		err = n.findMention(ctx, r, look)
	case n.c.Kind == Instagram:
		_, err = each(ctx, n, to+"/replies", url.Values{"fields": {"id,text,timestamp,username,from{id,username}"}, "limit": {instaSize}}, 5, look)
	default:
		q := url.Values{"fields": {"id,from{id},message,created_time"}, "order": {"reverse_chronological"}, "limit": {listSize}}
		_, err = each(ctx, n, to+"/comments", q, 5, look)
	}
	return found, found.PostID != "", notGone(err)
}

func (n *Network) findMention(ctx context.Context, r *route, look func(*comment) bool) error {
	m := mention{Post: r.Post}
	if r.To != r.Post {
		m.Comment = r.To
	}
	got, err := n.askMention(ctx, &m)
	if err != nil {
		return err
	}
	var answers []comment
	if got.Comment != nil && got.Comment.Replies != nil {
		answers = got.Comment.Replies.Data
	}
	if got.Media != nil && got.Media.Comments != nil {
		answers = append(answers, got.Media.Comments.Data...)
	}
	for i := range answers {
		if !look(&answers[i]) {
			break
		}
	}
	return nil
}

// earliest allows for clocks that differ; times are whole seconds.
func earliest(p part) time.Time { return p.First.Add(-30 * time.Second).Truncate(time.Second) }

// same compares texts as they come back: the network may trim them.
func same(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// says reports whether a text is what a part would say. On Instagram it may name
// its author by any name or none: a former attempt was written with what was known
// then, which may be kept nowhere. A mention that the words themselves begin with
// belongs to them.
func (n *Network) says(m *social.Message, ours *part, text string) bool {
	if n.c.Kind != Instagram {
		return same(text, ours.Text)
	}
	called := func(name string) bool {
		r := ours.Route
		r.Call = name
		parts := n.parts(m, &r) // one, see Capabilities
		return len(parts) == 1 && same(text, parts[0])
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	name, ok := strings.CutPrefix(first, "@")
	return called("") || ok && called(name)
}

// notGone leaves out that what we look below is not there any more: then
// nothing is there, and to send will say why.
func notGone(err error) error {
	if goneError(err) {
		return nil
	}
	return err
}
