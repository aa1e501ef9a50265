package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Projection is what it takes to fold the log into documents, by one node at a
// time. All but Logger are required.
type Projection struct {
	Store  store.Store
	Engine interface {
		// Alone runs work while no other node runs it under that name.
		Alone(ctx context.Context, name string, work func(context.Context))
	}
	Feed   *Feed
	Now    func() time.Time
	Logger *slog.Logger
}

// Complete sees that all is there.
func (p *Projection) Complete() {
	if p.Store == nil || p.Engine == nil || p.Feed == nil || p.Now == nil {
		panic("feed: a projection needs a store, an engine, a feed and a clock")
	}
	if p.Logger == nil {
		p.Logger = slog.New(slog.DiscardHandler)
	}
}

// againAfter is how long a projection that failed waits before it begins again
// at its stored place.
const againAfter = time.Second

// Run calls follow whenever it is this node's turn, and again when it has ended,
// until ctx ends. What it fails with is logged once, as what falls behind;
// ErrMoved is no failure.
func (p *Projection) Run(ctx context.Context, lease, what string, follow func(context.Context) error) {
	p.Engine.Alone(ctx, lease, func(ctx context.Context) {
		failing := false
		for ctx.Err() == nil {
			err := follow(ctx)
			if errors.Is(err, ErrMoved) {
				err = nil // what was folded meanwhile is folded again from there
			}
			if err != nil && ctx.Err() == nil && !failing {
				p.Logger.WarnContext(ctx, what+" fall behind; it is tried again", "error", err)
			}
			failing = err != nil
			Pause(ctx, againAfter)
		}
	})
}

// Some is Next for who takes a bounded part: at most so many events, full where
// there may be more at once. When nothing happens within wait it gives none,
// and the same place.
func (f *Feed) Some(ctx context.Context, after int64, most int, wait time.Duration) (events []domain.Event, next int64, full bool, err error) {
	look, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	events, next, err = f.Next(look, after)
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil, after, false, nil
	case err != nil:
		return nil, after, false, err
	case len(events) > most:
		return events[:most], events[most-1].Seq, true, nil
	}
	return events, next, false, nil
}

// Place names the document in which a projection keeps how far it has come,
// with what else it notes of its work.
type Place struct{ Kind, ID string }

// What may be wrong with a place.
var (
	ErrMoved      = errors.New("feed: somebody else has moved the place in the log")
	ErrUnreadable = errors.New("feed: the place in the log cannot be read")
)

// Read reads what is noted into note, and gives its version: 0 where nothing is,
// which leaves note as it was.
func (p Place) Read(r store.DocumentReader, note any) (version int64, err error) {
	docs, err := r.DocumentGet(p.Kind, []string{p.ID})
	if err != nil || docs[0].ID == "" {
		return 0, err
	}
	if err := json.Unmarshal(docs[0].Body, note); err != nil {
		return 0, fmt.Errorf("%w: %s: %w", ErrUnreadable, p.ID, err)
	}
	return docs[0].Version, nil
}

// Move notes something else, if version is still what is stored, and gives the
// new version. Else it is ErrMoved. Until the transaction ends nobody else moves
// the place.
func (p Place) Move(tx store.Tx, version int64, note any, now time.Time) (int64, error) {
	docs, err := tx.DocumentLock(p.Kind, []string{p.ID})
	if err != nil {
		return 0, err
	}
	if docs[0].Version != version {
		return 0, ErrMoved
	}
	if docs[0].Body, err = json.Marshal(note); err != nil {
		return 0, err
	}
	docs[0].Kind, docs[0].ID, docs[0].UpdatedAt = p.Kind, p.ID, now
	if err := tx.DocumentPut(docs); err != nil {
		return 0, err
	}
	return docs[0].Version, nil
}

// Pause waits, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
