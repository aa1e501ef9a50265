package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

// watch is the desk's work while it holds its lease.
type watch struct {
	*Desk
	board  *assign.Board
	policy *domain.Policy
	after  int64           // place in the log
	rests  map[string]rest // items that are left alone for a while
	ledger ledger

	offered map[string]bool // items with an offer that nobody has answered
}

// rest is an item that could not be offered.
type rest struct {
	until  time.Time
	caseID string // what happens to its case may be why it can be offered now
}

// open reads what the board begins with. The place in the log comes first: what
// happens meanwhile is seen again.
func (d *Desk) open(ctx context.Context) (*watch, error) {
	seen := int64(0)
	if d.o.Feed != nil {
		seen = d.o.Feed.Upto()
	}
	end, err := feed.End(ctx, d.o.Store, seen)
	if err != nil {
		return nil, err
	}
	p := d.o.Engine.Policy()
	w := &watch{Desk: d, board: assign.NewBoard(*p), policy: p, after: end, rests: map[string]rest{}, offered: map[string]bool{}}
	w.ledger = ledger{queues: map[string]*Outlook{}, told: map[string]string{}}
	offered := map[string]bool{} // agents
	err = d.o.Store.View(ctx, func(r store.Reader) error {
		known, err := Outlooks(r)
		if err != nil {
			return err
		}
		for i := range known {
			w.ledger.queues[known[i].Queue] = &known[i]
		}
		for after, n := "", scanPage; n == scanPage; {
			n = 0
			if err := eachAgent(r, after, scanPage, func(a domain.Agent) {
				w.board.AgentSet(a)
				after, n = a.ID, n+1
			}); err != nil {
				return err
			}
		}
		for after, n := "", scanPage; n == scanPage; {
			items, err := r.WorkItemScan(store.WorkItemScanParams{After: after, Limit: scanPage})
			if err != nil {
				return err
			}
			for i := range items {
				w.board.ItemSet(items[i])
				if items[i].State == domain.WorkReserved {
					w.offered[items[i].ID] = true
					offered[items[i].Holder()] = true
				}
				after = items[i].ID
			}
			n = len(items)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w, w.takeBack(ctx, slices.Collect(maps.Keys(offered)))
}

// follow makes offers and takes in what changes, until ctx ends or something
// fails.
func (w *watch) follow(ctx context.Context) error {
	for {
		if p := w.o.Engine.Policy(); p != w.policy {
			w.policy = p
			w.board.PolicySet(*p)
		}
		now := w.o.Clock.Now()
		next, err := w.makeOffers(ctx, now)
		if err == nil {
			err = w.tell(ctx, now)
		}
		if err != nil {
			return err
		}
		if look := now.Add(lookAtPolicy); next.IsZero() || next.After(look) {
			next = look
		}
		alarm, give := w.o.Clock.Alarm(next)
		select {
		case <-ctx.Done():
			give()
			return nil
		case <-alarm:
		case <-w.o.Feed.Moved(w.after):
		}
		give()
		if w.o.Feed.Upto() <= w.after {
			continue
		}
		events, after, err := w.o.Feed.Next(ctx, w.after)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.take(ctx, events); err != nil {
			return err
		}
		w.after = after
	}
}

// refresh reads items and agents anew.
func (w *watch) refresh(ctx context.Context, items, agents []string) error {
	_, err := w.reread(ctx, items, agents)
	return err
}

// reread is refresh, and returns which of the items wait to be offered, with
// their cases.
func (w *watch) reread(ctx context.Context, items, agents []string) (waiting map[string]string, err error) {
	if len(items)+len(agents) == 0 {
		return nil, nil
	}
	err = w.o.Store.View(ctx, func(r store.Reader) error {
		waiting = map[string]string{}
		for _, id := range items {
			item, err := r.WorkItemGet(id)
			switch {
			case errors.Is(err, store.ErrNotFound):
				w.board.ItemRemove(id)
			case err != nil:
				return err
			default:
				w.board.ItemSet(item)
				if item.State == domain.WorkPending {
					waiting[id] = item.Case
				}
			}
		}
		if len(agents) == 0 {
			return nil
		}
		docs, err := r.DocumentGet(store.AgentKind, agents)
		if err != nil {
			return err
		}
		for i := range docs {
			a, err := store.AgentOf(docs[i])
			switch {
			case err != nil:
				return err
			case a.ID == "":
				w.board.AgentRemove(agents[i])
			default:
				w.board.AgentSet(a)
			}
		}
		return nil
	})
	return waiting, err
}
