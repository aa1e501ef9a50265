package mastodon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Most entries of a page: https://docs.joinmastodon.org/methods/notifications/#get,
// .../accounts/#statuses, .../timelines/#tag and .../search/#v2, "limit".
const (
	mentionPage = 80
	statusPage  = 40
)

// slow is how often what is not written to us is asked for: 300 requests in 5
// minutes are allowed for everything together.
const slow = time.Minute

// ask asks again and again for what is new, until ctx ends.
func (n *Network) ask(ctx context.Context, sink social.Sink) {
	var b social.Backoff
	var asked time.Time // for what is not written to us
	for {
		wasStreaming := n.streaming.Load()
		err := n.round(ctx, sink, &asked)
		if ctx.Err() != nil {
			return
		}
		pause, wake := n.c.pause(n.streaming.Load()), (<-chan struct{})(n.wake)
		if err != nil {
			if b.Tries() == 0 {
				n.log.Warn("asking for posts failed", "reason", social.Safe(err))
			}
			pause, wake = b.Next(err), nil // a server that limits us is not to be hurried
			n.asked(err)
		} else {
			if b.Tries() > 0 {
				n.log.Info("asking for posts works again")
			}
			b.Reset()
			n.asked(nil)
			if wasStreaming != n.streaming.Load() {
				continue // what came in between was on neither way
			}
		}
		if !social.Wait(ctx, n.kit.Clock, pause, wake) {
			return
		}
	}
}

// catchUp asks for what came before the stream that has just been opened. Where
// our own posts cannot be had, that is told, and the stream goes on.
func (n *Network) catchUp(ctx context.Context, me us, sink social.Sink) error {
	release, err := n.rounds.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	for whole := false; !whole; {
		if whole, err = n.read(ctx, sink, n.mentions(me)); err != nil {
			return err
		}
	}
	for whole := false; !whole; {
		if whole, err = n.besides(ctx, sink, []*feed{n.own(me)}); err != nil {
			return err
		}
	}
	return nil
}

// The ways besides the main one, in Health. The main one is the stream while
// there is one, else it is to ask for notifications.
const (
	wayAsking   = "notifications"
	wayOwn      = "our own posts"
	waySearches = "searches"
)

// asked tells how asking goes.
func (n *Network) asked(why error) {
	well := why == nil
	n.modes.Lock()
	defer n.modes.Unlock()
	now := n.kit.Clock.Now()
	if well {
		n.WayBegan(wayAsking, "", now)
	} else {
		n.WayEnded(wayAsking, why, now)
	}
	switch {
	case n.streaming.Load():
	case well:
		n.Began("poll", now)
	default:
		n.Ended(why, now)
	}
}

// round asks once for everything.
func (n *Network) round(ctx context.Context, sink social.Sink, asked *time.Time) error {
	me, err := n.us(ctx)
	if err != nil {
		return err
	}
	if err := n.known.load(ctx, n.kit.State); err != nil {
		return err
	}
	release, err := n.rounds.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	if whole, err := n.read(ctx, sink, n.mentions(me)); !whole || err != nil {
		return err // our answers are of no use before what they answer
	}
	now := n.kit.Clock.Now()
	if !asked.IsZero() && now.Sub(*asked) < slow {
		return nil
	}
	whole, err := n.besides(ctx, sink, append([]*feed{n.own(me)}, n.searches(me)...))
	if whole {
		*asked = now
	}
	return err
}

// besides reads what is not written to us, and reports whether it is to be
// asked for again no sooner than usual. A feed that cannot be had does not keep
// the others from it, unless the server has enough of us.
func (n *Network) besides(ctx context.Context, sink social.Sink, feeds []*feed) (bool, error) {
	all, trouble := true, map[string]error{}
	for _, f := range feeds {
		whole, err := n.read(ctx, sink, f)
		var e *social.Error
		switch {
		case err == nil:
			all = all && whole
		case ctx.Err() != nil, errors.As(err, &e) && e.After > 0, web.Status(err) == 401:
			return false, err
		default:
			n.log.Warn("a search or our own posts cannot be read", "feed", f.name, "reason", social.Safe(err))
			trouble[f.way] = cmp.Or(trouble[f.way], err)
		}
	}
	for _, f := range feeds {
		if why := trouble[f.way]; why != nil {
			n.WayEnded(f.way, why, n.kit.Clock.Now())
		} else {
			n.WayBegan(f.way, "", n.kit.Clock.Now())
		}
	}
	return all, nil
}

// mentions are posts written to us, among our notifications
// (https://docs.joinmastodon.org/methods/notifications/#get).
func (n *Network) mentions(me us) *feed {
	return &feed{
		name: "mentions/" + me.id, path: "/api/v1/notifications", query: url.Values{"types[]": {"mention"}},
		limit: mentionPage, gone: true,
		item: func(raw json.RawMessage) item { return n.notified(me, raw) },
	}
}

// notified reads a notification. One of another kind, or without a post, is no
// news but no fault either.
func (n *Network) notified(me us, raw json.RawMessage) item {
	var note notification
	if err := json.Unmarshal(raw, &note); err != nil {
		return item{id: onlyID(raw), bad: true}
	}
	it := n.written(me, note.Status)
	it.id = clean(note.ID)
	it.t.notification = it.id
	it.t.post.Unaddressed = false // the server says so
	it.ok = it.ok && note.Type == "mention"
	return it
}

// written reads a post.
func (n *Network) written(me us, raw json.RawMessage) item {
	var s status
	if err := json.Unmarshal(raw, &s); err != nil {
		return item{id: onlyID(raw), bad: true}
	}
	p, ok := n.post(me, &s)
	n.keepParent(&s, p.Author.Handle, n.kit.Clock.Now())
	return item{id: p.ID, at: p.At, t: told{post: p}, ok: ok, bad: !ok}
}

// onlyID reads an id where the rest is not what it should be.
func onlyID(raw json.RawMessage) string {
	var only struct {
		ID text `json:"id"`
	}
	_ = json.Unmarshal(raw, &only)
	return clean(only.ID)
}

// own is what our account wrote, whoever did
// (https://docs.joinmastodon.org/methods/accounts/#statuses).
func (n *Network) own(me us) *feed {
	return &feed{
		name: "own/" + me.id, way: wayOwn, path: "/api/v1/accounts/" + me.id + "/statuses", query: url.Values{"exclude_reblogs": {"true"}},
		limit: statusPage, item: func(raw json.RawMessage) item { return n.written(me, raw) },
	}
}

// searches are hashtags (https://docs.joinmastodon.org/methods/timelines/#tag)
// and words (https://docs.joinmastodon.org/methods/search/#v2), which not every
// server looks for in all posts.
func (n *Network) searches(me us) []*feed {
	var out []*feed
	for _, word := range n.c.Search {
		sum := sha256.Sum256([]byte(strings.ToLower(word)))
		f := &feed{name: "search/" + hex.EncodeToString(sum[:8]), way: waySearches, limit: statusPage, item: func(raw json.RawMessage) item { return n.written(me, raw) }}
		if tag, ok := strings.CutPrefix(word, "#"); ok {
			f.path = "/api/v1/timelines/tag/" + url.PathEscape(tag)
		} else {
			f.path, f.query, f.field = "/api/v2/search", url.Values{"q": {word}, "type": {"statuses"}, "resolve": {"false"}}, "statuses"
		}
		out = append(out, f)
	}
	return out
}

func sortItems(items []item) {
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case older(a.id, b.id):
			return -1
		case older(b.id, a.id):
			return 1
		}
		return cmp.Compare(a.id, b.id)
	})
}
