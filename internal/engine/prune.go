package engine

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// pruneBatch is how many rows one StepPrune removes at most.
const pruneBatch = 2000

// StepPrune removes one batch of what is older than domain.SeenWindow.
func (e *Engine) StepPrune(ctx context.Context) (int, error) {
	n := 0
	err := e.store.Update(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Prune(e.clock.Now().Add(-domain.SeenWindow), pruneBatch)
		return err
	})
	return n, e.edge("prune", err)
}

// prune removes what is too old, every pruneEvery until ctx ends.
func (e *Engine) prune(ctx context.Context) {
	for {
		alarm, stop := e.clock.Alarm(e.clock.Now().Add(pruneEvery))
		select {
		case <-ctx.Done():
			stop()
			return
		case <-alarm:
		}
		for ctx.Err() == nil {
			n, err := e.guarded(ctx, e.StepPrune)
			if err != nil && ctx.Err() == nil {
				e.log.ErrorContext(ctx, "what is too old was not removed; it is tried again in a while", "error", err)
			}
			if n == 0 || err != nil {
				break
			}
		}
	}
}
