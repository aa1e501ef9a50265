package sim

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// change is one committed write, as the oracle takes it up.
type change func(o *oracle)

// tap tells the oracle of every transaction that was committed, and of
// nothing else.
type tap struct {
	store.Store
	oracle *oracle
}

var _ store.Store = (*tap)(nil)

// Update implements store.Store.
func (t *tap) Update(ctx context.Context, fn func(store.Tx) error) error {
	var tx *tapTx
	err := t.Store.Update(ctx, func(inner store.Tx) error {
		tx = &tapTx{Tx: inner}
		return fn(tx)
	})
	if err == nil && tx != nil {
		t.oracle.committed(tx.changes)
	}
	return err
}

// tapTx notes what is written. A call that fails has written nothing.
type tapTx struct {
	store.Tx
	changes []change
}

func (t *tapTx) note(err error, c change) error {
	if err == nil {
		t.changes = append(t.changes, c)
	}
	return err
}

func (t *tapTx) AdvocateInsert(rows []store.Advocate) error {
	rows = slices.Clone(rows)
	return t.note(t.Tx.AdvocateInsert(rows), func(o *oracle) { o.inserted(rows) })
}

func (t *tapTx) AdvocateWrite(rows []store.AdvocateWriteRow) error {
	kept := slices.Clone(rows)
	for i := range kept {
		kept[i].State, kept[i].Record = slices.Clone(kept[i].State), slices.Clone(kept[i].Record)
	}
	return t.note(t.Tx.AdvocateWrite(rows), func(o *oracle) { o.wrote(kept) })
}

func (t *tapTx) InboxAppend(rows []store.InboxRow) error {
	err := t.Tx.InboxAppend(rows)
	kept := slices.Clone(rows)
	for i := range kept {
		kept[i].Body = slices.Clone(kept[i].Body)
	}
	return t.note(err, func(o *oracle) { o.queued(kept) })
}

func (t *tapTx) InboxDelete(rows []store.InboxKey) error {
	kept := slices.Clone(rows)
	return t.note(t.Tx.InboxDelete(rows), func(o *oracle) { o.unqueued(kept) })
}

func (t *tapTx) EventAppend(events []domain.Event) error {
	err := t.Tx.EventAppend(events)
	kept := slices.Clone(events)
	return t.note(err, func(o *oracle) { o.logged(kept) })
}

func (t *tapTx) OrderPut(orders []domain.Order) error {
	kept := slices.Clone(orders)
	return t.note(t.Tx.OrderPut(orders), func(o *oracle) { o.ordered(kept) })
}

func (t *tapTx) SubscriptionAdd(rows []store.SubscriptionRow) error {
	err := t.Tx.SubscriptionAdd(rows)
	kept := slices.Clone(rows)
	return t.note(err, func(o *oracle) { o.subscribed(kept) })
}

func (t *tapTx) SubscriptionDelete(rows []store.SubscriptionRow) error {
	kept := slices.Clone(rows)
	return t.note(t.Tx.SubscriptionDelete(rows), func(o *oracle) { o.unsubscribed(kept) })
}

func (t *tapTx) WorkItemPut(items []domain.WorkItem) error {
	kept := slices.Clone(items)
	return t.note(t.Tx.WorkItemPut(items), func(o *oracle) { o.worked(kept) })
}

func (t *tapTx) EffectAdd(rows []store.EffectRow) error {
	err := t.Tx.EffectAdd(rows)
	kept := slices.Clone(rows) // it says which were claimed at once
	return t.note(err, func(o *oracle) { o.effectsAdded(kept) })
}

func (t *tapTx) EffectCancel(ids []string) ([]store.EffectRow, error) {
	rows, err := t.Tx.EffectCancel(ids)
	kept := slices.Clone(rows)
	return rows, t.note(err, func(o *oracle) { o.effectsGone(kept) })
}

func (t *tapTx) EffectClaim(p store.EffectClaimParams) ([]store.EffectRow, error) {
	rows, err := t.Tx.EffectClaim(p)
	kept := slices.Clone(rows)
	return rows, t.note(err, func(o *oracle) { o.effectsClaimed(kept) })
}

func (t *tapTx) EffectPut(row store.EffectRow) error {
	return t.note(t.Tx.EffectPut(row), func(o *oracle) { o.effectPut(row.ID, row.State) })
}

func (t *tapTx) EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (store.EffectRow, error) {
	row, err := t.Tx.EffectSet(id, from, to, notBefore)
	return row, t.note(err, func(o *oracle) { o.effectPut(id, to) })
}

func (t *tapTx) CustomerMove(from, to domain.CustomerID) error {
	return t.note(t.Tx.CustomerMove(from, to), func(o *oracle) { o.moved(from, to) })
}

func (t *tapTx) CustomerSplit(id domain.CustomerID) error {
	return t.note(t.Tx.CustomerSplit(id), func(o *oracle) { o.split(id) })
}

func (t *tapTx) CustomerErase(id domain.CustomerID, at time.Time) error {
	return t.note(t.Tx.CustomerErase(id, at), func(o *oracle) { o.erased(id) })
}
