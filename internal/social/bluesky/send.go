package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// none: nothing but the parts is settled by a post's first attempt.
type none = struct{}

// Send implements social.Network.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if err := ctx.Err(); err != nil {
		return social.Sent{}, social.Unreached(err)
	}
	if m.To.Network != Name || m.To.Account != n.c.Account || !validDID(m.To.Author) || m.Key == "" {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message is to nobody on this network"}
	}
	if m.Visibility == domain.Private {
		return n.sendMessage(ctx, m)
	}
	if _, _, ok := splitURI(m.InReplyTo); !ok {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "a public reply needs a post to answer"}
	}
	s := social.Sequence[none]{Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan: func(context.Context) (social.Plan[none], error) {
			return social.Plan[none]{Parts: postLength.Split(m.Text, "", n.c.Parts), InReplyTo: m.InReplyTo}, nil
		},
		Send: func(ctx context.Context, p social.Part[none]) (social.Sent, error) {
			return n.publish(ctx, p.Key, p.Text, p.InReplyTo, m.Lang)
		}}
	return s.Run(ctx)
}

// publish writes one post on the condition that there is none of its key. If
// there is one, a former attempt wrote it.
func (n *Network) publish(ctx context.Context, key, text, to, lang string) (social.Sent, error) {
	us, err := n.us(ctx)
	if err != nil {
		return social.Sent{}, err
	}
	rkey := replyKey(key, to)
	reply, err := n.parent(ctx, us, to)
	if err != nil {
		var e *social.Error
		if errors.As(err, &e) && !e.Retry {
			// Gone or blocked meanwhile: that we had answered is true all the same.
			if sent, ok := n.published(ctx, us, rkey, text, to); ok {
				return sent, nil
			}
		}
		return social.Sent{}, err
	}
	now := n.kit.Clock.Now()
	r := record{Type: postCollection, Text: text, CreatedAt: now.Format("2006-01-02T15:04:05.000Z"), Reply: reply, Facets: n.facets(ctx, text)}
	if validLang(lang) {
		r.Langs = []string{lang}
	}
	var out ref
	err = n.ask(ctx, call{name: "com.atproto.repo.putRecord", out: &out, body: map[string]any{
		"repo": us, "collection": postCollection, "rkey": rkey, "record": r, "swapRecord": nil,
	}})
	switch {
	case err == nil:
		return sentAs(us, rkey, now), nil
	case problemOf(err).Name == "InvalidSwap":
		if sent, ok := n.published(ctx, us, rkey, text, to); ok {
			return sent, nil
		}
		if err := ctx.Err(); err != nil {
			return social.Sent{}, social.Unreached(err)
		}
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the place of our reply is taken by another post of ours"}
	}
	return social.Sent{}, err
}

func sentAs(us, rkey string, at time.Time) social.Sent {
	return social.Sent{PostID: postURI(us, rkey), URL: "https://bsky.app/profile/" + us + "/post/" + rkey, At: at}
}

// published looks for a reply that a former attempt may have written.
func (n *Network) published(ctx context.Context, us, rkey, text, to string) (social.Sent, bool) {
	got, err := n.getRecord(ctx, us, rkey)
	if err != nil || got.record.Text != text || got.record.Reply == nil || got.record.Reply.Parent.URI != to {
		return social.Sent{}, false
	}
	at := got.record.createdAt()
	if at.IsZero() {
		at = n.kit.Clock.Now()
	}
	return sentAs(us, rkey, at), true
}

// parent finds what a reply must name: the post that is answered and its
// thread's first, each with its CID. It is an error if the author does not want
// to hear from us, or lets nobody answer.
func (n *Network) parent(ctx context.Context, us, uri string) (*replyRef, error) {
	did, key, _ := splitURI(uri)
	if did != us && n.viewAnswers() {
		if reply, err := n.parentSeen(ctx, did, uri); reply != nil || err != nil {
			return reply, err
		}
	}
	got, err := n.getRecord(ctx, did, key)
	if err == nil {
		return replyTo(ref{uri, got.cid}, got.record.root()), nil
	}
	if t, ok := n.recent.Get(uri); ok {
		early, unknown := n.early(ctx, did, key, err)
		if early {
			return replyTo(ref{uri, t.post.Revision}, t.root), nil
		}
		err = cmp.Or(unknown, err)
	}
	return nil, err
}

func replyTo(parent, root ref) *replyRef {
	if root.URI == "" || root.CID == "" {
		root = parent
	}
	return &replyRef{Root: root, Parent: parent}
}

// parentSeen asks the AppView, which knows who blocks us and who may reply. It
// shows no posts of somebody who blocks us. Nil without an error: it cannot
// say.
func (n *Network) parentSeen(ctx context.Context, did, uri string) (*replyRef, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var out struct {
		Posts []postView `json:"posts"`
	}
	if n.askView(ctx, call{name: "app.bsky.feed.getPosts", query: url.Values{"uris": {uri}}, out: &out}) != nil {
		return nil, nil
	}
	if len(out.Posts) == 1 && out.Posts[0].URI == uri {
		v := &out.Posts[0]
		if v.Author.Viewer.BlockedBy {
			return nil, blocked()
		}
		if v.Viewer.ReplyDisabled {
			return nil, &social.Error{Fault: social.FaultCustomer, Safe: "the author does not let us answer in this thread"}
		}
		if r, err := parseRecord(v.Record); err == nil && v.CID != "" {
			return replyTo(ref{uri, v.CID}, r.root()), nil
		}
		return nil, nil
	}
	var who profile
	if n.askView(ctx, call{name: "app.bsky.actor.getProfile", query: url.Values{"actor": {did}}, out: &who}) == nil && who.Viewer.BlockedBy {
		return nil, blocked()
	}
	return nil, nil
}

func blocked() error {
	return &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer has blocked our account"}
}

// stored is a record as a server gives it.
type stored struct {
	cid    string
	record *record
}

// getRecord reads a post from its repository (lexicons/com/atproto/repo/getRecord.json).
func (n *Network) getRecord(ctx context.Context, did, key string) (stored, error) {
	var out struct {
		CID   string          `json:"cid"`
		Value json.RawMessage `json:"value"`
	}
	q := url.Values{"repo": {did}, "collection": {postCollection}, "rkey": {key}}
	if err := n.ask(ctx, call{name: "com.atproto.repo.getRecord", query: q, out: &out}); err != nil {
		return stored{}, err
	}
	r, err := parseRecord(out.Value)
	if err != nil || out.CID == "" || len(out.CID) > 128 {
		return stored{}, &social.Error{Fault: social.FaultCustomer, Safe: "what we answer is no post", Cause: err}
	}
	return stored{strings.TrimSpace(out.CID), r}, nil
}

// early reports whether a post that is said not to be there may only not be
// there yet: it is young, and not held by our own server, so that it was the
// AppView that did not know it. With an error that cannot be learned.
func (n *Network) early(ctx context.Context, did, key string, err error) (bool, error) {
	at, ok := tidTime(key)
	if !isGone(err) || !ok {
		return false, nil
	}
	if age := n.kit.Clock.Now().Sub(time.UnixMicro(int64(at))); age < -domain.MaxClockAhead || age > 2*time.Minute {
		return false, nil
	}
	err = n.ask(ctx, call{name: "com.atproto.repo.describeRepo", query: url.Values{"repo": {did}}, out: &struct{}{}})
	if isElsewhere(err) {
		return true, nil
	}
	return false, err
}

// isElsewhere reports whether describeRepo says that the server does not hold
// the repository.
func isElsewhere(err error) bool {
	p := problemOf(err)
	return (p.status == 400 || p.status == 404) && !isEnded(err)
}
