package caseload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	lease      = "caseload"
	cursorKind = store.CaseIndexCursorKind
	cursorID   = store.CaseIndexCursor

	batch     = 500              // events in one transaction
	seedBatch = 200              // customers in one transaction, the first time
	pause     = time.Second / 2  // between batches that are not full: so that they fill
	lookAgain = 30 * time.Second // how long is waited for an event
	failPause = 2 * time.Second
)

// Engine is what the projector needs of the engine.
type Engine interface {
	Alone(ctx context.Context, name string, work func(context.Context))
}

// Options make a Projector. All but Logger are required.
type Options struct {
	Store  store.Store
	Engine Engine
	Feed   *feed.Feed
	Now    func() time.Time
	Logger *slog.Logger
}

// Projector keeps the documents.
type Projector struct {
	o Options
}

// New makes a projector; Run makes it work.
func New(o Options) *Projector {
	if o.Store == nil || o.Engine == nil || o.Feed == nil || o.Now == nil {
		panic("caseload: New needs a store, an engine, a feed and a clock")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Projector{o}
}

// Run works whenever it is this node's turn, until ctx ends.
func (p *Projector) Run(ctx context.Context) { p.o.Engine.Alone(ctx, lease, p.work) }

// work follows the log from the stored place on. What fails begins there again.
func (p *Projector) work(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := p.follow(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			p.o.Logger.WarnContext(ctx, "the lists of cases and promises fall behind; it is tried again", "error", err)
		}
		failing = err != nil
		sleep(ctx, failPause)
	}
}

func (p *Projector) follow(ctx context.Context) error {
	c, err := seed(ctx, p.o.Store, p.o.Now)
	if err != nil {
		return err
	}
	at := c.Seq
	for ctx.Err() == nil {
		look, cancel := context.WithTimeout(ctx, lookAgain)
		events, next, err := p.o.Feed.Next(look, at)
		cancel()
		if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			continue // nothing happened
		}
		if err != nil {
			return err
		}
		full := len(events) > batch
		if full {
			events, next = events[:batch], events[batch-1].Seq
		}
		if c, err = apply(ctx, p.o.Store, c, events, next, p.o.Now()); err != nil {
			return err
		}
		at = next
		if !full {
			sleep(ctx, pause)
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

// errMoved says that another node has moved the place.
var errMoved = errors.New("caseload: another node writes")

func readCursor(r store.Reader) (c cursor, err error) {
	docs, err := r.DocumentGet(cursorKind, []string{cursorID})
	if err != nil || docs[0].ID == "" {
		return c, err
	}
	if err := json.Unmarshal(docs[0].Body, &c); err != nil {
		return c, fmt.Errorf("caseload: the place in the log cannot be read: %w", err)
	}
	c.version = docs[0].Version
	return c, nil
}

// move writes the place over c, if c is still what is stored.
func move(tx store.Tx, c, to cursor, now time.Time) (cursor, error) {
	docs, err := tx.DocumentLock(cursorKind, []string{cursorID})
	if err != nil {
		return c, err
	}
	if docs[0].Version != c.version {
		return c, errMoved
	}
	body, err := json.Marshal(to)
	if err != nil {
		return c, err
	}
	docs[0].Kind, docs[0].ID, docs[0].Body, docs[0].UpdatedAt = cursorKind, cursorID, body, now
	if err := tx.DocumentPut(docs); err != nil {
		return c, err
	}
	to.version = docs[0].Version
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
		if err != nil || kind != domain.KindEmitted || e.Source != "advocate" || e.CaseID == "" {
			continue
		}
		ids, cases = append(ids, owner), append(cases, e.CaseID)
		if e.Type == "advocate.post.received" {
			posts = append(posts, post{owner, e.CaseID, e.Time})
		}
	}
	if len(ids) == 0 {
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

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
