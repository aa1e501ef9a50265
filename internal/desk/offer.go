package desk

import (
	"context"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

// makeOffers turns what the board proposes into commands, until it proposes
// nothing more, and returns when to look again.
func (w *watch) makeOffers(ctx context.Context, now time.Time) (next time.Time, err error) {
	var wake []string
	for id, r := range w.rests {
		if !r.until.After(now) {
			wake = append(wake, id)
			delete(w.rests, id)
		} else if next.IsZero() || r.until.Before(next) {
			next = r.until
		}
	}
	if err := w.refresh(ctx, wake, nil); err != nil {
		return next, err
	}
	for {
		began := time.Now() // how long it takes is a matter of this machine
		offers := w.board.MatchFirst(now, offersMost)
		w.o.Observer.Matched(time.Since(began))
		if len(offers) == 0 {
			break
		}
		w.send(ctx, offers)
		items, agents := make([]string, len(offers)), make([]string, len(offers))
		for i := range offers {
			items[i], agents[i] = offers[i].WorkItem, offers[i].Agent
		}
		waiting, err := w.reread(ctx, items, agents)
		if err != nil {
			return next, err
		}
		for _, id := range items {
			// It was refused, and the rows may not tell why: offering it again
			// at once would go on for ever.
			caseID, still := waiting[id]
			if !still {
				continue
			}
			w.board.ItemRemove(id)
			w.rests[id] = rest{now.Add(restFor), caseID}
			if next.IsZero() || w.rests[id].until.Before(next) {
				next = w.rests[id].until
			}
		}
		now = w.o.Clock.Now()
	}
	if n := w.board.Next(now); !n.IsZero() && (next.IsZero() || n.Before(next)) {
		next = n
	}
	return next, nil
}

// send makes offers, some at once. What came of them the rows say.
func (w *watch) send(ctx context.Context, offers []assign.Offer) {
	var all sync.WaitGroup
	for lane := range min(w.o.AtOnce, len(offers)) {
		work := func() {
			for i := lane; i < len(offers); i += w.o.AtOnce {
				w.offer(ctx, &offers[i])
			}
		}
		if w.o.AtOnce == 1 {
			work()
		} else {
			all.Go(work)
		}
	}
	all.Wait()
}

func (w *watch) offer(ctx context.Context, o *assign.Offer) {
	err := w.o.Engine.Command(ctx, o.Customer, domain.Command{
		Kind: domain.CommandOffer, By: Name, WorkItem: o.WorkItem, Agent: o.Agent, Reservation: o.Reservation, Note: o.Why,
	})
	w.offers.Add(1)
	if err != nil {
		w.refused.Add(1)
		w.o.Logger.DebugContext(ctx, "an offer was refused", "work_item_id", o.WorkItem, "agent", o.Agent, "error", err)
	}
}
