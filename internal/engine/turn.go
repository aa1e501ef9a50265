package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Limits of a turn.
const (
	maxInputs   = 100             // inputs of one decision; the rest wait for the next
	maxRuns     = 6               // of a transaction that finds another playbook or a conflict
	maxRedirect = store.MaxMerges // merges in a row
)

// turn is one transaction that decides.
type turn struct {
	e *Engine

	// What it takes.
	items   []*item
	take    func() []*item // gives items, if they are known only when the transaction begins
	claim   int            // up to so many advocates with ready inputs
	due     int            // … with a timer due
	fanout  bool           // one chunk of one fan-out
	catchUp int            // so many subscriptions that have to catch up
	wants   []domain.CustomerID
	extra   func(*turn) error // runs once the advocates it wants are locked

	// What lasts from one run of the transaction to the next.
	ctx    context.Context
	whole  bool    // write all decisions at once: in parts they got into each other's way
	ticket uint64  // its place among those that tell of changes; 0 while it has none
	place  *teller // … and among those who tell of the same customers

	learned
}

// learned is what one run of a turn's transaction learns. It begins anew when
// the transaction is run again.
type learned struct {
	tx       store.Tx
	pb       *playbook.Playbook
	now      time.Time
	wanted   []domain.CustomerID
	offered  map[string]int  // work items offered to agents in this turn
	moved    map[string]bool // work items that a command of this turn is about
	seats    map[domain.CustomerID]*seat
	decoding *sync.WaitGroup // of their states
	order    []*seat
	redirect map[domain.CustomerID]domain.CustomerID
	offers   []offer
	claimed  []domain.CustomerID
	dueIDs   []domain.CustomerID
	plans    []postPlan
	catching []catching
	posts    []store.PostRow
	inbox    []store.InboxRow
	deletes  []store.InboxKey
	switches *switchSet
	events   []domain.Event // taken in this turn, with their seq
	claims   claims
	sent     []sentPost
	shown    []domain.Attempt // what public posts of this turn show
	late     []lateEvent      // that an inbox had no room for
	outgoing []*job           // effects of this turn that are leased already
	wrote    bool             // everything is written; what is left is the commit
	tally    tally
}

// offer is an input for a customer, found before the customer is locked.
type offer struct {
	customer domain.CustomerID
	ord      int // order of arrival within the turn
	in       domain.Input
	profile  bool // a profile command: its reference and identities are checked
}

// run carries a turn out. The transaction is run again when it was begun
// under another playbook than the active one, or when another one got in
// between.
func (e *Engine) run(ctx context.Context, t *turn) error {
	began := time.Now()
	t.ctx = ctx
	var err error
	for range maxRuns {
		if err = ctx.Err(); err != nil {
			return err
		}
		if err = e.commit(ctx, t); err == nil {
			e.metrics.turns.Add(1)
			e.metrics.turnItems.Add(int64(len(t.items)))
			e.metrics.turnTime.observe(time.Since(began))
			return nil
		}
		switch {
		case errors.Is(err, errNothing):
			return nil
		case errors.Is(err, errReload):
			if err := e.playbookReload(ctx); err != nil {
				return err
			}
		case errors.Is(err, store.ErrConflict):
			t.whole = true
		default:
			return err
		}
	}
	return fmt.Errorf("engine: gave up after %d runs of one turn: %w", maxRuns, err)
}

// commit runs the transaction once and tells of it. Where the store runs one
// transaction at a time, changes are told in their order; where transactions
// run beside each other, one customer's are.
func (e *Engine) commit(ctx context.Context, t *turn) (err error) {
	ended := false // not by a panic
	defer func() {
		if t.place != nil {
			t.tellInPlace(ended && err == nil)
			return
		}
		if t.ticket == 0 {
			if ended && err == nil {
				t.committed()
			}
			return
		}
		defer e.told.done()
		e.told.wait(t.ticket)
		if t.ticket = 0; ended && err == nil {
			t.committed()
		}
	}()
	err = e.store.Update(ctx, func(tx store.Tx) error {
		if t.take != nil {
			if t.items = t.take(); len(t.items) == 0 {
				return errNothing
			}
		}
		if e.observer == nil {
			return t.do(tx)
		}
		if e.store.Serial() {
			if t.ticket == 0 {
				t.ticket = e.told.draw()
			}
			return t.do(tx)
		}
		if t.place != nil { // of a run that the database undid
			t.tellInPlace(false)
		}
		if err := t.do(tx); err != nil {
			return err
		}
		t.place = e.tellers.join(t.order)
		return nil
	})
	ended = true
	if err != nil {
		if t.wrote && !errors.Is(err, store.ErrConflict) {
			t.retireFootings()
		}
		t.unclaimAll()
	}
	return err
}

// errNothing ends a turn that found nothing left to take.
var errNothing = errors.New("engine: somebody else took it")

func (t *turn) do(tx store.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("engine: panic in a turn: %v\n%s", p, debug.Stack())
		}
	}()
	l := t.e.playbook.Load()
	if err := t.e.checkPlaybook(tx, l); err != nil {
		return err
	}
	t.reset(tx, l.pb)
	for _, step := range [...]func() error{
		t.takeResults, t.takeEvents, t.takeFanout, t.takeCatchUp, t.resolvePosts, t.resolveCommands, t.resolveClaims,
		t.lock, t.decode, t.admitExtra, t.admitSent, t.admitOffers, t.admitCatchUp, t.admitPosts, t.admitCommands, t.admitDue,
		t.admitShown, t.choose, t.chooseShown, t.countAttempts, t.checkAnswers, t.tellNoWays, t.decideAndWrite, t.writeEmitted, t.writeInboxes,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	t.wrote = true
	return nil
}

func (t *turn) reset(tx store.Tx, pb *playbook.Playbook) {
	t.unclaimAll()
	t.learned = learned{
		tx: tx, pb: pb, now: t.e.clock.Now(), wanted: slices.Clone(t.wants), decoding: &sync.WaitGroup{},
		seats: make(map[domain.CustomerID]*seat, len(t.items)+t.claim), redirect: map[domain.CustomerID]domain.CustomerID{},
	}
	for _, it := range t.items {
		it.receipt = Receipt{}
	}
}

// want asks for a customer's lock.
func (t *turn) want(id domain.CustomerID) {
	if id != 0 {
		t.wanted = append(t.wanted, id)
	}
}

// offer hands an input to a customer who is not locked yet.
func (t *turn) offer(o offer) {
	t.want(o.customer)
	t.offers = append(t.offers, o)
}

// resolveClaims finds advocates with something to decide.
func (t *turn) resolveClaims() (err error) {
	if t.claim > 0 {
		if t.claimed, err = t.tx.InboxClaim(t.now, t.claim); err != nil {
			return err
		}
		t.wanted = append(t.wanted, t.claimed...)
	}
	if t.due > 0 {
		if t.dueIDs, err = t.tx.DueClaim(t.now, t.due); err != nil {
			return err
		}
		t.wanted = append(t.wanted, t.dueIDs...)
	}
	return nil
}

func (t *turn) admitExtra() error {
	if t.extra == nil {
		return nil
	}
	return t.extra(t)
}

// admitOffers gives the inputs found before locking to their seats.
func (t *turn) admitOffers() error {
	for _, o := range t.offers {
		s := t.seatOf(o.customer)
		if s == nil {
			t.tally.dropped++
			continue
		}
		if o.profile && !s.taken && s.broken == nil {
			if err := t.checkProfile(s, o.in.Command); err != nil {
				if !isDomain(err) {
					return err
				}
				t.e.log.Warn("a profile from an event was not taken", "customer_id", s.id, "error", err)
				continue
			}
		}
		s.add(o.ord, o.in, false)
	}
	return nil
}

// admitDue gives each advocate with a timer due the time.
func (t *turn) admitDue() error {
	for _, id := range t.dueIDs {
		s := t.seatOf(id)
		if s == nil || s.taken {
			continue
		}
		t.tally.did++
		if s.broken != nil {
			if err := t.backOff(s); err != nil {
				return err
			}
			continue
		}
		s.timer = true
		s.add(len(t.items), domain.Input{Kind: domain.InputTimer, At: t.now}, false)
	}
	return nil
}

// backOff makes an advocate whose state cannot be read not due for a while.
func (t *turn) backOff(s *seat) error {
	s.row.Version++
	return t.tx.AdvocateWrite([]store.AdvocateWriteRow{{
		ID: s.id, Version: s.row.Version, State: s.row.State, NextDue: t.now.Add(stuckPause), Ref: s.row.Ref, Search: s.row.Search, At: t.now,
	}})
}

// append puts an input into a customer's inbox.
func (t *turn) append(s *seat, in domain.Input, ready time.Time) {
	in.Seq = 0
	if in.Kind == domain.InputEvent && len(s.pending) >= domain.MaxInboxEvents {
		t.late = append(t.late, lateEvent{s.id, in.Event})
		return
	}
	body := wire.Marshal(&in)
	t.inbox = append(t.inbox, store.InboxRow{Customer: s.id, ReadyAt: ready, Kind: in.Kind, Body: body})
	t.tally.queued++
	if ready.After(t.now) {
		t.tally.nextDue = earlier(t.tally.nextDue, ready)
	} else {
		t.tally.ready = true
	}
}

// countAttempts tells posts that may answer a question for an order's secret
// how often others failed at it lately. Guesses of one turn do not see each
// other's failures, so each counts those before it as failed.
func (t *turn) countAttempts() error {
	var orders, networks map[string]int
	if err := t.lockAttempts(); err != nil {
		return err
	}
	if err := t.voidShown(); err != nil {
		return err
	}
	for _, s := range t.order {
		for i := range s.inputs {
			in := &s.inputs[i]
			if in.Kind != domain.InputPost || in.Post.Deleted {
				continue
			}
			order, guess := s.asked(in)
			if order == "" {
				continue
			}
			var err error
			if in.Attempts, err = t.tx.AttemptCount(order, in.Post.Network, t.now.Add(-time.Hour)); err != nil {
				return err
			}
			in.Attempts.Order += orders[order]
			in.Attempts.Network += networks[in.Post.Network]
			if !guess {
				continue
			}
			if orders == nil {
				orders, networks = map[string]int{}, map[string]int{}
			}
			orders[order]++
			networks[in.Post.Network]++
		}
	}
	return nil
}

// lockAttempts keeps turns of other nodes, and those beside this one, from
// counting before this one's failures are there to be counted: who guesses
// through many nodes at once has no more guesses than through one.
func (t *turn) lockAttempts() error {
	orders, networks := t.shownOrders(), []string(nil)
	for _, s := range t.order {
		for i := range s.inputs {
			in := &s.inputs[i]
			if in.Kind != domain.InputPost || in.Post.Deleted {
				continue
			}
			if order, guess := s.asked(in); order != "" && guess {
				orders, networks = append(orders, order), append(networks, in.Post.Network)
			}
		}
	}
	if len(orders) == 0 {
		return nil
	}
	return t.tx.AttemptLock(orders, networks)
}

// asked is the order whose secret a post may name, "" for none, and whether it
// names something that may be one.
func (s *seat) asked(in *domain.Input) (order string, guess bool) {
	u := in.Understanding
	guess = u != nil && (len(u.Values(domain.EntityEmail)) > 0 || len(u.Values(domain.EntityPostcode)) > 0)
	if c := s.snap.PendingVerification(in.Post.Identity()); c != nil {
		return c.Verify.Order, u == nil || advocate.MayOffer(c, in.Post, u)
	}
	if guess {
		if refs := u.Values(domain.EntityOrder); len(refs) > 0 {
			return refs[0], true
		}
	}
	return "", false
}

// checkAnswers keeps a component's answer from giving a customer a reference
// that is another customer's: joining the two takes a merge.
func (t *turn) checkAnswers() error {
	for _, s := range t.order {
		for i := range s.inputs {
			a := s.inputs[i].Answer
			if a == nil || a.Profile == nil || a.Profile.Ref == "" || a.Profile.Ref == s.snap.Customer.Ref {
				continue
			}
			err := t.checkProfile(s, &domain.Command{Profile: a.Profile})
			if err == nil {
				continue
			}
			if !isDomain(err) {
				return err
			}
			t.e.log.Warn("a component's answer names another customer's reference; it was left out", "customer_id", s.id, "component", a.Component)
			answer, profile := *a, *a.Profile
			profile.Ref = ""
			answer.Profile = &profile
			s.inputs[i].Answer = &answer
		}
	}
	return nil
}

func isDomain(err error) bool {
	var e *domain.Error
	return errors.As(err, &e)
}
