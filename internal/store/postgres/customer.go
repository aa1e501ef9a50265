package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qIdentityFind = prepared(`SELECT u.i, d.customer FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY u(network, account, author, i)
		JOIN identity d ON (d.network, d.account, d.author) = (u.network, u.account, u.author)`)
	qIdentityAdd = prepared(`INSERT INTO identity (network, account, author, customer) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
		ON CONFLICT (network, account, author) DO NOTHING`)
	qIdentitySet = prepared(`UPDATE identity d SET customer = u.customer FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
		u(network, account, author, customer, was) WHERE (d.network, d.account, d.author) = (u.network, u.account, u.author) AND d.customer = u.was`)
	qIdentityPut = prepared(`INSERT INTO identity (network, account, author, customer) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
		ON CONFLICT (network, account, author) DO UPDATE SET customer = excluded.customer`)
	qIdentityDel = prepared(`DELETE FROM identity d USING unnest($1::text[], $2::text[], $3::text[]) u(network, account, author)
		WHERE (d.network, d.account, d.author) = (u.network, u.account, u.author)`)
	qIdentityMove = prepared(`UPDATE identity SET customer = $1::bigint WHERE customer = $2::bigint`)
	qIdentityWipe = prepared(`DELETE FROM identity WHERE customer = ANY ($1::bigint[])`)

	qAdvocateRedirect = prepared(`UPDATE advocate SET redirect = $1::bigint, former_ref = ref, state = NULL, next_due = NULL, armed = NULL, ref = '', search = '' WHERE id = $2::bigint`)
	qAdvocateSplit    = prepared(`UPDATE advocate SET redirect = NULL, former_ref = NULL WHERE id = $1::bigint`)
	qAdvocateErase    = prepared(`UPDATE advocate SET erased = true, erased_at = $2::timestamptz, redirect = NULL, former_ref = NULL, state = NULL,
		next_due = NULL, armed = NULL, ref = '', search = '' WHERE id = ANY ($1::bigint[])`)
	qFormerRefs = prepared(`SELECT DISTINCT former_ref FROM advocate WHERE id = ANY ($1::bigint[]) AND former_ref <> ''
		AND NOT EXISTS (SELECT FROM reference r WHERE r.ref = former_ref)`)
	qEventsUnder = prepared(`SELECT e.seq, e.body, NULL::bytea FROM (SELECT DISTINCT seq FROM event_anchor WHERE anchor = ANY ($1::bigint[])) a
		JOIN event e ON e.seq = a.seq WHERE e.seq > $2::bigint ORDER BY e.seq LIMIT $3::bigint`)

	qMergePut = prepared(`INSERT INTO merge (id, source, target, at, by, body) VALUES ($1::text, $2::bigint, $3::bigint, $4::timestamptz, $5::text, $6::bytea)
		ON CONFLICT (id) DO UPDATE SET source = excluded.source, target = excluded.target, at = excluded.at, by = excluded.by, body = excluded.body`)
	qMergeDel  = prepared(`DELETE FROM merge WHERE id = $1::text`)
	qMergeList = prepared(`SELECT id, source, target, at, by, body FROM merge WHERE source = $1::bigint OR target = $1::bigint ORDER BY at DESC, id`)
	qMergeWipe = prepared(`DELETE FROM merge WHERE source = ANY ($1::bigint[]) OR target = ANY ($1::bigint[])`)
)

func (a *args) identityKeys(n int, at func(i int) *domain.IdentityKey) *args {
	return a.texts(n, func(i int) string { return at(i).Network }).
		texts(n, func(i int) string { return at(i).Account }).
		texts(n, func(i int) string { return at(i).Author })
}

func (r *reader) IdentityFind(keys []domain.IdentityKey) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(keys))
	chunks(len(keys), func(from, to int) {
		part := keys[from:to]
		for q := r.query(qIdentityFind, r.arg().identityKeys(len(part), func(i int) *domain.IdentityKey { return &part[i] })); q.next(); {
			out[from+int(q.i(0))-1] = domain.CustomerID(q.i(1))
		}
	})
	if r.own != nil && r.err == nil {
		if r.own.identities == nil {
			r.own.identities = make(map[domain.IdentityKey]domain.CustomerID, len(keys))
		}
		for i, k := range keys {
			if was, looked := r.own.identities[k]; looked && was != out[i] {
				r.fail(errAgain) // what was built on an earlier look does not hold for another one
			}
			r.own.identities[k] = out[i]
		}
	}
	return out, r.err
}

// IdentitySet writes identities in the order of their keys. One that this
// transaction has looked up must still be whose it was then: otherwise two
// transactions that meet a new author at once would make two customers.
func (t *tx) IdentitySet(rows []store.IdentityRow) error {
	last := make(map[domain.IdentityKey]int, len(rows))
	for i := range rows {
		if !rows[i].Key.Valid() || rows[i].Customer <= 0 {
			return emptyKey("identity or customer")
		}
		last[rows[i].Key] = i
	}
	var add, set, put []int
	for k, i := range last {
		switch was, looked := t.identities[k]; {
		case !looked:
			put = append(put, i)
		case was == 0:
			add = append(add, i)
		default:
			set = append(set, i)
		}
	}
	write := func(id query, list []int, checked bool) {
		slices.SortFunc(list, func(a, b int) int { return compareIdentity(&rows[a].Key, &rows[b].Key) })
		chunks(len(list), func(from, to int) {
			part := list[from:to]
			a := t.arg().identityKeys(len(part), func(i int) *domain.IdentityKey { return &rows[part[i]].Key }).
				ints(len(part), func(i int) int64 { return int64(rows[part[i]].Customer) })
			if id == qIdentitySet {
				a.ints(len(part), func(i int) int64 { return int64(t.identities[rows[part[i]].Key]) })
			}
			if n := t.exec(id, a); checked && t.err == nil && n != int64(len(part)) {
				t.fail(errAgain)
			}
		})
	}
	write(qIdentityAdd, add, true)
	write(qIdentitySet, set, true)
	write(qIdentityPut, put, false)
	for _, list := range [...][]int{add, set} {
		for _, i := range list {
			t.identities[rows[i].Key] = rows[i].Customer
		}
	}
	return t.err
}

func compareIdentity(a, b *domain.IdentityKey) int {
	return cmp.Or(cmp.Compare(a.Network, b.Network), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Author, b.Author))
}

func (t *tx) IdentityDelete(keys []domain.IdentityKey) error {
	chunks(len(keys), func(from, to int) {
		part := keys[from:to]
		t.exec(qIdentityDel, t.arg().identityKeys(len(part), func(i int) *domain.IdentityKey { return &part[i] }))
	})
	for _, k := range keys {
		delete(t.identities, k)
	}
	return t.err
}

// standing locks an advocate that must be known and reads it.
func (t *tx) standing(id domain.CustomerID) (a store.Advocate, err error) {
	delete(t.held, id) // it is about to change
	t.holdAll([]domain.CustomerID{id})
	found, err := t.AdvocateGet([]domain.CustomerID{id})
	if err == nil && found[0].ID == 0 {
		err = fmt.Errorf("%w: customer %s", store.ErrNotFound, id)
	}
	return found[0], err
}

func (t *tx) CustomerMove(from, to domain.CustomerID) error {
	t.holdAll([]domain.CustomerID{min(from, to), max(from, to)}) // in the order of everybody
	for _, id := range []domain.CustomerID{from, to} {
		a, err := t.standing(id)
		if err != nil {
			return err
		}
		if a.Redirect != 0 || a.Erased || from == to {
			return fmt.Errorf("%w: %s is merged, erased or both sides", store.ErrConflict, id)
		}
	}
	// What both have under one name is the one's that moves.
	t.delta.subscriptions -= t.exec(qSubOver, t.arg().int(int64(to)).int(int64(from)))
	t.exec(qCatchUpOver, t.arg().int(int64(to)).int(int64(from)))
	for _, q := range []query{qIdentityMove, qPostMove, qInboxMove, qSubMove, qCatchUpMove, qCaseMove, qEffectMove} {
		t.exec(q, t.arg().int(int64(to)).int(int64(from)))
	}
	t.moveWorkItems(from, to)
	t.exec(qAdvocateRedirect, t.arg().int(int64(to)).int(int64(from)))
	t.exec(qSearchDel, t.arg().ids([]domain.CustomerID{from}))
	t.giveRefs([]domain.CustomerID{from})
	t.delta.customers--
	t.identities = nil
	delete(t.held, from)
	return t.err
}

func (t *tx) CustomerSplit(id domain.CustomerID) error {
	a, err := t.standing(id)
	if err != nil {
		return err
	}
	if a.Redirect == 0 {
		return fmt.Errorf("%w: %s is not merged", store.ErrConflict, id)
	}
	t.exec(qAdvocateSplit, t.arg().int(int64(id)))
	t.delta.customers++
	delete(t.held, id)
	return t.err
}

func (t *tx) CustomerErase(id domain.CustomerID, at time.Time) error {
	a, err := t.standing(id)
	if err != nil || a.Erased {
		return err
	}
	if a.Redirect != 0 {
		return fmt.Errorf("%w: %s is merged into %s; erase that one", store.ErrConflict, id, a.Redirect)
	}
	who := t.merged(id)
	t.holdAll(who)
	t.eraseAbout(a.Ref, who)
	d := &t.delta
	d.posts -= t.exec(qPostWipe, t.arg().ids(who))
	d.inputs -= t.exec(qInboxWipe, t.arg().ids(who))
	d.subscriptions -= t.exec(qSubWipe, t.arg().ids(who))
	for _, q := range []query{qJournalWipe, qIdentityWipe, qCatchUpWipe, qWorkItemWipe, qCaseWipe, qEffectWipe, qMergeWipe, qSearchDel, qDeliveryWipe, qAuditForget} {
		t.exec(q, t.arg().ids(who))
	}
	t.exec(qAdvocateErase, t.arg().ids(who).time(at))
	t.giveRefs([]domain.CustomerID{id})
	for _, w := range who {
		delete(t.held, w)
	}
	t.identities = nil
	d.customers--
	return t.err
}

// eraseAbout removes the orders of a customer's reference and of those that
// customers merged into it had, unless somebody else has them now, and the
// events about any of them and about these customers' cases and work items.
func (t *tx) eraseAbout(ref string, who []domain.CustomerID) {
	var refs []string
	for q := t.query(qFormerRefs, t.arg().ids(who)); q.next(); {
		refs = append(refs, q.str(0))
	}
	if ref != "" && !slices.Contains(refs, ref) {
		refs = append(refs, ref)
	}
	about := map[domain.Anchor]bool{}
	for _, ref := range refs {
		about[domain.Anchor{Attr: domain.AnchorCustomer, Value: ref}] = true
	}
	if len(refs) > 0 {
		var wiped []string
		for q := t.query(qOrderWipe, t.arg().strings(refs)); q.next(); {
			about[domain.Anchor{Attr: domain.AnchorOrder, Value: q.str(0)}] = true
			wiped = append(wiped, q.str(0))
			delete(t.orders, q.str(0))
			t.delta.orders--
		}
		t.exec(qAttemptWipe, t.arg().strings(wiped))
	}
	var hashes []int64
	for a := range about {
		hashes = append(hashes, anchorHash(a))
	}
	for _, w := range who {
		hashes = append(hashes, int64(store.OwnerHash(w)))
	}
	theirs := func(a domain.Anchor) bool {
		if about[a] {
			return true
		}
		c, _, _, err := domain.ParseObjectID(a.Value)
		return err == nil && slices.Contains(who, c) && (a.Attr == domain.AnchorCase || a.Attr == domain.AnchorWorkItem)
	}
	for last, more := int64(0), true; more && t.err == nil; {
		found := t.events(t.query(qEventsUnder, t.arg().ints(len(hashes), func(i int) int64 { return hashes[i] }).int(last).int(batchRows)))
		if more = len(found) == batchRows; more {
			last = found[len(found)-1].Seq
		}
		t.deleteEvents(slices.DeleteFunc(found, func(e domain.Event) bool { return !slices.ContainsFunc(e.Anchors(), theirs) }))
	}
}

func (r *reader) MergeList(customer domain.CustomerID) ([]store.MergeRow, error) {
	if customer == 0 {
		return nil, nil
	}
	var out []store.MergeRow
	for q := r.query(qMergeList, r.arg().int(int64(customer))); q.next(); {
		out = append(out, store.MergeRow{
			ID: q.str(0), From: domain.CustomerID(q.i(1)), To: domain.CustomerID(q.i(2)), At: q.at(3), By: q.str(4), Body: q.bytes(5),
		})
	}
	return out, r.err
}

func (t *tx) MergePut(m store.MergeRow) error {
	if m.ID == "" {
		return emptyKey("merge id")
	}
	t.exec(qMergePut, t.arg().text(m.ID).int(int64(m.From)).int(int64(m.To)).time(m.At).text(m.By).blob(m.Body))
	return t.err
}

func (t *tx) MergeDelete(id string) error {
	t.exec(qMergeDel, t.arg().text(id))
	return t.err
}
