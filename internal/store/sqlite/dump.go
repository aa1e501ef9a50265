package sqlite

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var _ store.Dumper = (*reader)(nil)

// dumpBytes is how large a piece grows before it ends.
const dumpBytes = 4 << 20

// dumped is how a table is read in the order of its key. The key's columns
// come first; row takes one row and says how large it was.
type dumped struct {
	read  query
	count query
	key   string // a letter for each column of the key: i a number, t a text
	row   func(q *stmt, d *store.Dump) int
}

// dumpOf registers a table: read must compare with the key's parameters and
// end with a limit.
func dumpOf(table, key, read string, row func(q *stmt, d *store.Dump) int) dumped {
	return dumped{prepared(read), prepared(`SELECT count(*) FROM ` + table), key, row}
}

var dumps = map[store.Table]dumped{
	store.TableAdvocate: dumpOf("advocate", "i", `SELECT id, version, next_due, ref, search, redirect, former_ref, erased, erased_at, created_at, state
		FROM advocate WHERE id > ? ORDER BY id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Advocates = append(d.Advocates, q.dumpAdvocate())
		return len(q.raw(10))
	}),
	store.TableIdentity: dumpOf("identity", "ttt", `SELECT network, account, author, customer FROM identity
		WHERE (network, account, author) > (?, ?, ?) ORDER BY network, account, author LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Identities = append(d.Identities, store.IdentityRow{
			Key: domain.IdentityKey{Network: q.str(0), Account: q.str(1), Author: q.str(2)}, Customer: domain.CustomerID(q.i(3)),
		})
		return 0
	}),
	store.TablePost: dumpOf("post", "ttt", `SELECT `+postColumns+` FROM post WHERE (id, network, account) > (?, ?, ?) ORDER BY id, network, account LIMIT ?`,
		func(q *stmt, d *store.Dump) int { d.Posts = append(d.Posts, q.post()); return 0 }),
	store.TableJournal: dumpOf("journal", "i", `SELECT seq, customer, version, at, record FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Journal = append(d.Journal, store.JournalRow{Seq: q.i(0), Customer: domain.CustomerID(q.i(1)), Version: q.i(2), At: q.at(3), Record: q.bytes(4)})
		return len(q.raw(4))
	}),
	store.TableInbox: dumpOf("inbox", "i", `SELECT seq, customer, ready_at, kind, body FROM inbox WHERE seq > ? ORDER BY seq LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Inbox = append(d.Inbox, store.InboxRow{Seq: q.i(0), Customer: domain.CustomerID(q.i(1)), ReadyAt: q.at(2), Kind: domain.InputKind(q.str(3)), Body: q.bytes(4)})
		return len(q.raw(4))
	}),
	store.TableEvent: dumpOf("event", "i", `SELECT seq, body, data FROM event WHERE seq > ? ORDER BY seq LIMIT ?`, func(q *stmt, d *store.Dump) int {
		e := q.decodeEvent(1, 2)
		e.Seq = q.i(0)
		d.Events = append(d.Events, e)
		return len(q.raw(1)) + len(q.raw(2))
	}),
	store.TableSubscription: dumpOf("subscription", "iit", `SELECT anchor, customer, id, after, body FROM subscription
		WHERE (anchor, customer, id) > (?, ?, ?) ORDER BY anchor, customer, id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		var row store.SubscriptionRow
		q.decode(4, &row.Subscription)
		row.Customer, row.After = domain.CustomerID(q.i(1)), q.i(3)
		row.Since, row.Expires = truncated(row.Since), truncated(row.Expires)
		d.Subscriptions = append(d.Subscriptions, row)
		return len(q.raw(4))
	}),
	store.TableCatchUp: dumpOf("catch_up", "i", `SELECT seq, customer, subscription, attr, value, type, since, upto FROM catch_up WHERE seq > ? ORDER BY seq LIMIT ?`,
		func(q *stmt, d *store.Dump) int {
			d.CatchUps = append(d.CatchUps, store.DumpCatchUp{Seq: q.i(0), CatchUpRow: store.CatchUpRow{
				Customer: domain.CustomerID(q.i(1)), Subscription: q.str(2), Anchor: domain.Anchor{Attr: q.str(3), Value: q.str(4)},
				To: q.str(5), Since: q.at(6), Upto: q.i(7),
			}})
			return 0
		}),
	store.TableFanout: dumpOf("fanout", "i", `SELECT event, anchor, after FROM fanout WHERE event > ? ORDER BY event LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Fanouts = append(d.Fanouts, store.FanoutRow{EventSeq: q.i(0), Anchor: int(q.i(1)), After: domain.CustomerID(q.i(2))})
		return 0
	}),
	store.TableNotice: dumpOf("notice", "t", `SELECT name, seq, anchors, body, data FROM notice WHERE name > ? ORDER BY name LIMIT ?`, func(q *stmt, d *store.Dump) int {
		n := store.DumpNotice{Key: q.str(0), Event: q.decodeEvent(3, 4)}
		n.Event.Seq = q.i(1)
		q.c.fail(json.Unmarshal(q.raw(2), &n.Anchors))
		d.Notices = append(d.Notices, n)
		return len(q.raw(4))
	}),
	store.TableOrder: dumpOf("orders", "i", `SELECT n, body FROM orders WHERE n > ? ORDER BY n LIMIT ?`, func(q *stmt, d *store.Dump) int {
		var o domain.Order
		q.decode(1, &o)
		d.Orders = append(d.Orders, o)
		return len(q.raw(1))
	}),
	store.TableWorkItem: dumpOf("work_item", "i", `SELECT n, body FROM work_item WHERE n > ? ORDER BY n LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.WorkItems = append(d.WorkItems, q.workItem(1))
		return len(q.raw(1))
	}),
	store.TableCase: dumpOf("case_file", "t", `SELECT id, customer, body FROM case_file WHERE id > ? ORDER BY id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		c := store.DumpCase{Customer: domain.CustomerID(q.i(1))}
		q.decode(2, &c.Case)
		c.Case.UpdatedAt = truncated(c.Case.UpdatedAt)
		d.Cases = append(d.Cases, c)
		return len(q.raw(2))
	}),
	store.TableEffect: dumpOf("effect", "t", `SELECT `+effectColumns+` FROM effect WHERE id > ? ORDER BY id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Effects = append(d.Effects, q.effect())
		return len(q.raw(9))
	}),
	store.TableAttempt: dumpOf("attempt", "i", `SELECT n, at, ref, network, shown FROM attempt WHERE n > ? ORDER BY n LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Attempts = append(d.Attempts, store.DumpAttempt{At: q.at(1), Attempt: domain.Attempt{Order: q.str(2), Network: q.str(3), Shown: q.str(4)}})
		return 0
	}),
	store.TablePlaybook: dumpOf("playbook", "i", `SELECT `+playbookColumns+`source FROM playbook WHERE version > ? ORDER BY version LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Playbooks = append(d.Playbooks, q.playbook())
		return len(q.raw(9))
	}),
	store.TableSwitch: dumpOf("switch", "t", `SELECT scope, mode, by, at FROM switch WHERE scope > ? ORDER BY scope LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Switches = append(d.Switches, store.Switch{Scope: q.str(0), Mode: q.str(1), By: q.str(2), At: q.at(3)})
		return 0
	}),
	store.TableToken: dumpOf("token", "t", `SELECT name, hash, role, created, expires FROM token WHERE name > ? ORDER BY name LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Tokens = append(d.Tokens, q.token())
		return 0
	}),
	store.TableMerge: dumpOf("merge", "t", `SELECT id, source, target, at, by, body FROM merge WHERE id > ? ORDER BY id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Merges = append(d.Merges, store.MergeRow{
			ID: q.str(0), From: domain.CustomerID(q.i(1)), To: domain.CustomerID(q.i(2)), At: q.at(3), By: q.str(4), Body: q.bytes(5),
		})
		return len(q.raw(5))
	}),
	store.TableDocument: dumpOf("document", "tt", `SELECT `+documentColumns+` FROM document d WHERE (d.kind, d.id) > (?, ?) ORDER BY d.kind, d.id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Documents = append(d.Documents, q.document())
		return len(q.raw(6))
	}),
	store.TableAudit: dumpOf("audit", "i", `SELECT `+auditColumns+` FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Audit = append(d.Audit, q.audit())
		return len(q.raw(9))
	}),
	store.TableDelivery: dumpOf("delivery", "t", `SELECT `+deliveryColumns+` FROM delivery WHERE id > ? ORDER BY id LIMIT ?`, func(q *stmt, d *store.Dump) int {
		d.Deliveries = append(d.Deliveries, q.delivery())
		return len(q.raw(13))
	}),
}

func (q *stmt) dumpAdvocate() store.DumpAdvocate {
	a := store.DumpAdvocate{
		Advocate: store.Advocate{
			ID: domain.CustomerID(q.i(0)), Version: q.i(1), Ref: q.str(3), Search: q.str(4), Redirect: domain.CustomerID(q.i(5)),
			Erased: q.i(7) != 0, CreatedAt: q.at(9), State: q.bytes(10),
		},
		FormerRef: q.str(6),
	}
	if !q.isNull(2) {
		a.NextDue = q.at(2)
	}
	if !q.isNull(8) {
		a.ErasedAt = q.at(8)
	}
	return a
}

// DumpRead implements store.Dumper.
func (r *reader) DumpRead(p store.DumpParams) (out store.Dump, next store.DumpKey, err error) {
	switch p.Table {
	case store.TableSeen:
		return r.dumpSeen(p)
	case store.TableCounter:
		if len(p.After) == 0 {
			c := r.counted()
			out.Counters = []store.DumpCounters{{Event: c.event, Inbox: c.inbox, Journal: c.journal, CatchUp: c.catchUp, Audit: c.audit}}
			next = next.Int(1)
		}
		return out, next, r.err
	}
	d, ok := dumps[p.Table]
	if !ok {
		return out, nil, fmt.Errorf("store: there is no table %.40q", p.Table)
	}
	q, after := r.q(d.read), p.After
	for _, kind := range d.key {
		if kind == 'i' {
			q.int(after.TakeInt())
		} else {
			q.text(after.TakeText())
		}
	}
	size := 0
	for q.int(int64(store.Limit(p.Limit))); q.row(); {
		size += d.row(q, &out)
		next = next[:0]
		for col, kind := range d.key {
			if kind == 'i' {
				next = next.Int(q.i(col))
			} else {
				next = next.Text(q.str(col))
			}
		}
		if size >= dumpBytes {
			q.reset()
			break
		}
	}
	return out, next, r.err
}

// DumpCount implements store.Dumper.
func (r *reader) DumpCount(t store.Table) (n int64, err error) {
	switch t {
	case store.TableSeen:
		for _, run := range r.runs(kindSeen) {
			n += run.size
		}
		r.tail(kindSeen, func(_, _ int64, data []byte) { n += int64(len(data) / seenSize) })
		return n, r.err
	case store.TableCounter:
		return 1, r.err
	}
	d, ok := dumps[t]
	if !ok {
		return 0, fmt.Errorf("store: there is no table %.40q", t)
	}
	return r.countOf(r.q(d.count)), r.err
}

var qBlockList = prepared(`SELECT id, data FROM run_block WHERE id > ? AND id < ? ORDER BY id`)

// dumpSeen gives the keys of the runs block by block, then those of the tail
// row by row. A place is the id of the block or the n of the row, which are
// larger. A key's own time is not kept, only that of the newest of its run or
// row; with that it is pruned later than it might be, and never earlier.
func (r *reader) dumpSeen(p store.DumpParams) (out store.Dump, next store.DumpKey, err error) {
	after := p.After
	place, limit := max(0, after.TakeInt()), store.Limit(p.Limit)
	end := place
	take := func(at, newest int64, data []byte) {
		for ; len(data) >= seenSize; data = data[seenSize:] {
			out.Seen = append(out.Seen, store.SeenRow{
				Key: domain.Key(data[:16]), Body: binary.BigEndian.Uint64(data[16:]), At: time.UnixMicro(newest).UTC(),
			})
		}
		end = at
	}
	tail, _ := tailRange(kindSeen)
	if place < tail {
		for _, run := range r.runs(kindSeen) {
			from, to := max(place, run.id<<16-1), (run.id+1)<<16
			if from >= to || len(out.Seen) >= limit {
				continue
			}
			for q := r.q(qBlockList).int(from).int(to); q.row(); {
				if take(q.i(0), run.newest, q.raw(1)); len(out.Seen) >= limit {
					q.reset()
					break
				}
			}
		}
	}
	r.tail(kindSeen, func(n, newest int64, data []byte) {
		if n > place && len(out.Seen) < limit {
			take(n, newest, data)
		}
	})
	if len(out.Seen) > 0 {
		next = next.Int(end)
	}
	return out, next, r.err
}
