package postgres

import "github.com/contact-advocate/advocate/internal/store"

// tally is how many rows there are, or how a transaction changes that.
type tally struct{ customers, posts, events, subscriptions, inputs, orders int64 }

const tallyShards = 64

var (
	qTallyAdd = prepared(`UPDATE tally SET customers = customers + $2::bigint, posts = posts + $3::bigint, events = events + $4::bigint,
		subscriptions = subscriptions + $5::bigint, inputs = inputs + $6::bigint, orders = orders + $7::bigint WHERE shard = $1::bigint`)
	qTally = prepared(`SELECT sum(customers)::bigint, sum(posts)::bigint, sum(events)::bigint, sum(subscriptions)::bigint, sum(inputs)::bigint, sum(orders)::bigint FROM tally`)

	qCountRest = prepared(`SELECT (SELECT count(*) FROM work_item WHERE state IN ('pending', 'reserved', 'assigned', 'wrapping')),
		(SELECT count(*) FROM effect WHERE ready IS NOT NULL), (SELECT count(*) FROM effect WHERE state = 'held'),
		(SELECT count(*) FROM effect WHERE state = 'dead')`)
)

// flushTally adds what the transaction changed to its session's share. It is
// the last thing before the commit, in the same round trip: the row is locked
// for no longer than that.
func (t *tx) flushTally(b *batch) {
	d := t.delta
	b.add(qTallyAdd, b.arg().int(int64(t.pg.PID()%tallyShards)).int(d.customers).int(d.posts).int(d.events).int(d.subscriptions).int(d.inputs).int(d.orders))
}

// counted is what there is, as this transaction sees it.
func (r *reader) counted() (c tally) {
	if q := r.query(qTally, r.arg()); q.next() {
		c = tally{q.i(0), q.i(1), q.i(2), q.i(3), q.i(4), q.i(5)}
		q.close()
	}
	if r.own != nil {
		d := r.own.delta
		c.customers += d.customers
		c.posts += d.posts
		c.events += d.events
		c.subscriptions += d.subscriptions
		c.inputs += d.inputs
		c.orders += d.orders
	}
	return c
}

func (r *reader) Counts() (out store.Counts, err error) {
	c := r.counted()
	out = store.Counts{Customers: c.customers, Posts: c.posts, Events: c.events, Subscriptions: c.subscriptions, Inbox: c.inputs, Orders: c.orders}
	if q := r.query(qCountRest, r.arg()); q.next() {
		out.WorkItemsOpen, out.EffectsPending, out.EffectsHeld, out.EffectsDead = q.i(0), q.i(1), q.i(2), q.i(3)
		q.close()
	}
	return out, r.err
}
