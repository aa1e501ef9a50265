package sqlite

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// An advocate's alarm usually moves to a later time, with every decision
// anew. To follow it in the index would cost two pages a decision, so the
// index keeps where the advocate was armed first (never later than NextDue),
// and who comes up there too early is put back then.
var (
	qAdvocateArm = prepared(`UPDATE advocate SET armed = ? WHERE id = ?`)
	qRearm       = prepared(`UPDATE advocate SET armed = next_due WHERE id = ?`)
	qArmed       = prepared(`SELECT id, armed, next_due FROM advocate WHERE armed <= ? ORDER BY armed, id LIMIT ?`)
	qArmedNext   = prepared(`SELECT armed, next_due FROM advocate WHERE armed IS NOT NULL ORDER BY armed LIMIT ?`)
)

const (
	maxRearm = 4096 // advocates put back by one claim
	maxLook  = 256  // rows that DueNext looks at
)

func (t *tx) DueClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	limit = store.Limit(limit)
	for put := 0; ; {
		var due, early []domain.CustomerID
		for q := t.q(qArmed).int(now.UnixMicro()).int(int64(limit)); q.row(); {
			id := domain.CustomerID(q.i(0))
			if !q.isNull(2) && q.i(2) == q.i(1) {
				due = append(due, id)
			} else {
				early = append(early, id)
			}
		}
		if len(early) == 0 || put >= maxRearm || t.err != nil {
			return due, t.err
		}
		for _, id := range early {
			t.q(qRearm).int(int64(id)).exec()
			delete(t.held, id)
		}
		put += len(early)
	}
}

func (r *reader) DueNext() (next time.Time, err error) {
	n, last := 0, time.Time{}
	for q := r.q(qArmedNext).int(maxLook); q.row(); n++ {
		if last = q.at(0); !next.IsZero() && !last.Before(next) {
			q.reset()
			return next, r.err
		}
		if !q.isNull(1) {
			next = earlier(next, q.at(1))
		}
	}
	if n == maxLook {
		next = earlier(next, last)
	}
	return next, r.err
}

// earlier is the earlier of two times, where zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
