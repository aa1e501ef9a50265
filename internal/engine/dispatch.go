package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Limits of the outbox.
const (
	lease         = 2 * time.Minute // who has not told the outcome by then may be gone; see footing for a sooner sign
	dispatchBatch = 64              // effects of one StepDispatch
	perNetwork    = 4               // sends under way to one destination
	perWebhook    = 2
)

// StepShortcut lets turns hand effects straight to the next StepDispatch, at
// most so many to each destination. Before it is called they hand over none.
func (e *Engine) StepShortcut(most int) { e.shortcut.offerAll(most) }

// StepDispatch claims one batch of effects, carries them out, and what was
// handed over, and commits what came of them together with what their
// advocates decide about it.
func (e *Engine) StepDispatch(ctx context.Context) (int, error) {
	handed := e.shortcut.take()
	claimed, err := e.claimEffects(ctx, store.EffectClaimParams{Limit: dispatchBatch})
	if err != nil {
		e.shortcut.returned(handed)
		return 0, err
	}
	results := make([]result, len(handed)+len(claimed))
	carry := func(i int) {
		if i >= len(handed) {
			results[i] = e.carryOut(ctx, claimed[i-len(handed)])
		} else if r, mine := e.carryHeld(ctx, handed[i], true); mine {
			results[i] = r
		}
	}
	free := make(chan struct{}, e.workers)
	var wg sync.WaitGroup
	for i := range results {
		if e.workers == 1 {
			carry(i)
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			carry(i)
		})
	}
	wg.Wait()
	results = slices.DeleteFunc(results, func(r result) bool { return r.row.ID == "" })
	return len(results), e.commitResults(context.WithoutCancel(ctx), results)
}

// carryHeld carries out a job that has waited in memory; look says to look
// again how its customer and the switches stand. It returns false when the
// effect is somebody else's by now, or gone.
func (e *Engine) carryHeld(ctx context.Context, j *job, look bool) (r result, mine bool) {
	now := e.clock.Now()
	if j.row.Lease.Sub(now) < sendTimeout {
		// Somebody else may have it before an attempt ends.
		return e.putBack(j, now, "it waited too long for its turn"), true
	}
	if look {
		switch mine, err := e.refresh(ctx, j); {
		case err != nil:
			return e.putBack(j, now, "the customer could not be read again"), true
		case !mine:
			return r, false
		}
	}
	return e.carryOut(ctx, j), true
}

// claimEffects leases effects that may leave now and reads their customers as
// they are now.
func (e *Engine) claimEffects(ctx context.Context, p store.EffectClaimParams) ([]*job, error) {
	if e.playbook.Load() == nil {
		return nil, nil
	}
	var jobs []*job
	err := e.store.Update(ctx, func(tx store.Tx) error {
		jobs = nil
		switches, err := readSwitches(tx)
		if err != nil {
			return err
		}
		claim := p
		claim.Now, claim.Lease, claim.Busy = e.clock.Now(), lease, append(slices.Clone(p.Busy), switches.blocked(e)...)
		rows, err := tx.EffectClaim(claim)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]domain.CustomerID, len(rows))
		for i := range rows {
			ids[i] = rows[i].Customer
		}
		customers, err := tx.AdvocateGet(ids)
		if err != nil {
			return err
		}
		for i, row := range rows {
			j := &job{row: row, seen: time.Now()}
			j.see(&switches, &customers[i])
			jobs = append(jobs, j)
		}
		return nil
	})
	if err != nil {
		return nil, e.edge("claim effects", err) // what it found was not leased
	}
	return jobs, nil
}

// see takes note of how the customer and the switches stand.
func (j *job) see(switches *switchSet, c *store.Advocate) {
	j.mode, j.gone, j.snap, j.state = switches.mode(&j.row.Effect), false, nil, nil
	if c.ID == 0 || c.Erased || c.Redirect != 0 {
		j.gone = true
		return
	}
	j.snap = &domain.Snapshot{}
	j.state = wire.Unmarshal(c.State, j.snap)
}

// refresh looks again, for an effect that has waited in memory since it was
// claimed. It returns false when the effect is somebody else's by now, or
// gone.
func (e *Engine) refresh(ctx context.Context, j *job) (mine bool, err error) {
	err = e.store.View(ctx, func(r store.Reader) error {
		row, err := r.EffectGet(j.row.ID)
		if mine = err == nil && row.State == domain.EffectSending && row.Attempt == j.row.Attempt && row.Lease.Equal(j.row.Lease); !mine {
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		}
		switches, err := readSwitches(r)
		if err != nil {
			return err
		}
		customers, err := r.AdvocateGet([]domain.CustomerID{row.Customer})
		if err == nil {
			j.row.Customer = row.Customer // it may have been merged
			j.see(&switches, &customers[0])
		}
		return err
	})
	return mine, err
}

// commitResults writes what came of effects. A result that cannot be written
// with the others is written alone; one that cannot be written at all is left
// to its lease.
func (e *Engine) commitResults(ctx context.Context, results []result) error {
	if len(results) == 0 {
		return nil
	}
	err := e.runResults(ctx, results)
	if err == nil || len(results) == 1 || domain.ErrorCode(err) != domain.CodeInternal {
		return err
	}
	var failed []error
	for i := range results {
		if err := e.runResults(ctx, results[i:i+1]); err != nil {
			e.log.ErrorContext(ctx, "the outcome of an effect could not be written", "effect_id", results[i].row.ID, "error", err)
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (e *Engine) runResults(ctx context.Context, results []result) error {
	t := &turn{e: e, items: make([]*item, len(results))}
	for i := range results {
		t.items[i] = &item{result: &results[i]}
	}
	return e.edge("record what came of effects", e.run(ctx, t))
}

// takeResults records what came of effects, unless somebody else has taken
// them over, and makes inputs of it.
func (t *turn) takeResults() error {
	put, told, err := t.putEffects()
	if err != nil {
		return err
	}
	for i, it := range t.items {
		r := it.result
		if r == nil {
			continue
		}
		row := r.row
		row.UpdatedAt, row.Lease = t.now, time.Time{}
		switch err := put(&row); {
		case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
			it.receipt.Err = domain.Errorf(domain.CodeConflict, "the effect was taken over or is gone")
			t.e.log.Warn("a late outcome was refused", "effect_id", row.ID, "attempt", row.Attempt)
			continue
		case err != nil:
			return err
		}
		if row.State == domain.EffectPending {
			t.tally.nextEffect = earlier(t.tally.nextEffect, row.NotBefore)
		} else if row.Conversation != "" && !told(&row) {
			t.tally.effect = true // the next of the conversation may leave
		}
		if r.unsure {
			if err := t.keepWords(&row); err != nil {
				return err
			}
		}
		for _, post := range r.sent {
			t.sent = append(t.sent, sentPost{row.Customer, post})
			t.want(row.Customer)
		}
		switch {
		case r.answer != nil:
			t.offer(offer{customer: row.Customer, ord: i, in: domain.Input{Kind: domain.InputAnswer, At: t.now, Answer: r.answer}})
			state := domain.OutcomeDone
			if r.answer.Error != "" {
				state = domain.OutcomeFailed
			}
			t.tally.outcomes = append(t.tally.outcomes, ending{row.Kind, state})
		case r.outcome != nil:
			t.offer(offer{customer: row.Customer, ord: i, in: domain.Input{Kind: domain.InputOutcome, At: t.now, Outcome: r.outcome}})
			t.tally.outcomes = append(t.tally.outcomes, ending{row.Kind, r.outcome.State})
		}
	}
	return nil
}

// putEffects returns what writes the turn's effects, one after the other.
// Where the store can do so those that are done are written before, all at
// once, and the store has told then whether others wait behind them.
func (t *turn) putEffects() (put func(*store.EffectRow) error, told func(*store.EffectRow) bool, err error) {
	one := func(row *store.EffectRow) error { return t.tx.EffectPut(*row) }
	told = func(*store.EffectRow) bool { return false }
	ender, ok := t.tx.(store.EffectEnder)
	if !ok {
		return one, told, nil
	}
	var done []store.EffectRow
	for _, it := range t.items {
		if it.result != nil && it.result.row.State == domain.EffectDone {
			done = append(done, it.result.row)
		}
	}
	if len(done) == 0 {
		return one, told, nil
	}
	ended, next, err := ender.EffectEnd(done)
	t.tally.effect = t.tally.effect || next
	told = func(row *store.EffectRow) bool { return row.State == domain.EffectDone }
	at := 0
	return func(row *store.EffectRow) error {
		if row.State != domain.EffectDone {
			return one(row)
		}
		if at++; !ended[at-1] {
			return store.ErrConflict
		}
		return nil
	}, told, err
}

// sentPost is a reply of ours that is on its network now.
type sentPost struct {
	customer domain.CustomerID
	row      store.PostRow
}

// admitSent remembers our own replies, so that the network's echo of them is
// known.
func (t *turn) admitSent() error {
	for _, p := range t.sent {
		if s := t.seatOf(p.customer); s != nil {
			p.row.Customer = s.id
			t.posts = append(t.posts, p.row)
		}
	}
	return nil
}

// maxAway is how many seconds results wait for a store that is away: well
// within their leases, after which the effects are carried out again.
const maxAway = 75

// away reports whether a store may take later what it did not take now.
func away(err error) bool {
	code := domain.ErrorCode(err)
	return code == domain.CodeBusy || code == domain.CodeUnavailable
}

// resultLoop commits results, all that have gathered while the last commit
// ran in one.
func (e *Engine) resultLoop(work context.Context, results <-chan result) {
	ctx := context.WithoutCancel(work)
	for r := range results {
		group := []result{r}
	gather:
		for len(group) < maxTurnItems {
			select {
			case more, ok := <-results:
				if !ok {
					break gather
				}
				group = append(group, more)
			default:
				break gather
			}
		}
		err := e.commitResults(ctx, group)
		for n := 0; away(err) && n < maxAway; n++ {
			// The store is away for a moment. The leases give us time.
			alarm, stop := e.clock.Alarm(e.clock.Now().Add(time.Second))
			select {
			case <-alarm:
			case <-work.Done():
				n = maxAway // one last try
			}
			stop()
			err = e.commitResults(ctx, group)
		}
		if err != nil {
			e.log.ErrorContext(ctx, "outcomes could not be written; their effects are tried again when the leases end", "count", len(group), "error", err)
		}
		for i := range group {
			group[i].under.ended()
		}
		e.effects.ring()
	}
}
