package sqlite

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qOrderAt       = prepared(`SELECT id, ref, tracking, body FROM orders WHERE n = ?`)
	qOrderAdd      = prepared(`INSERT INTO orders (n, id, ref, tracking, body) VALUES (?, ?, ?, ?, ?)`)
	qOrderBody     = prepared(`UPDATE orders SET body = ? WHERE n = ?`)
	qOrderAll      = prepared(`UPDATE orders SET ref = ?, tracking = ?, body = ? WHERE n = ?`)
	qOrderDel      = prepared(`DELETE FROM orders WHERE n = ?`)
	qOrderRef      = prepared(`SELECT body FROM orders WHERE ref = ? AND ref <> ''`)
	qOrderRefIDs   = prepared(`SELECT id FROM orders WHERE ref = ? AND ref <> ''`)
	qOrderTracking = prepared(`SELECT body FROM orders WHERE tracking = ? AND tracking <> ''`)
)

// hashOrder gives an order its place: 62 bits, so that a few steps onwards
// are still a row number.
func hashOrder(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:]) >> 2)
}

// orderRow finds an order's row. When there is none, at is the free one.
func (r *reader) orderRow(id string) (q *stmt, at int64) {
	for at = r.place(id); ; at++ {
		q = r.q(qOrderAt).int(at)
		if !q.row() {
			return nil, at
		}
		if string(q.raw(0)) == id {
			return q, at
		}
		q.reset()
	}
}

// orderPlace is where an order's row is and what its indexes say.
type orderPlace struct {
	at            int64
	ref, tracking string
}

// OrderGet remembers where it found what it read.
func (t *tx) OrderGet(ids []string) ([]domain.Order, error) {
	if t.orders == nil {
		t.orders = make(map[string]orderPlace, len(ids))
	}
	out := make([]domain.Order, len(ids))
	for i, id := range ids {
		if id == "" {
			continue
		}
		if q, at := t.orderRow(id); q != nil {
			q.decode(3, &out[i])
			t.orders[id] = orderPlace{at, out[i].CustomerRef, out[i].Tracking}
			q.reset()
		}
	}
	return out, t.err
}

func (r *reader) OrderGet(ids []string) ([]domain.Order, error) {
	out := make([]domain.Order, len(ids))
	for i, id := range ids {
		if id == "" {
			continue
		}
		if q, _ := r.orderRow(id); q != nil {
			q.decode(3, &out[i])
			q.reset()
		}
	}
	return out, r.err
}

func (r *reader) orders(q *stmt) (out []domain.Order) {
	for q.row() {
		var o domain.Order
		q.decode(0, &o)
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b domain.Order) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), strings.Compare(a.ID, b.ID))
	})
	return out
}

func (r *reader) OrderList(ref string, limit int) ([]domain.Order, error) {
	out := r.orders(r.q(qOrderRef).text(ref))
	return out[:min(len(out), store.Limit(limit))], r.err
}

func (r *reader) OrderFindTracking(tracking string) (domain.Order, error) {
	if out := r.orders(r.q(qOrderTracking).text(tracking)); len(out) > 0 {
		return out[0], r.err
	}
	return domain.Order{}, r.err
}

func (t *tx) OrderPut(orders []domain.Order) error {
	order := make([]int, len(orders)) // one page after the other
	for i := range orders {
		if orders[i].ID == "" {
			return emptyKey("order id")
		}
		order[i] = i
	}
	if len(orders) > 1 {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.place(orders[a].ID), t.place(orders[b].ID)) })
	}
	for _, i := range order {
		t.putOrder(&orders[i])
	}
	return t.err
}

func (t *tx) putOrder(o *domain.Order) {
	p, ok := t.orders[o.ID]
	if !ok {
		q, at := t.orderRow(o.ID)
		if q == nil {
			t.w.count.ordersOf++
			t.q(qOrderAdd).int(at).text(o.ID).text(o.CustomerRef).text(o.Tracking).noun(o).exec()
			return
		}
		p = orderPlace{at, q.str(1), q.str(2)}
		q.reset()
	}
	if p.ref == o.CustomerRef && p.tracking == o.Tracking {
		t.q(qOrderBody).noun(o).int(p.at).exec()
		return
	}
	delete(t.orders, o.ID)
	t.q(qOrderAll).text(o.CustomerRef).text(o.Tracking).noun(o).int(p.at).exec()
}

// wipeOrders removes a reference's orders and returns their ids.
func (t *tx) wipeOrders(ref string) (ids []string) {
	for q := t.q(qOrderRefIDs).text(ref); q.row(); {
		ids = append(ids, q.str(0))
	}
	for _, id := range ids {
		t.wipeOrder(id)
	}
	return ids
}

// wipeOrder removes an order and moves up those behind it, which would not be
// found across a gap.
func (t *tx) wipeOrder(id string) {
	q, at := t.orderRow(id)
	if q == nil {
		return
	}
	q.reset()
	t.orders = nil
	t.q(qOrderDel).int(at).exec()
	t.w.count.ordersOf--
	for at++; t.err == nil; at++ {
		q := t.q(qOrderAt).int(at)
		if !q.row() {
			return
		}
		var o domain.Order
		q.decode(3, &o)
		q.reset()
		t.q(qOrderDel).int(at).exec()
		t.w.count.ordersOf--
		t.putOrder(&o)
	}
}
