package engine

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// pruneBatch is how many rows one StepPrune removes at most.
const pruneBatch = 2000

// DefaultAuditKept is how long the audit log says who saw and changed what.
const DefaultAuditKept = 400 * 24 * time.Hour

// StepPrune removes one batch of each kind of thing that is too old: what is
// older than domain.SeenWindow, webhook deliveries of that age, documents whose
// time is over, and the audit log's rows after Options.AuditKept.
func (e *Engine) StepPrune(ctx context.Context) (int, error) {
	n := 0
	err := e.store.Update(ctx, func(tx store.Tx) error {
		n = 0
		now := e.clock.Now()
		seen := now.Add(-domain.SeenWindow)
		for _, prune := range [...]func() (int, error){
			func() (int, error) { return tx.Prune(seen, pruneBatch) },
			func() (int, error) { return tx.DeliveryPrune(seen, pruneBatch) },
			func() (int, error) { return tx.DocumentPrune(now, pruneBatch) },
			func() (int, error) { return tx.AuditPrune(now.Add(-e.auditKept), pruneBatch) },
		} {
			removed, err := prune()
			if err != nil {
				return err
			}
			n += removed
		}
		return nil
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
