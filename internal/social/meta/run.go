package meta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Bounds of one round.
const (
	overlap   = 10 * time.Minute // read again: clocks differ, and lists lag
	maxPages  = 50               // of one list, 100 entries each
	listSize  = "100"
	instaSize = "50" // …/instagram-platform/reference/instagram-media/comments, "Limitations"
	lookAfter = 6 * time.Hour
	patience  = 3 // rounds that may fail before webhooks are doubted too
)

// Run implements social.Runner. It ends with ctx alone.
func (n *Network) Run(ctx context.Context, sink social.Sink) error {
	b := social.Backoff{Grow: social.Doubling(time.Second, 5*time.Minute)}
	for {
		err := n.round(ctx, sink)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		now := n.kit.Clock.Now()
		d := n.c.Poll * time.Duration(n.usage.slow())
		if err != nil {
			if b.Tries() == 0 {
				n.log.Warn("asking for posts failed", "reason", social.Safe(err))
			}
			// Webhooks go on while asking fails for a moment; what the operator has
			// to mend is said at once.
			var e *social.Error
			if n.c.Mode == Poll || b.Tries() >= patience || !passes(err) || errors.As(err, &e) && e.Fault == social.FaultOperator {
				n.Ended(err, now)
			}
			d = b.Next(err)
		} else {
			if n.Began(string(n.c.Mode), now) {
				n.log.Info("asking for posts works again")
			}
			b.Reset()
		}
		if !social.Wait(ctx, n.kit.Clock, d, nil) {
			return ctx.Err()
		}
	}
}

// cursor is how far has been read: everything up to a time was handed in.
type cursor struct {
	At time.Time `json:"at"`
}

// round brings what is newer than the cursor, oldest first.
func (n *Network) round(ctx context.Context, sink social.Sink) error {
	began := n.kit.Clock.Now()
	read, err := n.cursor(ctx, began)
	if err != nil {
		return err
	}
	if err := n.keepAnEye(ctx); err != nil {
		return err
	}
	if err := n.learnName(ctx); err != nil {
		return err
	}
	posts, err := n.gather(ctx, read.At.Add(-overlap))
	if err != nil {
		return err
	}
	slices.SortStableFunc(posts, func(a, b domain.Post) int {
		// Times are whole seconds. Ids grow, and an answer comes after what
		// it answers.
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	posts = slices.DeleteFunc(posts, func(p domain.Post) bool { return n.seen.Has(p.DedupeKey()) })
	if err := n.handIn(ctx, sink, posts); err != nil {
		return &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "posts cannot be taken in just now", Cause: err}
	}
	if len(posts) > 0 {
		now := n.kit.Clock.Now()
		n.Alive(now, max(now.Sub(posts[len(posts)-1].At), 0))
	}
	return n.saveCursor(ctx, cursor{began})
}

func (n *Network) saveCursor(ctx context.Context, c cursor) error {
	return social.StateKeep(ctx, n.kit.State, "read", c, 0)
}

// cursor is where to go on: from now for an account that was never read, since
// what was written before is not for us to answer. That now is kept at once:
// the first round may fail for hours, and what is written meanwhile is for us.
func (n *Network) cursor(ctx context.Context, now time.Time) (cursor, error) {
	b, err := n.kit.State.Get(ctx, "read")
	if err != nil {
		return cursor{}, social.StateError(err)
	}
	c := cursor{now}
	if b == nil {
		return c, n.saveCursor(ctx, c)
	}
	if json.Unmarshal(b, &c) != nil {
		n.log.Warn("how far has been read is not known any more; going on from the start of what is kept")
		c.At = now.Add(-domain.SeenWindow)
	}
	if oldest := now.Add(-domain.SeenWindow); c.At.Before(oldest) {
		c.At = oldest
	}
	return c, nil
}

func (n *Network) gather(ctx context.Context, since time.Time) ([]domain.Post, error) {
	read := n.facebookSince
	if n.c.Kind == Instagram {
		read = n.instagramSince
	}
	posts, err := read(ctx, since)
	if err != nil {
		return nil, err
	}
	if n.c.DirectMessages {
		more, err := n.messagesSince(ctx, since)
		if err != nil {
			return nil, err
		}
		posts = append(posts, more...)
	}
	return posts, nil
}

// facebookSince reads the Page's latest posts, those of visitors among them,
// the comments on each that has changed, and posts that name the Page.
// A post's updated_time moves with its comments (…/graph-api/reference/
// pagepost, "Fields").
func (n *Network) facebookSince(ctx context.Context, since time.Time) ([]domain.Post, error) {
	var out []domain.Post
	var changed []string
	left := n.c.Recent
	q := url.Values{"fields": {facebookPost}, "limit": {strconv.Itoa(n.c.Recent)}}
	_, err := each(ctx, n, n.c.Page+"/feed", q, 1, func(c *comment) bool {
		if !commentPattern.MatchString(string(c.ID)) {
			return true
		}
		if p, ok := n.facebook(c); ok && !p.Own && !p.At.Before(since) {
			out = append(out, p)
		}
		if c.Updated.IsZero() || !c.Updated.Before(since) {
			changed = append(changed, string(c.ID))
		}
		left--
		return left > 0
	})
	if err != nil {
		return nil, err
	}
	for _, id := range changed {
		more, err := n.commentsOn(ctx, id, since)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	more, err := n.taggedSince(ctx, since)
	return append(out, more...), err
}

// commentsOn reads a post's comments, of all levels, latest first
// (…/graph-api/reference/object/comments, "Parameters": filter and order).
func (n *Network) commentsOn(ctx context.Context, post string, since time.Time) ([]domain.Post, error) {
	var out []domain.Post
	q := url.Values{"fields": {facebookFields}, "filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {listSize}}
	whole, err := each(ctx, n, post+"/comments", q, maxPages, func(c *comment) bool {
		p, ok := n.facebook(c)
		if p.At.Before(since) {
			return false
		}
		if ok && commentPattern.MatchString(p.ID) {
			out = append(out, p)
		}
		return true
	})
	if goneError(err) {
		return nil, nil // deleted meanwhile
	}
	n.bounded(whole, err, "comments")
	return out, err
}

// taggedSince reads posts of others that name the Page (…/graph-api/reference/
// page/tagged). It needs a permission that not every app has; without it there
// are the webhooks.
func (n *Network) taggedSince(ctx context.Context, since time.Time) ([]domain.Post, error) {
	var out []domain.Post
	q := url.Values{"fields": {facebookPost}, "limit": {strconv.Itoa(n.c.Recent)}}
	_, err := each(ctx, n, n.c.Page+"/tagged", q, 1, func(c *comment) bool {
		p, ok := n.facebook(c)
		if ok && !p.Own && !p.At.Before(since) && commentPattern.MatchString(p.ID) {
			p.InReplyTo = ""
			out = append(out, p)
		}
		return true
	})
	if e := (*social.Error)(nil); errors.As(err, &e) && !e.Retry && !refusedAs(err, tokenCodes...) {
		n.log.Debug("posts that name the Page cannot be asked for", "reason", e.Safe)
		return nil, nil
	}
	for i := range out {
		if n.seen.Has(out[i].DedupeKey()) {
			continue
		}
		if err := n.keepMention(ctx, &mention{Post: out[i].ID}); err != nil {
			return nil, err
		}
	}
	return out, err
}

// instagramSince reads the comments on the account's latest media. They come
// latest first, 50 at once, those of the first level; answers stand in each
// (…/instagram-platform/reference/instagram-media/comments, "Limitations").
// Answers are looked for in the first page even where what they answer is old.
func (n *Network) instagramSince(ctx context.Context, since time.Time) ([]domain.Post, error) {
	var media []string
	q := url.Values{"fields": {"id,timestamp,comments_count"}, "limit": {strconv.Itoa(n.c.Recent)}}
	_, err := each(ctx, n, n.c.Instagram+"/media", q, 1, func(m *struct {
		ID    ident `json:"id"`
		Count *int  `json:"comments_count"`
	}) bool {
		if numberPattern.MatchString(string(m.ID)) && (m.Count == nil || *m.Count > 0) {
			media = append(media, string(m.ID))
		}
		return len(media) < n.c.Recent
	})
	if err != nil {
		return nil, err
	}
	var out []domain.Post
	for _, id := range media {
		q := url.Values{"fields": {instagramFields + ",replies{" + instagramFields + "}"}, "limit": {instaSize}}
		first := 50
		whole, err := each(ctx, n, id+"/comments", q, maxPages, func(c *comment) bool {
			for _, one := range flat(c) {
				if p, ok := n.instagram(one, id); ok && !p.At.Before(since) && commentPattern.MatchString(p.ID) {
					out = append(out, p)
				}
			}
			first--
			return first > 0 || !c.Timestamp.Before(since)
		})
		if err != nil && !goneError(err) {
			return nil, err
		}
		n.bounded(whole, err, "comments")
	}
	return out, nil
}

// flat is a comment and its answers.
func flat(c *comment) []*comment {
	out := []*comment{c}
	if c.Replies != nil {
		for i := range c.Replies.Data {
			r := &c.Replies.Data[i]
			if r.ParentID == "" {
				r.ParentID = c.ID
			}
			out = append(out, r)
		}
	}
	return out
}

// bounded says that a list was longer than we read.
func (n *Network) bounded(whole bool, err error, what string) {
	if err == nil && !whole {
		n.log.Error("more came during an outage than is read at once; the oldest are left out", "list", what, "pages", maxPages)
	}
}
