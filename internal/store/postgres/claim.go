package postgres

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// A claim finds who comes next and takes their locks at once, passing over
// those that another transaction has. So two nodes never work at the same
// customers, and neither waits for the other.
//
// Nodes that meet at the head of a queue would still look at the same rows
// first, each stepping over what the others hold. A node that meets another
// one therefore takes its share of what is next in the order of a hash of its
// own, for a while; what it takes comes back longest-waiting first all the
// same.
var (
	qInboxReady = prepared(`SELECT customer, ready_at FROM inbox WHERE ready_at <= $1::timestamptz AND (ready_at, customer) > ($2::timestamptz, $3::bigint)
		ORDER BY ready_at, customer LIMIT $4::bigint`)
	qClaim = prepared(`SELECT a.id, a.armed, a.next_due FROM unnest($1::bigint[]) WITH ORDINALITY u(id, i) JOIN advocate a ON a.id = u.id
		ORDER BY u.i LIMIT $2::bigint FOR NO KEY UPDATE OF a SKIP LOCKED`)

	// An advocate's alarm usually moves to a later time, with every decision
	// anew. To follow it in the index would rewrite every index entry of the
	// row, so the index keeps where the advocate was armed first (never later
	// than next_due), and who comes up there too early is put back then.
	qArmed     = prepared(`SELECT id, armed FROM advocate WHERE armed <= $1::timestamptz AND (armed, id) > ($2::timestamptz, $3::bigint) ORDER BY armed, id LIMIT $4::bigint`)
	qRearm     = prepared(`UPDATE advocate SET armed = next_due WHERE id = ANY ($1::bigint[])`)
	qArmedNext = prepared(`SELECT armed, next_due FROM advocate WHERE armed IS NOT NULL ORDER BY armed LIMIT $1::bigint`)
)

const (
	claimWindow = 4    // times the limit is looked at in one go
	maxRearm    = 4096 // advocates put back by one claim
	maxLook     = 64   // rows that DueNext looks at
	shareFor    = 16   // claims that a node takes in its own order after it has met another
)

// rival is what a store knows of others at the head of the queues.
type rival struct {
	salt uint64
	left atomic.Int32 // claims to take in the order of the hash
}

func newSalt() uint64 { return rand.Uint64() | 1 }

func (r *rival) met() { r.left.Store(shareFor) }

// share reports whether this claim is to be taken in the store's own order.
func (r *rival) share() bool {
	for {
		n := r.left.Load()
		if n <= 0 {
			return false
		}
		if r.left.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

func (r *rival) rank(id domain.CustomerID) uint64 {
	x := (uint64(id) ^ r.salt) * 0x9e3779b97f4a7c15 // Fibonacci hashing
	return x ^ x>>29
}

// candidate is a place in a queue.
type candidate struct {
	id    domain.CustomerID
	at    time.Time // since when
	armed time.Time
	due   time.Time
}

func byPlace(a, b candidate) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) }

// queue walks along an index from its beginning and locks whom it meets.
type queue struct {
	t       *tx
	fetch   func(after candidate, size int) []candidate
	size    int
	shared  bool        // in the order of the store's own hash
	window  []candidate // looked at and not tried yet
	last    candidate   // looked at
	reached time.Time   // everybody before was tried
	end     bool
}

func (t *tx) queue(limit int, fetch func(after candidate, size int) []candidate) *queue {
	return &queue{t: t, fetch: fetch, size: claimWindow * limit, shared: t.s.rival.share(), last: candidate{at: beginning}}
}

// lock locks the next n, passing over those that are another transaction's.
// Candidates of whom there is no advocate nobody can lock; they are given to
// whoever asks.
func (q *queue) lock(n int) (got []candidate) {
	for len(got) < n && q.t.err == nil {
		if len(q.window) == 0 {
			if q.end {
				q.reached = forever
				return got
			}
			q.window = q.fetch(q.last, q.size)
			if q.end = len(q.window) < q.size; len(q.window) > 0 {
				q.last = q.window[len(q.window)-1]
			}
			if q.shared {
				rank := q.t.s.rival.rank
				slices.SortFunc(q.window, func(a, b candidate) int { return cmp.Compare(rank(a.id), rank(b.id)) })
				q.reached = forever
			}
			continue
		}
		got = append(got, q.try(n-len(got))...)
	}
	return got
}

// try locks at most n of the window and leaves in it whom it did not come to.
func (q *queue) try(n int) (got []candidate) {
	t, window := q.t, q.window
	place := make(map[domain.CustomerID]int, len(window))
	for i, c := range window {
		place[c.id] = i
	}
	passed, locked := 0, make([]bool, len(window))
	for r := t.query(qClaim, t.arg().ints(len(window), func(i int) int64 { return int64(window[i].id) }).int(int64(n))); r.next(); {
		i := place[domain.CustomerID(r.i(0))]
		c := window[i]
		c.armed, c.due = r.at(1), r.at(2)
		got = append(got, c)
		locked[i], passed = true, i+1
	}
	if len(got) < n {
		passed = len(window)
	}
	var over []candidate
	for i := range passed {
		if !locked[i] {
			over = append(over, window[i])
		}
	}
	q.window = window[passed:]
	if !q.shared && passed > 0 {
		q.reached = window[passed-1].at
	}
	return append(got, t.unknown(over)...)
}

// unknown returns those candidates that a claim passed over because there is
// no advocate. The others are being worked at.
func (t *tx) unknown(over []candidate) []candidate {
	if len(over) == 0 || t.err != nil {
		return nil
	}
	taken := map[domain.CustomerID]bool{}
	for q := t.query(qAdvocateIs, t.arg().ints(len(over), func(i int) int64 { return int64(over[i].id) })); q.next(); {
		taken[domain.CustomerID(q.i(0))] = true
		t.s.rival.met()
	}
	return slices.DeleteFunc(over, func(c candidate) bool { return taken[c.id] })
}

func (t *tx) InboxClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	limit = store.Limit(limit)
	looked := map[domain.CustomerID]bool{}
	var last candidate // the place in the index, which holds a customer several times
	q := t.queue(limit, nil)
	q.fetch = func(after candidate, size int) (out []candidate) {
		if after.at.Equal(beginning) {
			last = after
		}
		for n := size; n == size && len(out) < size; {
			n = 0
			for r := t.query(qInboxReady, t.arg().time(now).time(last.at).int(int64(last.id)).int(int64(size))); r.next(); n++ {
				last = candidate{id: domain.CustomerID(r.i(0)), at: r.at(1)}
				if !looked[last.id] {
					looked[last.id] = true
					out = append(out, last)
				}
			}
		}
		return out
	}
	return chosen(q.lock(limit), limit), t.err
}

func (t *tx) DueClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	limit = store.Limit(limit)
	q := t.queue(limit, func(after candidate, size int) (out []candidate) {
		for r := t.query(qArmed, t.arg().time(now).time(after.at).int(int64(after.id)).int(int64(size))); r.next(); {
			out = append(out, candidate{id: domain.CustomerID(r.i(0)), at: r.at(1)})
		}
		return out
	})
	var due []candidate
	var early []domain.CustomerID
	for len(early) < maxRearm {
		// Who comes up too early may be due before the next ones or after.
		n := 0
		for _, c := range due {
			if !c.at.After(q.reached) {
				n++
			}
		}
		if n >= limit || q.end && len(q.window) == 0 && q.reached.Equal(forever) {
			break
		}
		for _, c := range q.lock(limit - n) {
			if c.armed.IsZero() || !c.due.Equal(c.armed) {
				early = append(early, c.id)
			}
			if !c.due.IsZero() && !c.due.After(now) {
				c.at = c.due
				due = append(due, c)
			}
		}
		if t.err != nil {
			return nil, t.err
		}
	}
	if len(early) > 0 {
		t.exec(qRearm, t.arg().ids(early))
	}
	return chosen(due, limit), t.err
}

// chosen are the first of what was locked.
func chosen(got []candidate, limit int) (out []domain.CustomerID) {
	slices.SortFunc(got, byPlace)
	for _, c := range got[:min(len(got), limit)] {
		out = append(out, c.id)
	}
	return out
}

func (r *reader) DueNext() (next time.Time, err error) {
	n, last, settled := 0, time.Time{}, false
	for q := r.query(qArmedNext, r.arg().int(maxLook)); q.next(); n++ {
		if last = q.at(0); !next.IsZero() && !last.Before(next) {
			settled = true
			q.close()
			break
		}
		if !q.isNull(1) {
			next = earliest(next, q.at(1))
		}
	}
	if n == maxLook && !settled {
		next = earliest(next, last)
	}
	return next, r.err
}

// earliest is the earlier of two times, where zero is never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
