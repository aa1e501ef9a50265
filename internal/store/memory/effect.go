package memory

import (
	"cmp"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (r *reader) EffectGet(id string) (store.EffectRow, error) {
	e, ok := r.s.effects.get(id)
	if !ok {
		return e, fmt.Errorf("%w: effect %.60q", store.ErrNotFound, id)
	}
	return copyOf(e)
}

func (r *reader) EffectList(p store.EffectListParams) ([]store.EffectRow, error) {
	return copies(r.s.effects.list(func(e store.EffectRow) bool {
		return e.ID > p.After && (p.State == "" || e.State == p.State) && (p.Customer == 0 || e.Customer == p.Customer)
	}, func(a, b store.EffectRow) int { return compare(a.ID, b.ID) }, store.Limit(p.Limit)))
}

func (t *tx) EffectAdd(rows []store.EffectRow) error {
	ids := map[string]bool{}
	for _, e := range rows {
		if e.ID == "" || e.Customer <= 0 {
			return emptyKey("effect id or customer")
		}
		if _, known := t.s.effects.get(e.ID); known || ids[e.ID] {
			return fmt.Errorf("%w: effect %s is in the outbox", store.ErrConflict, e.ID)
		}
		ids[e.ID] = true
	}
	if err := store.BeginEffects(rows); err != nil {
		return err
	}
	for i := range rows {
		e := &rows[i]
		if e.State == domain.EffectSending && t.conversing(e) {
			e.Wait()
		}
		if e.State == domain.EffectSending {
			e.Attempt++
			e.Lease = micros(e.Lease)
		}
	}
	kept, err := copies(rows)
	if err != nil {
		return err
	}
	for _, e := range kept {
		e.NotBefore, e.CreatedAt, e.UpdatedAt, e.Under = micros(e.NotBefore), micros(e.CreatedAt), micros(e.UpdatedAt), ""
		t.s.effects.put(t.s, e.ID, e)
	}
	return nil
}

// conversing reports whether the outbox holds another effect of e's
// conversation.
func (t *tx) conversing(e *store.EffectRow) bool {
	if e.Conversation == "" {
		return false
	}
	for _, x := range t.s.effects.rows {
		if x.Customer == e.Customer && x.Conversation == e.Conversation {
			return true
		}
	}
	return false
}

func (t *tx) EffectCancel(ids []string) ([]store.EffectRow, error) {
	var out []store.EffectRow
	for _, id := range ids {
		e, ok := t.s.effects.get(id)
		if ok && (e.State == domain.EffectPending || e.State == domain.EffectHeld) {
			t.s.effects.del(t.s, id)
			out = append(out, e)
		}
	}
	return copies(out)
}

func (t *tx) EffectClaim(p store.EffectClaimParams) ([]store.EffectRow, error) {
	type line struct {
		customer     domain.CustomerID
		conversation string
	}
	first := map[line]store.EffectRow{}
	for _, e := range t.s.effects.rows {
		head, ok := first[line{e.Customer, e.Conversation}]
		if !ok || then(cmp.Compare(e.Ordinal, head.Ordinal), compare(e.ID, head.ID)) < 0 {
			first[line{e.Customer, e.Conversation}] = e
		}
	}
	ready := func(e store.EffectRow) time.Time {
		if e.State == domain.EffectSending {
			return e.Lease
		}
		return e.NotBefore
	}
	free := t.s.effects.list(func(e store.EffectRow) bool {
		return (e.State == domain.EffectPending || e.State == domain.EffectSending) && !ready(e).After(p.Now) &&
			(e.Conversation == "" || first[line{e.Customer, e.Conversation}].ID == e.ID)
	}, func(a, b store.EffectRow) int { return then(ready(a).Compare(ready(b)), compare(a.ID, b.ID)) }, len(t.s.effects.rows)+1)
	taken := map[string]int{}
	var claimed []store.EffectRow
	for _, e := range free {
		if taken[e.Destination] < p.MostFor(e.Destination) && len(claimed) < store.Limit(p.Limit) {
			taken[e.Destination]++
			claimed = append(claimed, e)
		}
	}
	for i := range claimed {
		e := &claimed[i]
		e.State, e.Attempt, e.Lease, e.UpdatedAt = domain.EffectSending, e.Attempt+1, micros(p.Now.Add(p.Lease)), micros(p.Now)
		t.s.effects.put(t.s, e.ID, *e)
	}
	return copies(claimed)
}

func (t *tx) EffectPut(row store.EffectRow) error {
	e, ok := t.s.effects.get(row.ID)
	if !ok || e.Attempt != row.Attempt {
		return fmt.Errorf("%w: effect %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
	}
	if !row.State.Valid() {
		return fmt.Errorf("store: effect %s cannot become %q", row.ID, row.State)
	}
	e.State, e.NotBefore, e.Lease, e.LastError, e.UpdatedAt = row.State, micros(row.NotBefore), micros(row.Lease), row.LastError, micros(row.UpdatedAt)
	e.Released, e.Dead, e.PutBacks = row.Released, row.Dead, row.PutBacks
	t.keepEffect(e)
	return nil
}

func (t *tx) EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (store.EffectRow, error) {
	e, err := t.EffectGet(id)
	if err != nil {
		return e, err
	}
	if err := e.Set(from, to, notBefore); err != nil {
		return store.EffectRow{}, err
	}
	return t.keepEffect(e), nil
}

// keepEffect stores a row, or removes one that is done. Only what is being
// sent has a lease.
func (t *tx) keepEffect(e store.EffectRow) store.EffectRow {
	if e.State != domain.EffectSending {
		e.Lease = time.Time{}
	}
	if e.State == domain.EffectDone {
		t.s.effects.del(t.s, e.ID)
	} else {
		t.s.effects.put(t.s, e.ID, e)
	}
	return e
}
