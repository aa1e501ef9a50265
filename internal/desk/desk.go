package desk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// Name is the author of what the desk does by itself.
	Name = "desk"
	// lease is what the cluster knows the desk's work by.
	lease = "desk"
	// offersAtOnce is how many offers are under way at the same time where
	// nothing else is asked for: they share commits.
	offersAtOnce = 32
	// offersMost is how many offers one look at the board makes: when a whole
	// shift begins, the first are not to wait for the last.
	offersMost = 200
	// restFor is how long an item that could not be offered, for a reason the
	// board does not know, is left alone.
	restFor = 5 * time.Second
	// scanPage is how many items are read at once when the board is built.
	scanPage = 1000
	// lookAtPolicy is how long another playbook's policy may go unnoticed.
	lookAtPolicy = 5 * time.Second
)

// Engine is what the desk needs of the engine.
type Engine interface {
	Command(ctx context.Context, customer domain.CustomerID, c domain.Command) error
	Alone(ctx context.Context, name string, work func(context.Context))
	Policy() *domain.Policy
}

// Options make a Desk.
type Options struct {
	Store  store.Store
	Engine Engine
	Feed   *feed.Feed // Run needs it, a Stepper does not
	Agents *Agents
	Clock  clock.Clock // the machine's where nil
	Logger *slog.Logger
	AtOnce int // offers under way at the same time, 32 where 0

	Observer Observer // nobody where nil
}

// Desk offers waiting work to agents. It only proposes: each offer is a command
// to the customer's advocate, and what the store's rows say counts.
type Desk struct {
	o       Options
	offers  atomic.Int64
	refused atomic.Int64
}

// New makes a desk; Run makes it work.
func New(o Options) *Desk {
	if o.Store == nil || o.Engine == nil || o.Agents == nil {
		panic("desk: New needs a store, an engine and agents")
	}
	if o.AtOnce <= 0 {
		o.AtOnce = offersAtOnce
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	return &Desk{o: o}
}

// Counts says how many offers this process has made, and how many were refused
// since the board was behind.
func (d *Desk) Counts() (offers, refused int64) { return d.offers.Load(), d.refused.Load() }

// Run offers work whenever it is this node's turn, until ctx ends.
func (d *Desk) Run(ctx context.Context) { d.o.Engine.Alone(ctx, lease, d.work) }

// work builds the board and follows the log. What fails begins anew: the board
// is nothing but a view of the store.
func (d *Desk) work(ctx context.Context) {
	for ctx.Err() == nil {
		w, err := d.open(ctx)
		if err == nil {
			err = w.follow(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.o.Logger.WarnContext(ctx, "the desk begins anew", "error", err)
			d.wait(ctx, time.Second)
		}
	}
}

// wait lets a while of the machine's time go by.
func (d *Desk) wait(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

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
	var away []domain.WorkItem
	err = d.o.Store.View(ctx, func(r store.Reader) error {
		known, err := Outlooks(r)
		if err != nil {
			return err
		}
		for i := range known {
			w.ledger.queues[known[i].Queue] = &known[i]
		}
		out := map[string]bool{}
		for after, n := "", scanPage; n == scanPage; {
			n = 0
			if err := eachAgent(r, after, scanPage, func(a domain.Agent) {
				w.board.AgentSet(a)
				out[a.ID] = a.Disabled || a.Activity != domain.ActivityAvailable
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
				}
				if items[i].State == domain.WorkReserved && out[items[i].Holder()] {
					away = append(away, items[i])
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
	for i := range away {
		w.rescind(ctx, &away[i], "the agent is not available")
	}
	return w, nil
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

// take lets the board know what has happened, and does what follows from it.
func (w *watch) take(ctx context.Context, events []domain.Event) error {
	var items, agents []string
	var missed, took []string
	for i := range events {
		e := &events[i]
		if e.Source != "advocate" {
			continue
		}
		w.ledger.learn(e)
		w.report(e)
		switch {
		case e.Type == EventAgentChanged:
			agents = append(agents, told(e).Agent)
		case e.WorkItemID != "":
			items = append(items, e.WorkItemID)
			delete(w.rests, e.WorkItemID)
			switch d := told(e); {
			case e.Type == "advocate.workitem.pending" && d.Why == string(domain.ReservationTimeout):
				missed = append(missed, d.Agent)
			case e.Type == "advocate.workitem.assigned":
				took = append(took, d.Agent)
			}
		case e.CaseID != "":
			for id, r := range w.rests {
				if r.caseID == e.CaseID {
					delete(w.rests, id)
					items = append(items, id)
				}
			}
		}
	}
	for _, id := range missed {
		if err := w.o.Agents.missed(ctx, id); err != nil {
			return err
		}
		agents = append(agents, id)
	}
	for _, id := range took {
		if err := w.o.Agents.answered(ctx, id); err != nil {
			return err
		}
	}
	if err := w.refresh(ctx, items, agents); err != nil {
		return err
	}
	return w.takeBack(ctx, agents)
}

// takeBack rescinds what is offered to agents who are not there any more.
func (w *watch) takeBack(ctx context.Context, agents []string) error {
	for _, id := range agents {
		if id == "" {
			continue
		}
		a, err := w.o.Agents.Get(ctx, id)
		if err == nil && !a.Disabled && a.Activity == domain.ActivityAvailable {
			continue
		}
		if err != nil && domain.ErrorCode(err) != domain.CodeNotFound {
			return err
		}
		var held []domain.WorkItem
		err = w.o.Store.View(ctx, func(r store.Reader) (err error) {
			held, err = r.WorkItemList(store.WorkItemListParams{Holder: id, State: domain.WorkReserved, Limit: domain.MaxAgentCapacity})
			return err
		})
		if err != nil {
			return err
		}
		for i := range held {
			w.rescind(ctx, &held[i], "the agent is "+string(a.Activity))
		}
	}
	return nil
}

func (d *Desk) rescind(ctx context.Context, item *domain.WorkItem, why string) {
	err := d.o.Engine.Command(ctx, item.Customer, domain.Command{
		Kind: domain.CommandRescind, By: Name, WorkItem: item.ID, Reservation: item.Reservation.ID, Note: why,
	})
	if err != nil && ctx.Err() == nil && domain.ErrorCode(err) != domain.CodeConflict {
		d.o.Logger.WarnContext(ctx, "an offer could not be taken back; it will run out", "work_item_id", item.ID, "error", err)
	}
}

// deskData is what the desk reads of an event.
type deskData struct {
	Agent    string `json:"agent"`
	Why      string `json:"why"`
	Queue    string `json:"queue"`
	InTarget bool   `json:"in_target"`
}

func told(e *domain.Event) (d deskData) {
	_ = json.Unmarshal(e.Data, &d) // our own; what cannot be read says nothing
	return d
}
