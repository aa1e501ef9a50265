package engine

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Erase removes everything kept about a customer, those merged into it
// included, and leaves a tombstone. What is being sent at this moment cannot
// be called back; its outcome is refused. Erasing again does nothing.
func (e *Engine) Erase(ctx context.Context, id domain.CustomerID, by string) error {
	err := e.store.Update(ctx, func(tx store.Tx) error {
		for range maxRedirect {
			rows, err := tx.AdvocateLock([]domain.CustomerID{id})
			if err != nil {
				return err
			}
			switch row := rows[0]; {
			case row.Taken:
				return &domain.Error{Code: domain.CodeBusy, Message: "this customer is being decided about elsewhere", RetryAfter: retryBusy}
			case row.Erased:
				return nil
			case row.Redirect != 0:
				id = row.Redirect
				continue
			}
			if rows[0].ID != 0 {
				var snap domain.Snapshot
				_ = wire.Unmarshal(rows[0].State, &snap) // a state that cannot be read is erased too
				if err := store.DocumentsForget(tx, id, snap.Cases); err != nil {
					return err
				}
			}
			err = tx.CustomerErase(id, e.clock.Now())
			if errors.Is(err, store.ErrNotFound) {
				return domain.Errorf(domain.CodeNotFound, "there is no customer %v", id)
			}
			return err
		}
		return domain.Errorf(domain.CodeConflict, "customer %v was merged too often in a row", id)
	})
	if err != nil {
		return e.edge("erase a customer", err)
	}
	e.stuck.remove(id)
	e.log.InfoContext(ctx, "customer erased", "customer_id", id, "by", by)
	e.effects.ring()
	return nil
}
