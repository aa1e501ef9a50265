package postgres

import (
	"sync"
	"sync/atomic"
	"time"
)

// Places in the event log are given out before their transactions commit, and
// those commit in any order. So the newest place that can be seen is no
// boundary: one before it may still come. And an event whose transaction
// looked for subscriptions a moment before one was committed has missed it,
// whatever their places are.
//
// Both come down to which transactions have ended. The store takes marks as it
// goes, in memory, one after the other: a snapshot, the newest place that it
// sees, and then the transactions that are under way. Whoever was at work at
// the snapshot is among those or has ended by then; so once all of them have
// ended,
//
//   - every place up to the newest one is final: it holds an event that can be
//     seen, or it never will;
//   - a row that the mark before could see, of which the same was true by the
//     time of this one, was committed before every later event looked for it.
//
// It does not do to go by snapshots alone. A snapshot does not name the
// transactions under way beyond the last one that has ended, and it is one of
// those whose place may be the gap. The locks that transactions have on their
// own numbers name all of them. What they are compared with later is a
// snapshot's oldest transaction, which leaves none out.
//
// A transaction takes its number before it takes places (qEventSeqs), so one
// that has no lock yet has no place yet. Transactions of other databases in
// the same server are left out as far as the server tells whose they are.
var qMark = prepared(`WITH present AS MATERIALIZED (SELECT pg_current_snapshot() AS now, coalesce((SELECT max(seq) FROM event), 0) AS newest),
	live AS MATERIALIZED (
		SELECT b.base + ((l.transactionid::text::bigint - (b.base & 4294967295) + 6442450944) & 4294967295) - 2147483648 AS xid,
			CASE WHEN l.pid IS NULL THEN (SELECT p.database <> current_database() FROM pg_prepared_xacts p WHERE p.transaction = l.transactionid)
				ELSE (SELECT a.datid <> d.oid FROM pg_stat_get_activity(l.pid) a, pg_database d WHERE d.datname = current_database()) END IS TRUE AS elsewhere,
			l.pid IS NOT DISTINCT FROM pg_backend_pid() AS own
		FROM pg_lock_status() l CROSS JOIN (SELECT pg_snapshot_xmax(now)::text::bigint AS base FROM present) b
		WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted)
	SELECT s.now::text, s.newest, coalesce((SELECT max(xid) + 1 FROM live WHERE NOT elsewhere AND NOT own), 0),
		coalesce((SELECT min(x::text::bigint) FROM pg_snapshot_xip(s.now) x WHERE NOT EXISTS (SELECT FROM live WHERE xid = x::text::bigint AND elsewhere)),
			pg_snapshot_xmax(s.now)::text::bigint),
		pg_current_xact_id_if_assigned() IS NOT NULL
	FROM present s`)

// mark is a moment between transactions.
type mark struct {
	began, taken time.Time // when it was asked for, and when it was there
	snapshot     string
	newest       int64  // place in the event log
	need         int64  // the transactions below must end; 0: none is under way
	oldest       int64  // the oldest transaction under way at the snapshot
	before       string // the snapshot of an older mark, all of whose transactions had ended by this one's
	beforeBegan  time.Time
}

// ripe is what holds for every snapshot that is taken from now on.
type ripe struct {
	tail int64  // places up to here are final
	rows string // rows that this snapshot sees …
	upto int64  // … can have missed nothing beyond this place, and up to there all is final; "" for none
}

// horizon is what a store knows of transactions that have ended.
type horizon struct {
	asked   atomic.Bool  // a View would have liked to know more; the next one takes marks
	changed atomic.Int64 // when a transaction of this store last moved the log
	marked  atomic.Int64 // when the last mark was begun
	mu      sync.Mutex
	known   ripe
	sees    time.Time // everything that was committed here by then is visible in known.rows
	settled mark      // all of its transactions have ended
	pending mark      // not yet
}

// markEvery is how often marks are taken at most, unless this store itself has
// changed what they tell: many readers that wait for news ask at once.
const markEvery = 5 * time.Millisecond

// fresh reports whether a look would learn nothing.
func (h *horizon) fresh() bool {
	marked := h.marked.Load()
	return marked > h.changed.Load() && time.Since(processStart)-time.Duration(marked) < markEvery
}

// processStart is what moments are counted from.
var processStart = time.Now()

// move says that the log is not what it was.
func (h *horizon) move() { h.changed.Store(int64(time.Since(processStart))) }

func (h *horizon) ripe() ripe {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known
}

func (h *horizon) add(m mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.pending; p.snapshot != "" && m.began.After(p.taken) && m.oldest >= p.need {
		h.settle(p)
		h.pending = mark{}
	}
	if s := h.settled; s.snapshot != "" && m.began.After(s.taken) && m.oldest >= s.need {
		m.before, m.beforeBegan = s.snapshot, s.began
	}
	if m.need == 0 {
		h.settle(m)
	} else if h.pending.snapshot == "" {
		h.pending = m
	}
}

func (h *horizon) settle(m mark) {
	if m.taken.Before(h.settled.taken) {
		return // another one was quicker, and knows more
	}
	h.settled = m
	h.known.tail = max(h.known.tail, m.newest)
	if m.before != "" {
		h.known.rows, h.known.upto, h.sees = m.before, m.newest, m.beforeBegan
	}
}

// sawAll reports whether what was committed here by a time is ripe.
func (h *horizon) sawAll(at time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sees.After(at)
}

// mark takes one, with the statement's own snapshot. It reports whether nobody
// else was at work.
func (r *reader) mark() (alone bool) {
	m := mark{began: time.Now()}
	r.s.horizon.marked.Store(int64(m.began.Sub(processStart)))
	q := r.query(qMark, r.arg())
	if !q.next() {
		return false
	}
	m.snapshot, m.newest, m.need, m.oldest = q.str(0), q.i(1), q.i(2), q.i(3)
	writes := q.bool(4)
	q.close()
	if r.err != nil || writes {
		return false // its own places are not final, and it does not count itself
	}
	m.taken = time.Now()
	r.s.horizon.add(m)
	return m.need == 0
}

// look tells what is ripe for the statements that follow. An Update looks
// afresh at each. A View does before its first statement, and afterwards goes
// by what was known then: its snapshot does not change.
func (r *reader) look() ripe {
	switch {
	case r.own == nil && !r.untouched:
		r.s.horizon.asked.Store(true)
	case r.s.horizon.fresh():
		r.known = r.s.horizon.ripe()
	case r.own != nil:
		if r.mark() {
			r.mark() // with nobody else at work, two make sure of the present
		}
		r.known = r.s.horizon.ripe()
	default:
		r.exec(qRollback, r.arg())
		r.marks()
		r.exec(qBeginRead, r.arg())
	}
	return r.known
}

// marks takes what marks a View needs before it begins.
func (r *reader) marks() {
	if r.mark() {
		r.mark()
	}
	r.known = r.s.horizon.ripe()
}
