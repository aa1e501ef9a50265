package report

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
	lease      = "reports"
	cursorKind = "cursor"
	cursorID   = "report"

	batch      = 1000             // events in one transaction
	clearBatch = 500              // buckets let go of in one transaction
	pause      = time.Second      // between batches that are not full: so that they fill
	lookAgain  = 5 * time.Second  // when the place is looked at though nothing happened
	pruneEvery = 10 * time.Minute // of documents that have expired
	pruneBatch = 500
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

// Projector folds the event log into buckets.
type Projector struct {
	o Options
}

// New makes a projector; Run makes it work.
func New(o Options) *Projector {
	if o.Store == nil || o.Engine == nil || o.Feed == nil || o.Now == nil {
		panic("report: New needs a store, an engine, a feed and a clock")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Projector{o}
}

// Run counts whenever it is this node's turn, until ctx ends.
func (p *Projector) Run(ctx context.Context) { p.o.Engine.Alone(ctx, lease, p.work) }

// work follows the log from the stored place on. What fails begins there again.
func (p *Projector) work(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := p.follow(ctx)
		if errors.Is(err, errMoved) {
			err = nil // what was folded meanwhile is folded again from there
		}
		if err != nil && ctx.Err() == nil && !failing {
			p.o.Logger.WarnContext(ctx, "reports fall behind; it is tried again", "error", err)
		}
		failing = err != nil
		sleep(ctx, pause)
	}
}

func (p *Projector) follow(ctx context.Context) error {
	c, err := readCursor(ctx, p.o.Store)
	if err != nil {
		return err
	}
	at, pruned := c.Seq, time.Time{}
	for ctx.Err() == nil {
		if now := p.o.Now(); now.Sub(pruned) >= pruneEvery {
			if err := p.prune(ctx, now); err != nil {
				return err
			}
			pruned = now
		}
		if c.Clearing {
			if c, err = clearSome(ctx, p.o.Store, c, p.o.Now()); err != nil {
				return err
			}
			continue
		}
		look, cancel := context.WithTimeout(ctx, lookAgain)
		events, next, err := p.o.Feed.Next(look, at)
		cancel()
		switch {
		case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			// Somebody may have asked for a rebuild.
			now, err := readCursor(ctx, p.o.Store)
			if err != nil {
				return err
			}
			if now.version != c.version {
				c, at = now, now.Seq
			}
			continue
		case err != nil:
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

func (p *Projector) prune(ctx context.Context, now time.Time) error {
	return p.o.Store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.DocumentPrune(now, pruneBatch)
		return err
	})
}

// cursor is the place in the log up to which everything is counted.
type cursor struct {
	Seq      int64     `json:"seq"`
	From     time.Time `json:"from,omitzero"`     // what happened before is counted already: a rebuild has left it
	Clearing bool      `json:"clearing,omitzero"` // the buckets from From on must go first

	version int64 // as it is stored; 0: it is not
}

// errMoved says that somebody else moved the place.
var errMoved = errors.New("report: another node counts, or a rebuild was asked for")

func readCursor(ctx context.Context, st store.Store) (c cursor, err error) {
	err = st.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentGet(cursorKind, []string{cursorID})
		if err == nil {
			c, err = cursorOf(&docs[0])
		}
		return err
	})
	return c, err
}

func cursorOf(d *store.Document) (c cursor, err error) {
	if d.ID == "" {
		return cursor{}, nil
	}
	if err := json.Unmarshal(d.Body, &c); err != nil {
		return c, fmt.Errorf("report: the place in the log cannot be read; \"advocate report rebuild\" sets it anew: %w", err)
	}
	c.version = d.Version
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

// apply counts events, which reach from c to next, and moves the place. Where
// none of them counts nothing is written: they are read again after a restart.
func apply(ctx context.Context, st store.Store, c cursor, events []domain.Event, next int64, now time.Time) (cursor, error) {
	more := map[string]*Bucket{}
	for i := range events {
		if events[i].Time.Before(c.From) {
			continue
		}
		for _, b := range fold(&events[i]) {
			if have := more[b.ID()]; have != nil {
				have.merge(b)
			} else {
				more[b.ID()] = b
			}
		}
	}
	if len(more) == 0 {
		return c, nil
	}
	ids := make([]string, 0, len(more))
	for id := range more {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := c
	err := st.Update(ctx, func(tx store.Tx) error {
		to := c
		to.Seq = next
		var err error
		if out, err = move(tx, c, to, now); err != nil {
			return err
		}
		docs, err := tx.DocumentGet(Kind, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			sum := *more[id]
			if docs[i].ID != "" {
				if sum, err = readBucket(&docs[i]); err != nil {
					return err
				}
				sum.merge(more[id])
			}
			if docs[i].Body, err = json.Marshal(&sum); err != nil {
				return err
			}
			docs[i].Kind, docs[i].ID, docs[i].UpdatedAt, docs[i].ExpiresAt = Kind, id, now, sum.Hour.Add(KeepFor)
		}
		return tx.DocumentPut(docs)
	})
	return out, err
}

// Rebuild has everything counted again that the log still tells all of, by
// whoever counts, and says from when on. It may be asked for while a node counts.
func Rebuild(ctx context.Context, st store.Store, now time.Time) (from time.Time, err error) {
	from = now.UTC().Add(-domain.SeenWindow).Truncate(time.Hour).Add(time.Hour)
	err = st.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(cursorKind, []string{cursorID})
		if err != nil {
			return err
		}
		// One that cannot be read is replaced as well.
		_, err = move(tx, cursor{version: docs[0].Version}, cursor{From: from, Clearing: true}, now)
		return err
	})
	return from, err
}

// CatchUp counts what there is and returns; it is for a store that no node has
// open. It says how many events it looked at.
func CatchUp(ctx context.Context, st store.Store, now time.Time) (n int, err error) {
	c, err := readCursor(ctx, st)
	at := c.Seq
	for err == nil {
		if c.Clearing {
			c, err = clearSome(ctx, st, c, now)
			continue
		}
		var events []domain.Event
		err = st.View(ctx, func(r store.Reader) (err error) {
			events, err = r.EventTail(at, batch)
			return err
		})
		if err != nil || len(events) == 0 {
			break
		}
		at = events[len(events)-1].Seq
		if c, err = apply(ctx, st, c, events, at, now); err == nil {
			n += len(events)
		}
	}
	return n, err
}

// clearSome lets go of some of the buckets that are to be counted again.
func clearSome(ctx context.Context, st store.Store, c cursor, now time.Time) (cursor, error) {
	out := c
	err := st.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentList(store.DocumentListParams{Kind: Kind, After: c.From.Format(hourForm), Limit: clearBatch})
		if err != nil {
			return err
		}
		ids := make([]string, len(docs))
		for i := range docs {
			ids[i] = docs[i].ID
		}
		if err := tx.DocumentDelete(Kind, ids); err != nil {
			return err
		}
		to := c
		to.Clearing = len(docs) == clearBatch
		out, err = move(tx, c, to, now)
		return err
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
