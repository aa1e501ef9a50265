package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	lease = "reports"

	batch      = 1000             // events in one transaction
	clearBatch = 500              // buckets let go of in one transaction
	pause      = time.Second      // between batches that are not full: so that they fill
	lookAgain  = 5 * time.Second  // when the place is looked at though nothing happened
	pruneEvery = 10 * time.Minute // of documents that have expired
	pruneBatch = 500
)

var place = feed.Place{Kind: "cursor", ID: "report"}

// Projector folds the event log into buckets.
type Projector struct {
	o feed.Projection
}

// New makes a projector; Run makes it work.
func New(o feed.Projection) *Projector {
	o.Complete()
	return &Projector{o}
}

// Run works whenever it is this node's turn, until ctx ends.
func (p *Projector) Run(ctx context.Context) { p.o.Run(ctx, lease, "reports", p.follow) }

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
		events, next, full, err := p.o.Feed.Some(ctx, at, batch, lookAgain)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			// Somebody may have asked for a rebuild.
			now, err := readCursor(ctx, p.o.Store)
			if err != nil {
				return err
			}
			if now.version != c.version {
				c, at = now, now.Seq
			}
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

func readCursor(ctx context.Context, st store.Store) (c cursor, err error) {
	err = st.View(ctx, func(r store.Reader) (err error) {
		c.version, err = place.Read(r, &c)
		return err
	})
	if errors.Is(err, feed.ErrUnreadable) {
		err = fmt.Errorf("%w; \"advocate report rebuild\" sets it anew", err)
	}
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
		docs, err := tx.DocumentLock(place.Kind, []string{place.ID})
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
