package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// writeEffects takes back what must not leave any more and puts new effects
// into the outbox, as the switches say.
func (t *turn) writeEffects(done []*seat) error {
	var rows []store.EffectRow
	outgoing := map[int]*job{} // by place in rows
	for _, s := range done {
		if len(s.decision.Cancel) > 0 {
			if err := t.cancel(s); err != nil {
				return err
			}
		}
		for i := range s.decision.Effects {
			ef := s.decision.Effects[i]
			mode, err := t.mode(&ef)
			if err != nil {
				return err
			}
			// After the clock was set back, decisions go on at the customer's
			// last time. What is meant for now does not wait for it to come
			// round again.
			if at := s.decision.Record.At; at.After(t.now) && ef.NotBefore.Equal(at) {
				ef.NotBefore = t.now
			}
			row := store.EffectRow{Effect: ef, State: domain.EffectPending, CreatedAt: t.now, UpdatedAt: t.now}
			switch mode {
			case ModeShadow:
				t.outcome(s, &ef, domain.OutcomeShadow, said.ShadowOutcome.Text(), 0)
				continue
			case ModeApprove:
				row.State = domain.EffectHeld
			default:
				if ef.NotBefore.After(t.now) {
					t.tally.nextEffect = earlier(t.tally.nextEffect, ef.NotBefore)
				} else if j := t.claimNew(&row, s, mode); j != nil {
					outgoing[len(rows)] = j
				} else {
					t.tally.effect = true
				}
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	t.tally.effects += int64(len(rows))
	if err := t.tx.EffectAdd(rows); err != nil {
		return err
	}
	for at, j := range outgoing {
		j.row = rows[at]
	}
	t.unclaimWaiting()
	if !t.e.store.Serial() && slices.ContainsFunc(rows, func(r store.EffectRow) bool { return r.State == domain.EffectPending && r.Conversation != "" }) {
		// Who ends the one before it at this moment does not see it.
		t.tally.nextEffect = earlier(t.tally.nextEffect, t.now.Add(behindPause))
	}
	return nil
}

// behindPause is when to look whether an effect may leave that waits behind
// another one: long after the transactions have ended that are under way.
const behindPause = time.Second

// mode reads the switches when the first effect of the turn asks.
func (t *turn) mode(ef *domain.Effect) (string, error) {
	if t.switches == nil {
		sw, err := readSwitches(t.tx)
		if err != nil {
			return "", err
		}
		t.switches = &sw
	}
	return t.switches.mode(ef), nil
}

// cancel takes back a decision's unsent effects. A dead letter is let go by
// it, too, which is how a decision releases what waits behind it; that it
// failed was told before. What is being sent is left: its outcome comes.
func (t *turn) cancel(s *seat) error {
	taken, err := t.tx.EffectCancel(s.decision.Cancel)
	if err != nil {
		return err
	}
	for i := range taken {
		t.outcome(s, &taken[i].Effect, domain.OutcomeCanceled, said.NoLongerWanted.Text(), taken[i].Attempt)
	}
	for _, id := range s.decision.Cancel {
		if slices.ContainsFunc(taken, func(r store.EffectRow) bool { return r.ID == id }) {
			continue
		}
		_, err := t.tx.EffectSet(id, []domain.EffectState{domain.EffectDead}, domain.EffectDone, time.Time{})
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	t.tally.effect = true // what stood behind them may leave
	return nil
}

// outcome tells an advocate what came of one of its effects.
func (t *turn) outcome(s *seat, ef *domain.Effect, state domain.OutcomeState, why string, attempts int) {
	t.tally.outcomes = append(t.tally.outcomes, ending{ef.Kind, state})
	t.append(s, domain.Input{Kind: domain.InputOutcome, At: t.now, Outcome: &domain.Outcome{
		Effect: ef.ID, Kind: ef.Kind, State: state, Case: ef.Case, Reason: why, Attempts: attempts,
	}}, t.now)
}
