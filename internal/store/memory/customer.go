package memory

import (
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (r *reader) IdentityFind(keys []domain.IdentityKey) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(keys))
	for i, k := range keys {
		out[i] = r.s.identities.rows[k]
	}
	return out, nil
}

func (t *tx) IdentitySet(rows []store.IdentityRow) error {
	for _, row := range rows {
		if !row.Key.Valid() || row.Customer <= 0 {
			return emptyKey("identity or customer")
		}
	}
	for _, row := range rows {
		t.s.identities.put(t.s, row.Key, row.Customer)
	}
	return nil
}

func (t *tx) IdentityDelete(keys []domain.IdentityKey) error {
	for _, k := range keys {
		t.s.identities.del(t.s, k)
	}
	return nil
}

// give runs over a table and lets change set the new owner of rows; change
// says whether it did.
func give[K comparable, V any](s *Store, t *table[K, V], change func(*V) bool) {
	for k, v := range t.rows {
		if change(&v) {
			t.put(s, k, v)
		}
	}
}

func (t *tx) CustomerMove(from, to domain.CustomerID) error {
	for _, id := range []domain.CustomerID{from, to} {
		a, ok := t.s.advocates.get(id)
		if !ok {
			return fmt.Errorf("%w: customer %s", store.ErrNotFound, id)
		}
		if a.Redirect != 0 || a.Erased || from == to {
			return fmt.Errorf("%w: %s is merged, erased or both sides", store.ErrConflict, id)
		}
	}
	s := t.s
	move := func(id *domain.CustomerID) bool {
		mine := *id == from
		if mine {
			*id = to
		}
		return mine
	}
	give(s, &s.identities, move)
	give(s, &s.posts, func(v *store.PostRow) bool { return move(&v.Customer) })
	give(s, &s.workItems, func(v *domain.WorkItem) bool { return move(&v.Customer) })
	give(s, &s.cases, func(v *caseRow) bool { return move(&v.customer) })
	give(s, &s.effects, func(v *store.EffectRow) bool { return move(&v.Customer) })
	var inbox []store.InboxRow
	for k, v := range s.inbox.rows {
		if k.Customer == from {
			inbox = append(inbox, v)
		}
	}
	for _, v := range inbox {
		s.inbox.del(s, store.InboxKey{Customer: from, Seq: v.Seq})
		v.Customer = to
		s.inbox.put(s, store.InboxKey{Customer: to, Seq: v.Seq}, v)
	}
	for _, v := range s.subscriptionsOf(from) {
		t.dropSubscription(subscriptionKey{from, v.ID})
		v.Customer = to
		t.keepSubscription(v)
	}
	for k, v := range s.catchUps.rows {
		if k.customer == from {
			s.catchUps.del(s, k)
			v.Customer = to
			s.catchUps.put(s, subscriptionKey{to, v.Subscription}, v)
		}
	}
	s.formerRefs.put(s, from, s.advocates.rows[from].Ref)
	t.vacate(from, func(a *store.Advocate) { a.Redirect = to })
	return nil
}

// vacate empties an advocate's row and sets what remains of it.
func (t *tx) vacate(id domain.CustomerID, set func(*store.Advocate)) {
	a := t.s.advocates.rows[id]
	if a.Ref != "" {
		t.s.refs.del(t.s, a.Ref)
	}
	left := store.Advocate{ID: id, Version: a.Version, CreatedAt: a.CreatedAt}
	set(&left)
	t.s.advocates.put(t.s, id, left)
}

func (t *tx) CustomerSplit(id domain.CustomerID) error {
	a, ok := t.s.advocates.get(id)
	if !ok {
		return fmt.Errorf("%w: customer %s", store.ErrNotFound, id)
	}
	if a.Redirect == 0 {
		return fmt.Errorf("%w: %s is not merged", store.ErrConflict, id)
	}
	a.Redirect = 0
	t.s.advocates.put(t.s, id, a)
	t.s.formerRefs.del(t.s, id)
	return nil
}

func (t *tx) CustomerErase(id domain.CustomerID, at time.Time) error {
	a, ok := t.s.advocates.get(id)
	if !ok {
		return fmt.Errorf("%w: customer %s", store.ErrNotFound, id)
	}
	if a.Redirect != 0 {
		return fmt.Errorf("%w: %s is merged into %s; erase that one", store.ErrConflict, id, a.Redirect)
	}
	if a.Erased {
		return nil
	}
	who := map[domain.CustomerID]bool{}
	for _, c := range t.s.merged(id) {
		who[c] = true
	}
	t.eraseEvents(who)
	t.eraseRows(who)
	for c := range who {
		t.vacate(c, func(a *store.Advocate) { a.Erased = true })
	}
	return nil
}

// eraseEvents removes the orders of the customers' references, also of those
// they had before they were merged and nobody else has now, and every event
// that is about the customers, those references or those orders.
func (t *tx) eraseEvents(who map[domain.CustomerID]bool) {
	s := t.s
	about := map[domain.Anchor]bool{}
	refs := map[string]bool{}
	for c := range who {
		refs[s.advocates.rows[c].Ref] = true
		if former := s.formerRefs.rows[c]; s.refs.rows[former] == 0 {
			refs[former] = true
		}
	}
	delete(refs, "")
	for ref := range refs {
		about[domain.Anchor{Attr: domain.AnchorCustomer, Value: ref}] = true
	}
	erase(s, &s.orders, func(id string, o domain.Order) bool {
		if refs[o.CustomerRef] {
			about[domain.Anchor{Attr: domain.AnchorOrder, Value: id}] = true
		}
		return refs[o.CustomerRef]
	})
	erase(s, &s.attempts, func(_ int64, a attempt) bool {
		return a.Shown != "" && about[domain.Anchor{Attr: domain.AnchorOrder, Value: a.Order}]
	})
	theirs := func(a domain.Anchor) bool {
		if about[a] {
			return true
		}
		c, _, _, err := domain.ParseObjectID(a.Value)
		return err == nil && who[c] && (a.Attr == domain.AnchorCase || a.Attr == domain.AnchorWorkItem)
	}
	erase(s, &s.events, func(_ int64, e event) bool { return slices.ContainsFunc(e.anchors, theirs) })
}

func (t *tx) eraseRows(who map[domain.CustomerID]bool) {
	s := t.s
	erase(s, &s.identities, func(_ domain.IdentityKey, c domain.CustomerID) bool { return who[c] })
	erase(s, &s.posts, func(_ domain.PostKey, v store.PostRow) bool { return who[v.Customer] })
	erase(s, &s.inbox, func(k store.InboxKey, _ store.InboxRow) bool { return who[k.Customer] })
	erase(s, &s.workItems, func(_ string, v domain.WorkItem) bool { return who[v.Customer] })
	erase(s, &s.cases, func(_ string, v caseRow) bool { return who[v.customer] })
	erase(s, &s.effects, func(_ string, v store.EffectRow) bool { return who[v.Customer] })
	erase(s, &s.catchUps, func(k subscriptionKey, _ catchUp) bool { return who[k.customer] })
	erase(s, &s.merges, func(_ string, v store.MergeRow) bool { return who[v.From] || who[v.To] })
	erase(s, &s.deliveries, func(_ string, v store.DeliveryRow) bool { return who[v.Customer] })
	give(s, &s.audit, func(v *store.AuditRow) bool {
		v.Detail = nil
		return who[v.Customer]
	})
	erase(s, &s.journal, func(_ int64, v store.JournalRow) bool { return who[v.Customer] })
	for c := range who {
		s.journalOf.del(s, c)
		s.formerRefs.del(s, c)
		for _, v := range s.subscriptionsOf(c) {
			t.dropSubscription(subscriptionKey{c, v.ID})
		}
	}
}

// erase deletes the rows that gone accepts.
func erase[K comparable, V any](s *Store, t *table[K, V], gone func(K, V) bool) {
	for k, v := range t.rows {
		if gone(k, v) {
			t.del(s, k)
		}
	}
}

func (r *reader) MergeList(customer domain.CustomerID) ([]store.MergeRow, error) {
	out := r.s.merges.list(func(m store.MergeRow) bool { return customer != 0 && (m.From == customer || m.To == customer) },
		func(a, b store.MergeRow) int { return then(b.At.Compare(a.At), compare(a.ID, b.ID)) }, 0)
	for i := range out {
		out[i].Body = blob(out[i].Body)
	}
	return out, nil
}

func (t *tx) MergePut(m store.MergeRow) error {
	if m.ID == "" {
		return emptyKey("merge id")
	}
	m.At, m.Body = micros(m.At), blob(m.Body)
	t.s.merges.put(t.s, m.ID, m)
	return nil
}

func (t *tx) MergeDelete(id string) error {
	t.s.merges.del(t.s, id)
	return nil
}
