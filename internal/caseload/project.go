package caseload

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	lease = "caseload"

	batch     = 500              // events in one transaction
	seedBatch = 200              // customers in one transaction, the first time
	pause     = time.Second / 2  // between batches that are not full: so that they fill
	lookAgain = 30 * time.Second // how long is waited for an event
)

var place = feed.Place{Kind: store.CaseIndexCursorKind, ID: store.CaseIndexCursor}

// Projector keeps the documents.
type Projector struct {
	o feed.Projection
}

// New makes a projector; Run makes it work.
func New(o feed.Projection) *Projector {
	o.Complete()
	return &Projector{o}
}

// Run works whenever it is this node's turn, until ctx ends.
func (p *Projector) Run(ctx context.Context) {
	p.o.Run(ctx, lease, "the lists of cases and promises", p.follow)
}

func (p *Projector) follow(ctx context.Context) error {
	c, err := seed(ctx, p.o.Store, p.o.Now)
	if err != nil {
		return err
	}
	at := c.Seq
	for ctx.Err() == nil {
		events, next, full, err := p.o.Feed.Some(ctx, at, batch, lookAgain)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			continue
		}
		if c, err = apply(ctx, p.o.Store, c, events, next, p.o.Now()); err != nil {
			return err
		}
		at = next
		if !full {
			feed.Pause(ctx, pause)
		}
	}
	return nil
}

// CatchUp does what there is to do and returns; for a store that no node has
// open, and for tests.
func CatchUp(ctx context.Context, st store.Store, now func() time.Time) error {
	c, err := seed(ctx, st, now)
	at := c.Seq
	for err == nil {
		var events []domain.Event
		err = st.View(ctx, func(r store.Reader) (err error) {
			events, err = r.EventTail(at, batch)
			return err
		})
		if err != nil || len(events) == 0 {
			break
		}
		at = events[len(events)-1].Seq
		c, err = apply(ctx, st, c, events, at, now())
	}
	return err
}

// cursor is the place in the log up to which everything is written down.
type cursor struct {
	Seq    int64             `json:"seq"`
	Seeded bool              `json:"seeded"`
	Seed   domain.CustomerID `json:"seed,omitempty"` // while not Seeded: the last customer looked at

	version int64 // as it is stored; 0: it is not
}

func readCursor(r store.Reader) (c cursor, err error) {
	c.version, err = place.Read(r, &c)
	return c, err
}

// move writes the place over c, if c is still what is stored.
func move(tx store.Tx, c, to cursor, now time.Time) (cursor, error) {
	version, err := place.Move(tx, c.version, to, now)
	if err != nil {
		return c, err
	}
	to.version = version
	return to, nil
}

// seed lists the cases of all customers that were there before anything was
// listed. It goes on where it was left, and does nothing once it is done.
func seed(ctx context.Context, st store.Store, now func() time.Time) (c cursor, err error) {
	err = st.View(ctx, func(r store.Reader) error {
		if c, err = readCursor(r); err == nil && c.version == 0 {
			c.Seq, err = feed.EndOf(r, 0) // what comes behind it is followed afterwards
		}
		return err
	})
	for err == nil && !c.Seeded {
		out := c
		err = st.Update(ctx, func(tx store.Tx) error {
			rows, err := tx.AdvocateList(store.AdvocateListParams{After: c.Seed, Limit: seedBatch})
			if err != nil {
				return err
			}
			to := c
			to.Seeded = len(rows) < seedBatch
			ids := make([]domain.CustomerID, len(rows))
			for i := range rows {
				ids[i] = rows[i].ID
				to.Seed = rows[i].ID
			}
			snaps, err := states(tx, ids)
			if err != nil {
				return err
			}
			if out, err = move(tx, c, to, now()); err != nil {
				return err
			}
			return index(tx, snaps, nil, now())
		})
		c = out
	}
	return c, err
}

// apply writes down what events tell and moves the place. Where they tell
// nothing, nothing is written: they are read again after a restart.
func apply(ctx context.Context, st store.Store, c cursor, events []domain.Event, next int64, now time.Time) (cursor, error) {
	var ids []domain.CustomerID
	var cases []string
	var posts []post
	for i := range events {
		e := &events[i]
		owner, kind, _, err := domain.ParseObjectID(e.ID)
		if err != nil || kind != domain.KindEmitted || e.Source != "advocate" {
			continue
		}
		if e.Type == domain.PostWatched {
			posts = append(posts, watchedPost(e, owner))
		}
		if e.CaseID == "" {
			continue
		}
		ids, cases = append(ids, owner), append(cases, e.CaseID)
		if e.Type == "advocate.post.received" && !countedBefore(e) {
			posts = append(posts, post{customer: owner, caseID: e.CaseID, at: e.Time})
		}
	}
	if len(ids) == 0 && len(posts) == 0 {
		return c, nil
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	slices.Sort(cases)
	cases = slices.Compact(cases)
	out := c
	err := st.Update(ctx, func(tx store.Tx) error {
		to := c
		to.Seq = next
		var err error
		if out, err = move(tx, c, to, now); err != nil {
			return err
		}
		snaps, err := states(tx, ids)
		if err != nil {
			return err
		}
		if err := index(tx, snaps, cases, now); err != nil {
			return err
		}
		return countPosts(tx, posts, snaps, now)
	})
	return out, err
}
