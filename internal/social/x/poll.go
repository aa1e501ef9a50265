package x

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// way is one of the lists that are asked for.
type way struct {
	name   string // its cursor's
	path   string
	query  string // of a search
	search bool
}

// ways lists what is asked for: mentions, our own posts (staff may write in X's
// own app), and searches.
func (n *Network) ways(us account) []way {
	out := []way{
		{name: "mentions", path: "2/users/" + us.ID + "/mentions"},
		{name: "own", path: "2/users/" + us.ID + "/tweets"},
	}
	for i, q := range queries(n.c.Search, us.Username, n.tier.query) {
		out = append(out, way{name: fmt.Sprintf("search/%d", i), path: "2/tweets/search/recent", query: q, search: true})
	}
	return out
}

// queries makes as few searches of the words as fit into most characters each
// (https://docs.x.com/x-api/posts/search/integrate/build-a-query).
func queries(words []string, username string, most int) (out []string) {
	end := ") -is:retweet -from:" + username
	var now []string
	flush := func() {
		if len(now) > 0 {
			out = append(out, "("+strings.Join(now, " OR ")+end)
			now = nil
		}
	}
	for _, w := range words {
		if !strings.HasPrefix(w, "#") {
			w = `"` + w + `"` // a phrase, so that nothing in it is an operator
		}
		if len(now) > 0 && len("("+strings.Join(now, " OR ")+" OR "+w+end) > most {
			flush()
		}
		now = append(now, w)
	}
	flush()
	return out
}

// hearPolls asks again and again until ctx ends: every poll interval, later
// after errors, and less often when the month's posts would not last.
func (n *Network) hearPolls(ctx context.Context, sink social.Sink) {
	mode := string(Poll)
	if n.c.Mode == Webhook {
		mode = string(Webhook) // the round is only its net
	}
	r := social.Rounds{Clock: n.kit.Clock, Log: n.log, Pulse: &n.Pulse, Mode: mode, Name: "posts", Backoff: social.Backoff{Grow: reconnection}}
	r.Run(ctx, func(ctx context.Context) (time.Duration, error) { return n.round(ctx, sink) })
}

// round asks once for everything, and returns how long to wait.
func (n *Network) round(ctx context.Context, sink social.Sink) (time.Duration, error) {
	us, err := n.self(ctx)
	if err != nil {
		return n.c.Poll, err
	}
	for _, w := range n.ways(us) {
		read, err := n.readSoFar(ctx)
		if err != nil {
			return n.c.Poll, err
		}
		if wait := n.patience(read); wait > 0 {
			return max(n.c.Poll, wait), nil
		}
		if w.search && float64(read) > searchShare*float64(n.allowed(n.kit.Clock.Now())) {
			continue
		}
		if err := n.catchUp(ctx, sink, us, w); err != nil {
			return n.c.Poll, err
		}
	}
	return n.c.Poll, nil
}

// catchUp reads what a list has since the cursor and hands it in, oldest first.
// What it could not read because of the budget, the round's limit or an error is
// left for the next round; what was read before an error has been paid for.
func (n *Network) catchUp(ctx context.Context, sink social.Sink, us account, w way) error {
	c, err := n.loadCursor(ctx, w.name)
	if err != nil {
		return err
	}
	q := withFields(map[string][]string{})
	now := n.kit.Clock.Now()
	c.bounds(q, now, n.asked[w.name], w.search)
	if w.search {
		q["query"], q["sort_order"] = []string{w.query}, []string{"recency"}
	}
	var posts []domain.Post
	newest, until, done := "", "", false
	var broke error
	for range maxPages {
		read, err := n.readSoFar(ctx)
		if err != nil {
			return err
		}
		room := min(n.allowed(n.kit.Clock.Now()), n.c.PostsPerMonth) - read
		if room <= 0 {
			break
		}
		q["max_results"] = []string{strconv.FormatInt(max(min(room, perPage), 10), 10)} // 10 is the least that a search takes
		var p page
		if _, broke = n.ask(ctx, web.Request{Path: w.path, Query: q, Out: &p}); broke != nil {
			break
		}
		in := readIncludes(p.Includes)
		var ids []string
		for _, b := range p.Data {
			post, id, ok := n.readTweet(us, b, &in)
			if validID(id) {
				ids = append(ids, id)
				if later(id, newest) {
					newest = id
				}
				if until == "" || later(until, id) {
					until = id
				}
			}
			if !ok {
				n.log.Warn("a post cannot be read")
				continue
			}
			posts = append(posts, post)
		}
		if _, err := n.spend(ctx, ids...); err != nil {
			return err
		}
		if p.Meta.Next == "" {
			done = true
			break
		}
		q["pagination_token"] = []string{p.Meta.Next}
	}
	if !done && until == "" {
		return broke // nil: not even a page, because of the budget
	}
	sortPosts(posts)
	if err := n.deliver(ctx, sink, posts); err != nil {
		return err
	}
	if len(posts) > 0 {
		n.Alive(n.kit.Clock.Now(), n.kit.Clock.Now().Sub(posts[len(posts)-1].At))
	}
	if c.Until == "" { // else the newest were not asked for
		n.asked[w.name] = now
	}
	if err := n.saveCursor(ctx, w.name, c.after(newest, until, done)); err != nil {
		return err
	}
	return broke
}

// sortPosts puts posts in the order in which they were written or edited.
func sortPosts(posts []domain.Post) {
	version := func(p *domain.Post) string {
		if p.Revision != "" {
			return p.Revision
		}
		return strings.TrimPrefix(p.ID, "dm:")
	}
	slices.SortStableFunc(posts, func(a, b domain.Post) int {
		switch va, vb := version(&a), version(&b); {
		case later(vb, va):
			return -1
		case later(va, vb):
			return 1
		}
		return 0
	})
}
