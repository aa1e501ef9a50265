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

// lockSome locks candidates, at most limit, and returns them in their order.
// Candidates of whom there is no advocate nobody can lock; they are given to
// whoever asks.
func (t *tx) lockSome(window []candidate, limit int) (got []candidate) {
	order := window
	if t.s.rival.share() {
		order = slices.Clone(window)
		slices.SortFunc(order, func(a, b candidate) int {
			return cmp.Compare(t.s.rival.rank(a.id), t.s.rival.rank(b.id))
		})
	}
	place := make(map[domain.CustomerID]int, len(order))
	for i, c := range order {
		place[c.id] = i
	}
	passed, locked := 0, make([]bool, len(order))
	for q := t.query(qClaim, t.arg().ints(len(order), func(i int) int64 { return int64(order[i].id) }).int(int64(limit))); q.next(); {
		i := place[domain.CustomerID(q.i(0))]
		c := order[i]
		c.armed, c.due = q.at(1), q.at(2)
		got = append(got, c)
		locked[i], passed = true, i
	}
	if len(got) < limit {
		passed = len(order)
	}
	var over []candidate
	for i := range passed {
		if !locked[i] {
			over = append(over, order[i])
		}
	}
	got = append(got, t.unknown(over)...)
	slices.SortFunc(got, byPlace)
	return got[:min(len(got), limit)]
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
	var out []domain.CustomerID
	looked := map[domain.CustomerID]bool{}
	last := candidate{at: beginning}
	for more := true; more && len(out) < limit && t.err == nil; {
		size := claimWindow * (limit - len(out))
		var window []candidate
		n := 0
		for q := t.query(qInboxReady, t.arg().time(now).time(last.at).int(int64(last.id)).int(int64(size))); q.next(); n++ {
			last = candidate{id: domain.CustomerID(q.i(0)), at: q.at(1)}
			if !looked[last.id] {
				looked[last.id] = true
				window = append(window, last)
			}
		}
		more = n == size
		if len(window) == 0 {
			continue
		}
		for _, c := range t.lockSome(window, limit-len(out)) {
			out = append(out, c.id)
		}
	}
	return out, t.err
}

func (t *tx) DueClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	limit = store.Limit(limit)
	for put := 0; ; {
		var due []domain.CustomerID
		var early []domain.CustomerID
		for _, c := range t.armed(now, limit) {
			if !c.armed.IsZero() && c.due.Equal(c.armed) && !c.due.After(now) {
				due = append(due, c.id)
			} else {
				early = append(early, c.id)
			}
		}
		if len(early) == 0 || put >= maxRearm || t.err != nil {
			return due, t.err
		}
		t.exec(qRearm, t.arg().ids(early))
		put += len(early)
	}
}

// armed locks those who come first in the queue of alarms, at most limit.
func (t *tx) armed(now time.Time, limit int) (out []candidate) {
	last := candidate{at: beginning}
	for more := true; more && len(out) < limit && t.err == nil; {
		size := claimWindow * (limit - len(out))
		var window []candidate
		for q := t.query(qArmed, t.arg().time(now).time(last.at).int(int64(last.id)).int(int64(size))); q.next(); {
			last = candidate{id: domain.CustomerID(q.i(0)), at: q.at(1)}
			window = append(window, last)
		}
		more = len(window) == size
		if len(window) > 0 {
			out = append(out, t.lockSome(window, limit-len(out))...)
		}
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
