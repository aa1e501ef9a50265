package sandbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// MaxWait bounds how long Timeline waits for something new.
const MaxWait = 30 * time.Second

// TimelineParams ask for posts.
type TimelineParams struct {
	As     string        // read as these handles, between commas, MaxReaders at most: their private messages are included
	After  int64         // only what changed after this number; 0 gives the newest posts
	Thread string        // only this conversation
	Limit  int           // MaxPage by default and at most
	Wait   time.Duration // with After: wait that long, at most MaxWait, for something to change
}

// Timeline is posts by change number, oldest change first.
type Timeline struct {
	Items []Post
	Next  int64 // pass as After to go on
}

// readers are the handles of a list between commas.
func readers(list string) ([]any, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	if len(names) > MaxReaders {
		return nil, domain.FieldErrorf("as", "names %d handles; at most %d are accepted", len(names), MaxReaders)
	}
	var out []any
	for _, name := range names {
		h, err := FoldHandle(name)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// Timeline returns what has changed. An empty answer after a Wait is no error.
func (n *Network) Timeline(ctx context.Context, p TimelineParams) (Timeline, error) {
	as, err := readers(p.As)
	if err != nil {
		return Timeline{}, err
	}
	if p.Limit <= 0 || p.Limit > MaxPage {
		p.Limit = MaxPage
	}
	wait := min(max(p.Wait, 0), MaxWait)
	var deadline <-chan time.Time
	if wait > 0 && p.After > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		deadline = t.C
	}
	for {
		changed := n.watch()
		tl, err := n.page(ctx, p, as)
		if err != nil || len(tl.Items) > 0 || deadline == nil {
			return tl, err
		}
		p.After = max(p.After, tl.Next)
		select {
		case <-changed:
		case <-n.poll():
		case <-deadline:
			return tl, nil
		case <-ctx.Done():
			return tl, nil
		}
	}
}

// page reads one answer. Next moves past posts that the reader may not see,
// so that somebody else's conversation is not read again and again.
func (n *Network) page(ctx context.Context, p TimelineParams, as []any) (Timeline, error) {
	visible := ` visibility = 'public' `
	if len(as) > 0 {
		in := `IN (?` + strings.Repeat(`, ?`, len(as)-1) + `)`
		visible = ` (visibility = 'public' OR recipient ` + in + ` OR (NOT company AND handle ` + in + `)) `
	}
	visible += `AND (? = '' OR thread = ?) `
	args := slices.Concat(as, as, []any{p.Thread, p.Thread})
	var top int64
	if err := n.db.QueryRowContext(ctx, `SELECT change FROM @counter`).Scan(&top); err != nil {
		return Timeline{}, err
	}
	if p.After > top {
		p.After = 0 // the number is from another database: begin anew
	}
	if p.After == 0 {
		items, err := listPosts(ctx, n.db, `WHERE change <= ? AND`+visible+`ORDER BY change DESC LIMIT ?`, slices.Concat([]any{top}, args, []any{p.Limit})...)
		slices.Reverse(items)
		return Timeline{items, top}, err
	}
	items, err := listPosts(ctx, n.db, `WHERE change > ? AND change <= ? AND`+visible+`ORDER BY change LIMIT ?`,
		slices.Concat([]any{p.After, top}, args, []any{p.Limit})...)
	next := top
	if len(items) == p.Limit {
		next = items[len(items)-1].Change
	}
	return Timeline{items, next}, err
}

// Get returns one post.
func (n *Network) Get(ctx context.Context, id string) (Post, error) { return getPost(ctx, n.db, id) }

// Thread returns a conversation as a handle sees it, oldest post first.
// Any post of it names it.
func (n *Network) Thread(ctx context.Context, id, as string) ([]Post, error) {
	if as != "" {
		h, err := FoldHandle(as)
		if err != nil {
			return nil, err
		}
		as = h
	}
	p, err := n.Get(ctx, id)
	if err == nil && !p.VisibleTo(as) {
		err = domain.Errorf(domain.CodeNotFound, "there is no post %.60q on the sandbox network", id)
	}
	if err != nil {
		return nil, err
	}
	posts, err := listPosts(ctx, n.db, `WHERE thread = ? ORDER BY seq LIMIT ?`, p.Thread, MaxPage)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(posts, func(p Post) bool { return !p.VisibleTo(as) }), nil
}
