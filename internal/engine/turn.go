package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Limits of a turn.
const (
	maxInputs   = 100 // inputs of one decision; the rest wait for the next
	maxRuns     = 6   // of a transaction that finds another playbook or a conflict
	maxRedirect = 8   // merges in a row
)

// turn is one transaction that decides. The first fields say what it takes;
// everything below is what one run of the transaction learns and is begun
// anew when the transaction is run again.
type turn struct {
	e       *Engine
	items   []*item
	claim   int               // take up to so many advocates with ready inputs
	due     int               // … with a timer due
	fanout  bool              // … one chunk of one fan-out
	catchUp int               // … so many subscriptions that have to catch up
	extra   func(*turn) error // runs once the advocates it wants are locked
	wants   []domain.CustomerID

	tx       store.Tx
	pb       *playbook.Playbook
	now      time.Time
	wanted   []domain.CustomerID
	seats    map[domain.CustomerID]*seat
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
	late     []lateEvent // that an inbox had no room for
	tally    tally
}

// tally is what a run did; it is added to the metrics after the commit.
type tally struct {
	posts, events, commands, duplicates       int64
	aside                                     map[string]int64
	inputs, fused, queued, dropped, overflow  int64
	panics, workItems, subscriptions, effects int64
	fanout, caughtUp, did                     int64
	outcomes                                  []domain.OutcomeState
	ready, effect                             bool
	catchUps, fanouts                         bool
	nextDue, nextEffect                       time.Time
}

// offer is an input for a customer, found before the customer is locked.
type offer struct {
	customer domain.CustomerID
	ord      int // order of arrival within the turn
	in       domain.Input
	profile  bool // a profile command: its reference and identities are checked
}

// seat is one customer's place in a turn.
type seat struct {
	id      domain.CustomerID
	row     store.Advocate
	snap    domain.Snapshot
	taken   bool  // another transaction decides for this customer now
	broken  error // the state does not decode
	fresh   bool  // made in this turn
	flush   bool  // decide what is still settling too
	keys    []domain.IdentityKey
	pending []store.InboxRow
	offers  []seatOffer

	inputs   []domain.Input
	consumed []store.InboxKey
	timer    bool
	decided  bool
	decision domain.Decision
	record   []byte
	panicked bool
}

type seatOffer struct {
	ord     int
	in      domain.Input
	settles bool
}

// run carries a turn out. The transaction is run again when it was begun
// under another playbook than the active one, or when another one got in
// between.
func (e *Engine) run(ctx context.Context, t *turn) error {
	began := time.Now()
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
		case errors.Is(err, errReload):
			if err := e.playbookReload(ctx); err != nil {
				return err
			}
		case !errors.Is(err, store.ErrConflict):
			return err
		}
	}
	return fmt.Errorf("engine: gave up after %d runs of one turn: %w", maxRuns, err)
}

// commit runs the transaction once and tells of it. Where the store runs one
// transaction at a time anyway, changes are told in their order.
func (e *Engine) commit(ctx context.Context, t *turn) error {
	if e.observer != nil && e.serial() {
		e.observerMu.Lock()
		defer e.observerMu.Unlock()
	}
	if err := e.store.Update(ctx, t.do); err != nil {
		return err
	}
	t.committed()
	return nil
}

// serial reports whether the store runs one writing transaction at a time.
func (e *Engine) serial() bool { return e.store.Engine() == "sqlite" || e.store.Engine() == "memory" }

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
		t.choose, t.countAttempts, t.checkAnswers, t.decide, t.write,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) reset(tx store.Tx, pb *playbook.Playbook) {
	*t = turn{
		e: t.e, items: t.items, claim: t.claim, due: t.due, fanout: t.fanout, catchUp: t.catchUp, extra: t.extra, wants: t.wants,
		tx: tx, pb: pb, now: t.e.clock.Now(),
		seats: make(map[domain.CustomerID]*seat, len(t.items)+t.claim), redirect: map[domain.CustomerID]domain.CustomerID{},
	}
	t.wanted = append(t.wanted, t.wants...)
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

// lock locks whoever is wanted, in id order, following merges, and reads
// their inboxes.
func (t *turn) lock() error {
	ids := t.wanted
	var sources []domain.CustomerID // merged customers: late inputs may still stand under their name
	for round := 0; len(ids) > 0; round++ {
		if round > maxRedirect {
			return fmt.Errorf("engine: customer %v was merged more than %d times in a row", ids[0], maxRedirect)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		rows, err := t.tx.AdvocateLock(ids)
		if err != nil {
			return err
		}
		var next []domain.CustomerID
		for i, row := range rows {
			id := ids[i]
			switch {
			case row.Taken:
				t.seats[id] = &seat{id: id, taken: true}
			case row.ID == 0 || row.Erased:
			case row.Redirect != 0:
				t.redirect[id] = row.Redirect
				sources = append(sources, id)
				if t.seats[row.Redirect] == nil {
					next = append(next, row.Redirect)
				}
			default:
				t.seats[id] = &seat{id: id, row: row}
			}
		}
		ids = next
	}
	t.order = make([]*seat, 0, len(t.seats))
	for _, s := range t.seats {
		t.order = append(t.order, s)
	}
	slices.SortFunc(t.order, func(a, b *seat) int { return cmp.Compare(a.id, b.id) })
	return t.readInboxes(sources)
}

func (t *turn) readInboxes(sources []domain.CustomerID) error {
	read := sources
	for _, s := range t.order {
		if s.taken || s.row.Pending {
			read = append(read, s.id)
		}
	}
	for _, id := range t.claimed {
		if t.seatOf(id) == nil {
			read = append(read, id) // erased meanwhile: what is left is let go
		}
	}
	if len(read) == 0 {
		return nil
	}
	slices.Sort(read)
	rows, err := t.tx.InboxRead(slices.Compact(read))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if s := t.seatOf(row.Customer); s != nil {
			s.pending = append(s.pending, row)
			continue
		}
		t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		t.tally.dropped++
		t.tally.did++
	}
	if len(sources) > 0 {
		for _, s := range t.order {
			slices.SortFunc(s.pending, func(a, b store.InboxRow) int { return cmp.Compare(a.Seq, b.Seq) })
		}
	}
	return nil
}

// seatOf returns the seat of a customer or of whom it was merged into; nil
// for one that is unknown or erased.
func (t *turn) seatOf(id domain.CustomerID) *seat {
	for range maxRedirect + 1 {
		if s := t.seats[id]; s != nil {
			return s
		}
		to, ok := t.redirect[id]
		if !ok {
			return nil
		}
		id = to
	}
	return nil
}

// decode reads the states of everybody at the table.
func (t *turn) decode() error {
	parallel(len(t.order), func(i int) {
		if s := t.order[i]; !s.taken {
			s.decode()
		}
	})
	for _, s := range t.order {
		if s.broken != nil {
			t.e.stuck.add(t.e, s.id, t.now, "the state cannot be read: "+s.broken.Error())
		}
	}
	return nil
}

func (s *seat) decode() {
	if s.broken = wire.Unmarshal(s.row.State, &s.snap); s.broken != nil {
		return
	}
	// A write that changed nothing but the column (see backOff) leaves the
	// state's own number behind.
	s.snap.Version = s.row.Version
	if s.snap.Customer.ID != s.id {
		s.broken = fmt.Errorf("it is the state of customer %v", s.snap.Customer.ID)
		return
	}
	s.keys = make([]domain.IdentityKey, len(s.snap.Customer.Identities))
	for i := range s.keys {
		s.keys[i] = s.snap.Customer.Identities[i].IdentityKey
	}
}

// newSeat makes a customer in this turn.
func (t *turn) newSeat(it *item, c domain.Customer) (*seat, error) {
	id, err := t.drawFree(it)
	if err != nil {
		return nil, err
	}
	c.ID = id
	s := &seat{id: id, fresh: true, snap: domain.Snapshot{Customer: c}}
	state := wire.Marshal(&s.snap)
	s.row = store.Advocate{ID: id, State: state, CreatedAt: t.now, Search: searchText(&c)}
	t.seats[id] = s
	t.order = append(t.order, s)
	return s, nil
}

// add gives a seat an input.
func (s *seat) add(ord int, in domain.Input, settles bool) {
	s.offers = append(s.offers, seatOffer{ord: ord, in: in, settles: settles})
}

// full reports whether the customer's inbox takes no more, while nothing can
// be decided.
func (s *seat) full(limit int) bool { return len(s.pending)+len(s.offers) >= limit }

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
				t.e.log.Warn("a profile from an event was not taken", "customer", s.id, "error", err)
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

// choose settles what each seat decides now: what was ready in the inbox,
// oldest first, and then what came in this turn.
func (t *turn) choose() error {
	for _, s := range t.order {
		slices.SortStableFunc(s.offers, func(a, b seatOffer) int { return cmp.Compare(a.ord, b.ord) })
		if s.taken || s.broken != nil {
			t.putOff(s)
			continue
		}
		var seq int64
		full := false
		for _, row := range s.pending {
			seq = max(seq, row.Seq)
			if row.ReadyAt.After(t.now) && !s.flush {
				continue
			}
			if full = len(s.inputs) >= maxInputs && !s.flush; full {
				break
			}
			var in domain.Input
			if err := wire.Unmarshal(row.Body, &in); err != nil {
				t.putBack(s, row, "an input cannot be read: "+err.Error())
				continue
			}
			in.Seq = row.Seq
			s.inputs = append(s.inputs, in)
			s.consumed = append(s.consumed, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		}
		var wait []seatOffer
		for _, o := range s.offers {
			if full || o.settles && !s.flush || len(s.inputs) >= maxInputs && !s.flush {
				wait = append(wait, o)
				continue
			}
			seq++
			o.in.Seq = seq
			s.inputs = append(s.inputs, o.in)
			t.tally.fused++
		}
		t.wait(s, wait)
		t.deletes = append(t.deletes, s.consumed...)
	}
	return nil
}

// stuckPause is how long what cannot be decided is left alone.
const stuckPause = 10 * time.Minute

// putOff leaves everything for later: the customer is another transaction's
// now, or the state cannot be read.
func (t *turn) putOff(s *seat) {
	ready := t.now
	if s.broken != nil {
		ready = t.now.Add(stuckPause)
		for _, row := range s.pending {
			if !row.ReadyAt.After(t.now) {
				t.putBack(s, row, "the state cannot be read")
			}
		}
	}
	for _, o := range s.offers {
		t.append(s, o.in, ready)
	}
}

// putBack moves an input that cannot be decided to a later time.
func (t *turn) putBack(s *seat, row store.InboxRow, why string) {
	t.e.stuck.add(t.e, s.id, t.now, why)
	t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
	row.Customer, row.Seq, row.ReadyAt = s.id, 0, t.now.Add(stuckPause)
	t.inbox = append(t.inbox, row)
	t.tally.did++
}

// wait puts inputs into the inbox: those over the limit of one decision are
// ready at once, posts that settle are ready later, all parts at one time.
func (t *turn) wait(s *seat, offers []seatOffer) {
	settles := false
	for _, o := range offers {
		if !o.settles {
			t.append(s, o.in, t.now)
		}
		settles = settles || o.settles
	}
	if !settles {
		return
	}
	// Earlier parts that still settle wait for the newest one, but no longer
	// than three times the settle time in all.
	first := t.now
	var earlierParts []store.InboxRow
	for _, row := range s.pending {
		if !row.ReadyAt.After(t.now) || row.Kind != domain.InputPost {
			continue
		}
		var in struct {
			At time.Time `json:"at"`
		}
		if wire.Unmarshal(row.Body, &in) == nil && !in.At.IsZero() && in.At.Before(first) {
			first = in.At
		}
		earlierParts = append(earlierParts, row)
	}
	ready := t.now.Add(t.e.settle)
	if latest := first.Add(3 * t.e.settle); ready.After(latest) {
		ready = latest
	}
	for _, row := range earlierParts {
		t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		row.Customer, row.Seq, row.ReadyAt = s.id, 0, ready
		t.inbox = append(t.inbox, row)
	}
	for _, o := range offers {
		if o.settles {
			t.append(s, o.in, ready)
		}
	}
}

// append puts an input into a customer's inbox.
func (t *turn) append(s *seat, in domain.Input, ready time.Time) {
	in.Seq = 0
	if in.Kind == domain.InputEvent && len(s.pending) >= 10*domain.MaxInbox {
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
// how often others failed at it lately.
func (t *turn) countAttempts() error {
	for _, s := range t.order {
		for i := range s.inputs {
			in := &s.inputs[i]
			if in.Kind != domain.InputPost || in.Post.Deleted {
				continue
			}
			order, asked := "", false
			if c := s.snap.PendingVerification(in.Post.Identity()); c != nil {
				order, asked = c.Verify.Order, true
			} else if u := in.Understanding; u != nil && (len(u.Values(domain.EntityEmail)) > 0 || len(u.Values(domain.EntityPostcode)) > 0) {
				if refs := u.Values(domain.EntityOrder); len(refs) > 0 {
					order, asked = refs[0], true
				}
			}
			if !asked {
				continue
			}
			var err error
			if in.Attempts, err = t.tx.AttemptCount(order, in.Post.Network, t.now.Add(-time.Hour)); err != nil {
				return err
			}
		}
	}
	return nil
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
			t.e.log.Warn("a component's answer names another customer's reference; it was left out", "customer", s.id, "component", a.Component)
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
