package engine

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/store"
)

// Batches of the scheduler.
const (
	readyBatch = 64 // advocates with ready inputs
	dueBatch   = 64 // advocates with a timer due: overdue ones are released gradually
)

// StepReady lets one batch of advocates with ready inputs decide.
func (e *Engine) StepReady(ctx context.Context) (int, error) {
	return e.stepClaim(ctx, "decide what is ready", readyBatch, func(n int) *turn { return &turn{e: e, claim: n} })
}

// StepDue gives one batch of advocates with a timer due the time.
func (e *Engine) StepDue(ctx context.Context) (int, error) {
	return e.stepClaim(ctx, "release timers", dueBatch, func(n int) *turn { return &turn{e: e, due: n} })
}

// stepClaim runs a turn over one batch. A batch that cannot be written is
// tried in smaller ones, down to one customer, so that one customer's trouble
// costs the others little.
func (e *Engine) stepClaim(ctx context.Context, doing string, most int, batch func(int) *turn) (int, error) {
	if e.playbook.Load() == nil {
		return 0, nil
	}
	var err error
	for n := most; n > 0; n /= 16 {
		t := batch(n)
		if err = e.run(ctx, t); err == nil {
			return int(t.tally.did), nil
		}
		if isDomain(err) || errors.Is(err, store.ErrBusy) || ctx.Err() != nil {
			break
		}
	}
	return 0, e.edge(doing, err)
}
