package engine

import (
	"context"
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// EffectRetry gives a dead letter one more attempt, with the text that it has.
// CodeConflict when it is none, or when the time until which it was worth
// sending has passed: it would not leave.
func (e *Engine) EffectRetry(ctx context.Context, id, by string) error {
	return e.effectSet(ctx, id, by, "retried", domain.EffectDead)
}

// EffectRelease lets an effect leave that was held for a person's approval.
// CodeConflict when it is not held.
func (e *Engine) EffectRelease(ctx context.Context, id, by string) error {
	return e.effectSet(ctx, id, by, "released", domain.EffectHeld)
}

func (e *Engine) effectSet(ctx context.Context, id, by, what string, from domain.EffectState) error {
	err := e.store.Update(ctx, func(tx store.Tx) error {
		now := e.clock.Now()
		row, err := tx.EffectGet(id)
		if err != nil {
			return err
		}
		if late := row.NotAfter; from == domain.EffectDead && row.State == from && !late.IsZero() && !now.Before(late) {
			return domain.Errorf(domain.CodeConflict, "it was worth sending until %s only; drop it, and write to the customer yourself if they should still hear", late.UTC().Format(time.RFC3339))
		}
		if from != domain.EffectHeld || row.State != from {
			_, err = tx.EffectSet(id, []domain.EffectState{from}, domain.EffectPending, now)
			return err
		}
		row.State, row.NotBefore, row.Released, row.UpdatedAt = domain.EffectPending, now, true, now
		return tx.EffectPut(row)
	})
	if err = effectError(id, from, err); err != nil {
		return e.edge("set an effect", err)
	}
	e.log.InfoContext(ctx, "effect "+what, "effect_id", id, "by", by)
	e.effects.ring()
	return nil
}

func effectError(id string, from domain.EffectState, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return domain.Errorf(domain.CodeNotFound, "there is no effect %.60q in the outbox", id)
	case errors.Is(err, store.ErrConflict):
		return domain.Errorf(domain.CodeConflict, "the effect is not %s", from)
	}
	return err
}

// EffectDrop takes an effect out of the outbox for good: a dead letter, one
// that is held or one that has not left yet. Its advocate is told, and what
// waits behind it in its conversation may leave.
func (e *Engine) EffectDrop(ctx context.Context, id, by string) error {
	var row store.EffectRow
	err := e.store.View(ctx, func(r store.Reader) (err error) {
		row, err = r.EffectGet(id)
		return err
	})
	if err = effectError(id, "", err); err != nil {
		return e.edge("read an effect", err)
	}
	t := &turn{e: e, wants: []domain.CustomerID{row.Customer}}
	t.extra = func(t *turn) error {
		row, err := t.tx.EffectSet(id, []domain.EffectState{domain.EffectDead, domain.EffectHeld, domain.EffectPending}, domain.EffectDone, time.Time{})
		if err != nil {
			return effectError(id, "unsent: it is being sent now, or it left", err)
		}
		t.tally.effect = true
		s := t.seatOf(row.Customer)
		if s == nil {
			return nil
		}
		r := e.ended(&job{row: row}, domain.OutcomeCanceled, "dropped by "+by)
		in := domain.Input{Kind: domain.InputOutcome, At: t.now, Outcome: r.outcome}
		if r.answer != nil {
			in = domain.Input{Kind: domain.InputAnswer, At: t.now, Answer: r.answer}
		}
		t.tally.outcomes = append(t.tally.outcomes, ending{row.Kind, domain.OutcomeCanceled})
		s.add(0, in, false)
		return nil
	}
	if err := e.run(ctx, t); err != nil {
		return e.edge("drop an effect", err)
	}
	e.log.InfoContext(ctx, "effect dropped", "effect_id", id, "by", by)
	return nil
}
