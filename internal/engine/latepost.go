package engine

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// A network's post that its customer's inbox has no room for is kept beside it
// and taken in once there is room. The network goes on meanwhile: one person
// about whom nothing can be decided must not keep those of all others waiting,
// nor may what they wrote be lost. A deletion waits behind the post that it is of,
// and what staff write behind the post that they answer.
//
// The order of one person's posts holds as far as a node knows that some of them
// wait. Another node, which is told by requests or has taken a network over, may
// not for up to lateEvery; in a cluster a person's newest words can be decided
// about before some of theirs that overflowed. No invariant rests on that order:
// versions of a post go by their revision, not by when they come; the case, its
// owner and what was said in it are those that stand when the older post is
// decided about, so that nobody is answered twice for one; and before an answer
// leaves its post is looked at again. A deletion that comes to such a node is
// that of an unknown post, and kept: see keepGone. To ask the store of every post
// whether some wait would cost all other people's posts a query.
const (
	lateEvery = 15 * time.Second
	latePage  = 200
)

// latePost is how a late post is kept.
type latePost struct {
	Customer domain.CustomerID `json:"customer"`
	Post     domain.Post       `json:"post"`
}

// lates are the customers of whom this node knows that posts are kept for them:
// what they write next waits behind those. A node that hears of one by requests
// may not know for up to lateEvery.
type lates struct {
	mu   sync.Mutex
	walk uint64
	by   map[domain.CustomerID]uint64 // the walk in which they were seen last
	odd  map[string]bool              // documents that cannot be read, and of which the log has heard
}

func (l *lates) add(id domain.CustomerID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[domain.CustomerID]uint64{}
	}
	l.by[id] = l.walk
}

func (l *lates) has(id domain.CustomerID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.by[id]
	return ok
}

// oddity reports whether it is new that a document cannot be read. It is walked
// past until it expires.
func (l *lates) oddity(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.odd == nil {
		l.odd = map[string]bool{}
	}
	known := l.odd[id]
	l.odd[id] = true
	return !known
}

func (l *lates) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.by) > 0
}

func (l *lates) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.walk++
}

// end forgets those for whom nothing was found in the walk.
func (l *lates) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, walk := range l.by {
		if walk < l.walk {
			delete(l.by, id)
		}
	}
}

// noRoom is what becomes of a post for an inbox that takes no more: a network's
// is kept, another caller's is refused for now.
func (t *turn) noRoom(pl *postPlan, s *seat) error {
	r := &pl.it.receipt
	switch {
	case pl.it.late:
		r.waits = true
		return nil
	case !pl.it.keeps:
		r.Err = &domain.Error{Code: domain.CodeBusy, Message: "too much is waiting for this customer", RetryAfter: retryUnavailable}
		return nil
	}
	r.Customer = s.id
	keys := []string{store.LatePostKey(s.id, pl.it.key), store.LateAnsweredKey(pl.it.post.Key())}
	docs, err := t.tx.DocumentFind(store.LatePostKind, keys)
	if err != nil {
		return err
	}
	if docs[0].ID != "" {
		r.Duplicate = true
		return nil
	}
	if docs[1].ID != "" {
		keys = keys[:1] // another version of it waits
	}
	body, err := json.Marshal(latePost{Customer: s.id, Post: *pl.it.post})
	if err != nil {
		return err
	}
	t.tally.overflow++
	t.e.late.add(s.id)
	t.e.stuck.add(t.e, s.id, t.now, "the inbox is full; posts are kept back")
	return t.tx.DocumentPut([]store.Document{{
		Kind: store.LatePostKind, ID: store.LatePostID(s.id, t.now, pl.ord, pl.it.key), Keys: keys,
		Body: body, ExpiresAt: t.now.Add(domain.SeenWindow), UpdatedAt: t.now,
	}})
}

// lateAnswered is whom a post of ours answers, where what it is written to waits
// and this node knows that some do; else nil.
func (t *turn) lateAnswered(pl *postPlan) (*seat, error) {
	if pl.it.post.InReplyTo == "" || !t.e.late.any() {
		return nil, nil
	}
	docs, err := t.tx.DocumentFind(store.LatePostKind, []string{store.LateAnsweredKey(pl.answers())})
	if err != nil || docs[0].ID == "" {
		return nil, err
	}
	var l latePost
	if json.Unmarshal(docs[0].Body, &l) != nil {
		return nil, nil // nobody will answer it
	}
	return &seat{id: l.Customer}, nil
}

// StepLate takes in what late posts there is room for now, each customer's in
// their order, and says how many.
func (e *Engine) StepLate(ctx context.Context) (int, error) {
	e.late.begin()
	did := 0
	waits := map[domain.CustomerID]bool{}
	for after := ""; ; {
		var docs []store.Document
		err := e.store.View(ctx, func(r store.Reader) (err error) {
			docs, err = r.DocumentList(store.DocumentListParams{Kind: store.LatePostKind, After: after, Limit: latePage})
			return err
		})
		if err != nil {
			return did, e.edge("look for late posts", err)
		}
		n, err := e.takeLate(ctx, docs, waits)
		if did += n; err != nil {
			return did, err
		}
		if len(docs) < latePage {
			e.late.end()
			return did, nil
		}
		after = docs[len(docs)-1].ID
	}
}

// takeLate hands late posts in again, and forgets those that no longer wait.
// Should it be cut off in between, they are known for repeats.
func (e *Engine) takeLate(ctx context.Context, docs []store.Document, waits map[domain.CustomerID]bool) (int, error) {
	var posts []domain.Post
	var ids []string
	var whose []domain.CustomerID
	for i := range docs {
		var l latePost
		if err := json.Unmarshal(docs[i].Body, &l); err != nil {
			if e.late.oddity(docs[i].ID) {
				e.log.ErrorContext(ctx, "a late post cannot be read", "document", docs[i].ID, "error", err)
			}
			continue
		}
		if waits[l.Customer] {
			e.late.add(l.Customer)
			continue
		}
		posts, ids, whose = append(posts, l.Post), append(ids, docs[i].ID), append(whose, l.Customer)
	}
	if len(posts) == 0 {
		return 0, nil
	}
	receipts, err := e.postsIn(ctx, posts, item{late: true})
	if err != nil {
		return 0, err
	}
	var done []string
	for i := range receipts {
		if receipts[i].waits {
			waits[whose[i]] = true
			e.late.add(whose[i])
			continue
		}
		// A network that brings a post hears what became of it; of a late one only
		// the log does.
		switch r := &receipts[i]; {
		case r.Err != nil:
			e.log.WarnContext(ctx, "a late post was refused", "network", posts[i].Network, "post_id", posts[i].ID, "code", string(domain.ErrorCode(r.Err)))
		case r.Aside == AsideTooOld:
			e.log.WarnContext(ctx, "a late post has become too old", "network", posts[i].Network, "post_id", posts[i].ID)
		}
		done = append(done, ids[i])
	}
	if len(done) == 0 {
		return 0, nil
	}
	err = e.store.Update(ctx, func(tx store.Tx) error { return tx.DocumentDelete(store.LatePostKind, done) })
	return len(done), e.edge("forget late posts", err)
}

// takeLates takes late posts in again and again until ctx ends.
func (e *Engine) takeLates(ctx context.Context) {
	for {
		if _, err := e.guarded(ctx, e.StepLate); err != nil && ctx.Err() == nil {
			e.log.WarnContext(ctx, "late posts could not be taken in", "error", err)
		}
		alarm, stop := e.clock.Alarm(e.clock.Now().Add(lateEvery))
		select {
		case <-ctx.Done():
			stop()
			return
		case <-alarm:
		}
	}
}
