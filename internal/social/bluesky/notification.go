package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// notification is an app.bsky.notification.listNotifications#notification.
type notification struct {
	URI       string          `json:"uri"`
	CID       string          `json:"cid"`
	Author    profile         `json:"author"`
	Reason    string          `json:"reason"`
	Record    json.RawMessage `json:"record"`
	IndexedAt stamp           `json:"indexedAt"`
}

// toUs are the lists that tell what the stream of all posts would: what is
// written to us, and then what we answered.
func (n *Network) toUs() []list {
	return []list{{"notifications", overlap, n.notifications}, {"own", ownLate, n.ownPosts}}
}

// hearNotifications asks again and again.
func (n *Network) hearNotifications(ctx context.Context, sink social.Sink) {
	way := ""
	if n.c.Mode == Both {
		way = "notifications"
	}
	read := reader{n: n, sink: sink}
	n.rounds(ctx, way, "poll", func(ctx context.Context) error {
		for _, l := range n.toUs() { // an answer is of no use before what it answers
			if err := read.on(ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// catchUp reads all that came since a time.
func (n *Network) catchUp(ctx context.Context, sink social.Sink, since time.Time) error {
	for _, l := range n.toUs() {
		r := &reading{Mark: since}
		for more := true; more; more = r.Cursor != "" {
			if err := n.readOn(ctx, sink, r, l, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// notifications asks for a page of them (lexicons/app/bsky/notification/listNotifications.json).
// Likes and the like say only how far the list was read.
func (n *Network) notifications(ctx context.Context, cursor string) (page, error) {
	us, err := n.us(ctx)
	if err != nil {
		return page{}, err
	}
	q := url.Values{"limit": {"100"}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var out struct {
		Cursor        string            `json:"cursor"`
		Notifications []json.RawMessage `json:"notifications"`
	}
	if err := n.ask(ctx, call{name: "app.bsky.notification.listNotifications", query: q, out: &out}); err != nil {
		return page{}, err
	}
	p := page{cursor: out.Cursor}
	all, bad := readAll[notification](out.Notifications)
	n.unreadable(bad)
	for i := range all {
		x := &all[i]
		f := found{at: x.IndexedAt.Time, skip: true}
		switch x.Reason {
		case "mention", "reply", "quote":
			f = n.found(us, postView{URI: x.URI, CID: x.CID, Author: x.Author, Record: x.Record, IndexedAt: x.IndexedAt})
		}
		p.items = append(p.items, f)
	}
	n.Alive(n.kit.Clock.Now(), -1)
	return p, nil
}

// unreadable says that some of a list's entries could not be read.
func (n *Network) unreadable(entries int) {
	if entries > 0 {
		n.log.Warn("entries of a list cannot be read and are left out", "entries", entries)
	}
}

// postView is what we use of app.bsky.feed.defs#postView.
type postView struct {
	URI       string          `json:"uri"`
	CID       string          `json:"cid"`
	Author    profile         `json:"author"`
	Record    json.RawMessage `json:"record"`
	IndexedAt stamp           `json:"indexedAt"`
	Viewer    struct {
		ReplyDisabled bool `json:"replyDisabled"`
	} `json:"viewer"`
}

// found makes a post of what an AppView shows. What is malformed is skipped.
func (n *Network) found(us string, v postView) found {
	f := found{at: v.IndexedAt.Time, skip: true}
	did, key, ok := splitURI(v.URI)
	if !ok || did != v.Author.DID || v.CID == "" || len(v.CID) > 128 {
		return f
	}
	r, err := parseRecord(v.Record)
	if err != nil {
		return f
	}
	rel := n.relate(us, did, r)
	if rel == foreign {
		rel = watched // the AppView thought it of interest
	}
	n.keepName(v.Author)
	f.told = told{post: n.post(rel, did, key, v.CID, r, v.IndexedAt.Time), root: r.root()}
	if name, ok := n.names.get(did, n.kit.Clock.Now()); ok {
		f.post.Author.Handle, f.post.Author.Name = name.handle, name.display
	}
	f.skip = len(f.post.ID) > domain.MaxPostField
	return f
}

// hearSearch asks for posts with the words that are watched. One that cannot be
// had does not keep the others from it, unless the server has enough of us.
func (n *Network) hearSearch(ctx context.Context, sink social.Sink) {
	read := reader{n: n, sink: sink}
	n.rounds(ctx, "searches", "", func(ctx context.Context) (first error) {
		for _, term := range n.c.Search {
			ask := func(ctx context.Context, cursor string) (page, error) { return n.searchPosts(ctx, term, cursor) }
			err := read.on(ctx, list{"search/" + term, overlap, ask})
			if first == nil {
				first = err
			}
			var e *social.Error
			if ctx.Err() != nil || errors.As(err, &e) && (e.After > 0 || e.Fault == social.FaultOperator) {
				break
			}
		}
		return first
	})
}

// searchPosts asks for a page of posts with a term, newest first
// (lexicons/app/bsky/feed/searchPosts.json).
func (n *Network) searchPosts(ctx context.Context, term, cursor string) (page, error) {
	us, err := n.us(ctx)
	if err != nil {
		return page{}, err
	}
	q := url.Values{"q": {term}, "sort": {"latest"}, "limit": {"100"}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	var out struct {
		Cursor string            `json:"cursor"`
		Posts  []json.RawMessage `json:"posts"`
	}
	if err := n.ask(ctx, call{name: "app.bsky.feed.searchPosts", query: q, out: &out}); err != nil {
		return page{}, err
	}
	p := page{cursor: out.Cursor}
	all, bad := readAll[postView](out.Posts)
	n.unreadable(bad)
	for _, v := range all {
		f := n.found(us, v)
		f.skip = f.skip || f.post.Own
		p.items = append(p.items, f)
	}
	return p, nil
}
