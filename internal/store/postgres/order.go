package postgres

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qOrderGet  = prepared(`SELECT id, rev, body FROM orders WHERE id = ANY ($1::text[])`)
	qOrderHold = prepared(`SELECT id, rev, body FROM orders WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE`)
	qOrderList = prepared(`SELECT id, rev, body FROM orders WHERE ref = $1::text AND ref <> '' ORDER BY updated DESC, id LIMIT $2::bigint`)
	qOrderFind = prepared(`SELECT id, rev, body FROM orders WHERE tracking = $1::text AND tracking <> '' ORDER BY updated DESC, id LIMIT 1`)
	qOrderAdd  = prepared(`INSERT INTO orders (id, rev, updated, ref, tracking, body)
		SELECT u.id, 1, u.updated, u.ref, u.tracking, u.body FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[]) u(id, updated, ref, tracking, body)
		ON CONFLICT (id) DO NOTHING`)
	qOrderSet = prepared(`UPDATE orders o SET rev = u.rev + 1, updated = u.updated, ref = u.ref, tracking = u.tracking, body = u.body
		FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[], $6::bigint[]) u(id, updated, ref, tracking, body, rev)
		WHERE o.id = u.id AND o.rev = u.rev`)
	qOrderPut = prepared(`INSERT INTO orders AS o (id, rev, updated, ref, tracking, body)
		SELECT u.id, 1, u.updated, u.ref, u.tracking, u.body FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[]) u(id, updated, ref, tracking, body)
		ON CONFLICT (id) DO UPDATE SET rev = o.rev + 1, updated = excluded.updated, ref = excluded.ref, tracking = excluded.tracking, body = excluded.body
		RETURNING xmax = 0`)
	qOrderWipe = prepared(`DELETE FROM orders WHERE ref = ANY ($1::text[]) AND ref <> '' RETURNING id`)
)

func (q *rows) order() (o domain.Order) {
	q.decode(2, &o)
	return o
}

// OrderGet locks, in an Update, the orders of a batch: they are about to be
// written, and among many one is likely to be another batch's as well. A
// single one is read without: if another transaction writes it first, this
// one is run again, and then it locks.
func (r *reader) OrderGet(ids []string) ([]domain.Order, error) {
	out := make([]domain.Order, len(ids))
	at := make(map[string][]int, len(ids))
	wanted := make([]string, 0, len(ids))
	for i, id := range ids {
		if id == "" {
			continue
		}
		key := storable(id)
		if at[key] = append(at[key], i); len(at[key]) == 1 {
			wanted = append(wanted, key)
		}
	}
	slices.Sort(wanted)
	get := qOrderGet
	if r.own != nil && (len(wanted) > 1 || r.own.run > 1) {
		get = qOrderHold
	}
	found, again := make(map[string]bool, len(wanted)), false
	chunks(len(wanted), func(from, to int) {
		part := wanted[from:to]
		q := r.query(get, r.arg().texts(len(part), func(i int) string { return part[i] }))
		for q.next() {
			id := q.str(0)
			for _, i := range at[id] {
				out[i] = q.order()
			}
			if found[id] = true; r.own != nil {
				again = !r.own.orders.note(id, q.i(1)) || again
			}
		}
	})
	if r.own == nil || r.err != nil {
		return out, r.err
	}
	for _, id := range wanted {
		if !found[id] {
			again = !r.own.orders.note(id, 0) || again
		}
	}
	if again {
		r.fail(errAgain)
	}
	return out, r.err
}

// revisions are the orders that this transaction has looked at: 0 for one that
// was not there.
type revisions map[string]int64

// note reports whether an order is as it was looked at before: what was built
// on an earlier look does not hold for another one.
func (m *revisions) note(id string, rev int64) (same bool) {
	if *m == nil {
		*m = revisions{}
	}
	was, looked := (*m)[id]
	(*m)[id] = rev
	return !looked || was == rev
}

func (r *reader) orderList(q *rows) (out []domain.Order) {
	for q.next() {
		out = append(out, q.order())
	}
	return out
}

func (r *reader) OrderList(ref string, limit int) ([]domain.Order, error) {
	return r.orderList(r.query(qOrderList, r.arg().text(ref).int(int64(store.Limit(limit))))), r.err
}

func (r *reader) OrderFindTracking(tracking string) (o domain.Order, err error) {
	if found := r.orderList(r.query(qOrderFind, r.arg().text(tracking))); len(found) > 0 {
		o = found[0]
	}
	return o, r.err
}

// OrderPut writes orders in the order of their ids, so that two transactions
// with the same ones wait for each other and never in a circle. What this
// transaction has read and another has changed since makes it run again.
func (t *tx) OrderPut(orders []domain.Order) error {
	last := make(map[string]int, len(orders))
	for i := range orders {
		if orders[i].ID == "" {
			return emptyKey("order id")
		}
		last[storable(orders[i].ID)] = i
	}
	var add, set, put []int
	for id, i := range last {
		switch rev, read := t.orders[id]; {
		case !read:
			put = append(put, i)
		case rev == 0:
			add = append(add, i)
		default:
			set = append(set, i)
		}
	}
	for _, list := range [...][]int{add, set, put} {
		slices.SortFunc(list, func(a, b int) int { return strings.Compare(orders[a].ID, orders[b].ID) })
	}
	chunks(len(add), func(from, to int) {
		part := add[from:to]
		n := t.exec(qOrderAdd, t.orderArgs(orders, part))
		t.delta.orders += n
		t.wrote(orders, part, n)
	})
	chunks(len(set), func(from, to int) {
		part := set[from:to]
		a := t.orderArgs(orders, part).ints(len(part), func(i int) int64 { return t.orders[storable(orders[part[i]].ID)] })
		t.wrote(orders, part, t.exec(qOrderSet, a))
	})
	chunks(len(put), func(from, to int) {
		for q := t.query(qOrderPut, t.orderArgs(orders, put[from:to])); q.next(); {
			if q.bool(0) {
				t.delta.orders++
			}
		}
	})
	return t.err
}

func (t *tx) orderArgs(orders []domain.Order, at []int) *args {
	n := len(at)
	return t.arg().
		texts(n, func(i int) string { return orders[at[i]].ID }).
		times(n, func(i int) time.Time { return orders[at[i]].UpdatedAt }).
		texts(n, func(i int) string { return orders[at[i]].CustomerRef }).
		texts(n, func(i int) string { return orders[at[i]].Tracking }).
		nouns(n, func(i int) any { return &orders[at[i]] })
}

// wrote follows the revisions of rows that were read before they were written.
func (t *tx) wrote(orders []domain.Order, at []int, n int64) {
	if t.err != nil {
		return
	}
	if n != int64(len(at)) {
		t.fail(errAgain)
		return
	}
	for _, i := range at {
		t.orders[storable(orders[i].ID)]++
	}
}
