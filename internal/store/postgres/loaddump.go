package postgres

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// dumpBytes is how large a piece grows before it ends.
const dumpBytes = 4 << 20

// dumped is how a table is read in the order of its key, whose columns come
// first; row takes one row and says how large it was.
type dumped struct {
	read  query
	count query
	key   string // a letter for each column of the key: i a number, t a text, a a time, k a key
	row   func(q *rows, d *store.Dump) int
}

func dumpOf(table, key, columns string, row func(q *rows, d *store.Dump) int) dumped {
	var names, values []string
	for i, name := range strings.Split(columns, ", ")[:len(key)] {
		kind := map[byte]string{'i': "bigint", 't': "text", 'a': "timestamptz", 'k': "uuid"}[key[i]]
		names, values = append(names, name), append(values, fmt.Sprintf("$%d::%s", i+1, kind))
	}
	by := strings.Join(names, ", ")
	return dumped{
		read: prepared(fmt.Sprintf(`SELECT %s FROM %s WHERE (%s) > (%s) %s ORDER BY %s LIMIT $%d::bigint`,
			columns, table, by, strings.Join(values, ", "), map[bool]string{true: "GROUP BY " + by}[table == "attempt"], by, len(key)+1)),
		count: prepared(`SELECT count(*) FROM ` + table),
		key:   key, row: row,
	}
}

var dumps = map[store.Table]dumped{
	store.TableAdvocate: dumpOf("advocate", "i", `id, version, next_due, redirect, erased, erased_at, created, ref, former_ref, search, state`, func(q *rows, d *store.Dump) int {
		d.Advocates = append(d.Advocates, store.DumpAdvocate{
			Advocate: store.Advocate{
				ID: domain.CustomerID(q.i(0)), Version: q.i(1), NextDue: q.at(2), Redirect: domain.CustomerID(q.i(3)), Erased: q.bool(4),
				CreatedAt: q.at(6), Ref: q.str(7), Search: q.str(9), State: q.bytes(10),
			}, ErasedAt: q.at(5), FormerRef: q.str(8),
		})
		return len(q.raw(10))
	}),
	store.TableIdentity: dumpOf("identity", "ttt", `network, account, author, customer`, func(q *rows, d *store.Dump) int {
		d.Identities = append(d.Identities, store.IdentityRow{
			Key: domain.IdentityKey{Network: q.str(0), Account: q.str(1), Author: q.str(2)}, Customer: domain.CustomerID(q.i(3)),
		})
		return 0
	}),
	store.TablePost: dumpOf("post", "ttt", postColumns, func(q *rows, d *store.Dump) int {
		d.Posts = append(d.Posts, store.PostRow{
			Key: domain.PostKey{ID: q.str(0), Network: q.str(1), Account: q.str(2)}, Customer: domain.CustomerID(q.i(3)),
			From: q.str(4), At: q.at(5), Revision: q.str(6), Body: uint64(q.i(7)),
		})
		return 0
	}),
	store.TableJournal: dumpOf("journal", "ii", `customer, seq, version, at, record`, func(q *rows, d *store.Dump) int {
		d.Journal = append(d.Journal, store.JournalRow{Customer: domain.CustomerID(q.i(0)), Seq: q.i(1), Version: q.i(2), At: q.at(3), Record: q.bytes(4)})
		return len(q.raw(4))
	}),
	store.TableInbox: dumpOf("inbox", "ii", `customer, seq, ready_at, kind, body`, func(q *rows, d *store.Dump) int {
		d.Inbox = append(d.Inbox, store.InboxRow{Customer: domain.CustomerID(q.i(0)), Seq: q.i(1), ReadyAt: q.at(2), Kind: domain.InputKind(q.str(3)), Body: q.bytes(4)})
		return len(q.raw(4))
	}),
	store.TableSeen: dumpOf("seen", "k", `key, body, at`, func(q *rows, d *store.Dump) int {
		d.Seen = append(d.Seen, store.SeenRow{Key: domain.Key(q.raw(0)), Body: uint64(q.i(1)), At: q.at(2)})
		return 0
	}),
	store.TableEvent: dumpOf("event", "i", `seq, body, data`, func(q *rows, d *store.Dump) int {
		d.Events = append(d.Events, q.event())
		return len(q.raw(1)) + len(q.raw(2))
	}),
	store.TableSubscription: dumpOf("subscription", "it", `customer, id, after, body`, func(q *rows, d *store.Dump) int {
		var row store.SubscriptionRow
		q.decode(3, &row.Subscription)
		row.Customer, row.After = domain.CustomerID(q.i(0)), q.i(2)
		row.Since, row.Expires = truncated(row.Since), truncated(row.Expires)
		d.Subscriptions = append(d.Subscriptions, row)
		return len(q.raw(3))
	}),
	// One of which nobody knows yet how far it reaches is told by -1.
	store.TableCatchUp: dumpOf("catch_up", "it", `customer, subscription, seq, attr, value, type, since, coalesce(upto, -1)`, func(q *rows, d *store.Dump) int {
		d.CatchUps = append(d.CatchUps, store.DumpCatchUp{Seq: q.i(2), CatchUpRow: store.CatchUpRow{
			Customer: domain.CustomerID(q.i(0)), Subscription: q.str(1), Anchor: domain.Anchor{Attr: q.str(3), Value: q.str(4)},
			To: q.str(5), Since: q.at(6), Upto: q.i(7),
		}})
		return 0
	}),
	store.TableFanout: dumpOf("fanout", "i", `event, anchor, after`, func(q *rows, d *store.Dump) int {
		d.Fanouts = append(d.Fanouts, store.FanoutRow{EventSeq: q.i(0), Anchor: int(q.i(1)), After: domain.CustomerID(q.i(2))})
		return 0
	}),
	store.TableNotice: dumpOf("notice", "t", `name, seq, body, data, array_to_string(anchors, e'\x01')`, func(q *rows, d *store.Dump) int {
		n := store.DumpNotice{Key: q.str(0)}
		q.decode(2, &n.Event)
		n.Event.Seq, n.Event.Data = q.i(1), q.bytes(3)
		n.Event.Time, n.Event.Accepted = truncated(n.Event.Time), truncated(n.Event.Accepted)
		for _, a := range strings.FieldsFunc(q.str(4), func(r rune) bool { return r == 1 }) {
			attr, value, _ := strings.Cut(a, "=")
			n.Anchors = append(n.Anchors, domain.Anchor{Attr: attr, Value: value})
		}
		d.Notices = append(d.Notices, n)
		return len(q.raw(3))
	}),
	store.TableOrder: dumpOf("orders", "t", `id, rev, body`, func(q *rows, d *store.Dump) int {
		d.Orders = append(d.Orders, q.order())
		return len(q.raw(2))
	}),
	store.TableWorkItem: dumpOf("work_item", "t", `id, body`, func(q *rows, d *store.Dump) int {
		var w domain.WorkItem
		q.decode(1, &w)
		w.CreatedAt, w.UpdatedAt = truncated(w.CreatedAt), truncated(w.UpdatedAt)
		d.WorkItems = append(d.WorkItems, w)
		return len(q.raw(1))
	}),
	store.TableCase: dumpOf("case_file", "it", `customer, id, body`, func(q *rows, d *store.Dump) int {
		c := store.DumpCase{Customer: domain.CustomerID(q.i(0))}
		q.decode(2, &c.Case)
		c.Case.UpdatedAt = truncated(c.Case.UpdatedAt)
		d.Cases = append(d.Cases, c)
		return len(q.raw(2))
	}),
	store.TableEffect: dumpOf("effect", "t", effectColumns, func(q *rows, d *store.Dump) int {
		d.Effects = append(d.Effects, q.effect())
		return len(q.raw(9))
	}),
	// Attempts have no key, so they come in groups of equal ones.
	store.TableAttempt: dumpOf("attempt", "attt", `at, ref, network, shown, count(*)`, func(q *rows, d *store.Dump) int {
		for range q.i(4) {
			d.Attempts = append(d.Attempts, store.DumpAttempt{At: q.at(0), Attempt: domain.Attempt{Order: q.str(1), Network: q.str(2), Shown: q.str(3)}})
		}
		return 64 * int(q.i(4))
	}),
	store.TablePlaybook: dumpOf("playbook", "i", playbookColumns+`source`, func(q *rows, d *store.Dump) int {
		d.Playbooks = append(d.Playbooks, q.playbook())
		return len(q.raw(9))
	}),
	store.TableSwitch: dumpOf("switch", "t", `scope, mode, by, at`, func(q *rows, d *store.Dump) int {
		d.Switches = append(d.Switches, store.Switch{Scope: q.str(0), Mode: q.str(1), By: q.str(2), At: q.at(3)})
		return 0
	}),
	store.TableToken: dumpOf("token", "t", `name, hash, role, created, expires`, func(q *rows, d *store.Dump) int {
		d.Tokens = append(d.Tokens, q.token())
		return 0
	}),
	store.TableMerge: dumpOf("merge", "t", `id, source, target, at, by, body`, func(q *rows, d *store.Dump) int {
		d.Merges = append(d.Merges, store.MergeRow{
			ID: q.str(0), From: domain.CustomerID(q.i(1)), To: domain.CustomerID(q.i(2)), At: q.at(3), By: q.str(4), Body: q.bytes(5),
		})
		return len(q.raw(5))
	}),
	store.TableDocument: dumpOf("document d", "tt", documentColumns, func(q *rows, d *store.Dump) int {
		d.Documents = append(d.Documents, q.document())
		return len(q.raw(6))
	}),
	store.TableAudit: dumpOf("audit", "i", auditColumns, func(q *rows, d *store.Dump) int {
		d.Audit = append(d.Audit, q.audit())
		return len(q.raw(9))
	}),
	store.TableDelivery: dumpOf("delivery", "t", deliveryColumns, func(q *rows, d *store.Dump) int {
		d.Deliveries = append(d.Deliveries, q.delivery())
		return len(q.raw(13))
	}),
}

var qDumpCounters = prepared(`SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_seq), (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM inbox_seq),
	(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_seq), (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM catch_up_seq),
	(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_seq)`)

// DumpRead implements store.Dumper.
func (r *reader) DumpRead(p store.DumpParams) (out store.Dump, next store.DumpKey, err error) {
	if p.Table == store.TableCounter {
		if len(p.After) > 0 {
			return out, nil, r.err
		}
		if q := r.query(qDumpCounters, r.arg()); q.next() {
			out.Counters = []store.DumpCounters{{Event: q.i(0), Inbox: q.i(1), Journal: q.i(2), CatchUp: q.i(3), Audit: q.i(4)}}
			q.close()
		}
		return out, next.Int(1), r.err
	}
	d, ok := dumps[p.Table]
	if !ok {
		return out, nil, fmt.Errorf("store: there is no table %.40q", p.Table)
	}
	size := 0
	for q := r.query(d.read, d.after(r.arg(), p.After).int(int64(store.Limit(p.Limit)))); q.next(); {
		size += d.row(q, &out)
		next = d.place(q, next[:0])
		if size >= dumpBytes {
			q.close()
			break
		}
	}
	return out, next, r.err
}

// after binds a place, place reads one.
func (d *dumped) after(a *args, k store.DumpKey) *args {
	for _, kind := range d.key {
		switch kind {
		case 'i':
			a.int(k.TakeInt())
		case 't':
			a.text(k.TakeText())
		case 'a':
			if v := k.TakeInt(); v == math.MinInt64 {
				a.int(minPgTime)
			} else {
				a.time(time.UnixMicro(v))
			}
		case 'k':
			var key [16]byte
			copy(key[:], k.TakeText())
			a.uuid(key)
		}
	}
	return a
}

func (d *dumped) place(q *rows, k store.DumpKey) store.DumpKey {
	for col, kind := range d.key {
		switch kind {
		case 'i':
			k = k.Int(q.i(col))
		case 'a':
			k = k.Int(q.at(col).UnixMicro())
		default:
			k = k.Text(q.str(col))
		}
	}
	return k
}

func (a *args) uuid(v [16]byte) *args {
	a.buf = append(a.buf, v[:]...)
	return a.done()
}

// DumpCount implements store.Dumper.
func (r *reader) DumpCount(t store.Table) (n int64, err error) {
	if t == store.TableCounter {
		return 1, r.err
	}
	d, ok := dumps[t]
	if !ok {
		return 0, fmt.Errorf("store: there is no table %.40q", t)
	}
	if q := r.query(d.count, r.arg()); q.next() {
		n = q.i(0)
		q.close()
	}
	return n, r.err
}
