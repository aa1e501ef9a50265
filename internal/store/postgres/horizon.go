package postgres

import (
	"math"
	"sync"
)

// Places in the event log are given out before their transactions commit, and
// those commit in any order. So the newest place that can be seen is no
// boundary: one before it may still come. And an event whose transaction
// looked for subscriptions a moment before one was committed has missed it,
// whatever their places are.
//
// Both questions come down to which transactions have ended. A snapshot knows
// the number that the next transaction will have; once no transaction below
// that number is under way, everybody who was at work when the snapshot was
// taken has ended. The store takes such marks as it goes, in memory, one at a
// time:
//
//   - once all transactions of a mark have ended, every place up to the
//     newest one that was seen at the mark is final: it holds an event that
//     can be seen, or it never will;
//   - a row that the mark before could see had been committed by then. Every
//     event that missed it had its place before the mark, and is final with
//     it.
//
// When nobody else is at work all of this holds at once. A transaction of
// another database in the same server has a number too; as far as the server
// tells whose it is, it is left out.
//
// The transaction's number must be older than its places (qEventSeqs), and a
// View must look with the snapshot it reads with.
var qHorizon = prepared(`SELECT s.now::text, pg_snapshot_xmax(s.now),
	(SELECT x FROM pg_snapshot_xip(s.now) x
		WHERE NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.backend_xid = x::xid AND a.datname <> current_database())
			AND NOT EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.transaction = x::xid AND p.database <> current_database())
		ORDER BY x LIMIT 1),
	coalesce((SELECT max(seq) FROM event), 0), pg_current_xact_id_if_assigned() IS NOT NULL
	FROM (SELECT pg_current_snapshot() AS now OFFSET 0) s`)

// mark is a moment between transactions.
type mark struct {
	snapshot string
	next     uint64 // the first transaction that began after it
	newest   int64  // place in the event log that could be seen
	before   string // the snapshot of the mark before it, all of whose transactions had ended by this one
}

// horizon is what a store knows of transactions that have ended.
type horizon struct {
	mu      sync.Mutex
	settled mark // all of its transactions have ended
	pending mark // not yet
}

// ripe is what holds for one transaction's view.
type ripe struct {
	rows string // rows that this snapshot sees were committed before every event beyond upto looked for them
	upto int64  // places up to here are final
}

// sight is what one transaction sees of the others.
type sight struct {
	mark
	oldest uint64 // the oldest other transaction under way
	writes bool   // it has a number of its own, and maybe places that are not final
}

// look takes a mark with the transaction's present snapshot and tells what is
// ripe for it.
func (r *reader) look() ripe {
	q := r.query(qHorizon, r.arg())
	if !q.next() {
		return ripe{}
	}
	s := sight{mark: mark{snapshot: q.str(0), next: uint64(q.i(1)), newest: q.i(3)}, oldest: math.MaxUint64, writes: q.bool(4)}
	if !q.isNull(2) {
		s.oldest = uint64(q.i(2))
	}
	q.close()
	return r.s.horizon.advance(s)
}

func (h *horizon) advance(s sight) ripe {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case s.writes:
		// Its own places are not final; it can only use what others found.
	case s.oldest >= s.next: // nobody else is at work
		s.before = s.snapshot
		if s.next >= h.settled.next {
			h.settled, h.pending = s.mark, mark{}
		}
		return ripe{rows: s.snapshot, upto: s.newest}
	case h.pending.next == 0:
		if h.settled.next != 0 && s.oldest >= h.settled.next {
			s.before = h.settled.snapshot
		}
		h.pending = s.mark
	case s.oldest >= h.pending.next:
		h.settled = h.pending
		s.before = h.settled.snapshot
		h.pending = s.mark
	}
	if h.settled.next == 0 || s.oldest < h.settled.next {
		return ripe{}
	}
	return ripe{rows: h.settled.before, upto: h.settled.newest}
}
