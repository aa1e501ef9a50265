package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// A lease is what one node at a time does in the whole cluster, such as
// reading a network's stream. It ends in database time, which is the same for
// all nodes. Each new holder gets a higher fence, by which what an older one
// still does can be refused.
var (
	qLeaseTake = prepared(`INSERT INTO lease AS l (name, holder, fence, until) VALUES ($1::text, $2::text, 1, clock_timestamp() + make_interval(secs => $3::float8))
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
			fence = CASE WHEN l.holder = excluded.holder AND l.until > clock_timestamp() THEN l.fence ELSE l.fence + 1 END
		WHERE l.holder = excluded.holder OR l.until <= clock_timestamp()
		RETURNING fence, until`)
	qLeaseEnded = prepared(`SELECT name, holder, fence, until FROM lease WHERE name >= $1::text AND starts_with(name, $1::text) AND until <= clock_timestamp() ORDER BY name`)
	qLeaseGone  = prepared(`DELETE FROM lease WHERE name = $1::text AND holder = $2::text AND fence = $3::bigint AND until <= clock_timestamp()`)
	qLeaseFree  = prepared(`UPDATE effect SET lease = clock_timestamp(), ready = clock_timestamp() WHERE ready > clock_timestamp() AND state = 'sending' AND node = $1::text`)
	qLeaseDrop  = prepared(`UPDATE lease SET until = clock_timestamp() WHERE name = $1::text AND holder = $2::text AND fence = $3::bigint AND until > clock_timestamp()`)
)

// Lease is a lease that was taken.
type Lease = store.Lease

// LeaseTake implements store.Leaser.
func (s *Store) LeaseTake(ctx context.Context, name, holder string, d time.Duration) (l Lease, ok bool, err error) {
	if name == "" || holder == "" || d <= 0 {
		return l, false, fmt.Errorf("store: a lease needs a name, a holder and a time; it got %.40q, %.40q and %v", name, holder, d)
	}
	err = s.alone(ctx, func(x *session) error {
		if q := x.query(qLeaseTake, x.arg().text(name).text(holder).float(d.Seconds())); q.next() {
			l, ok = Lease{Name: name, Holder: holder, Fence: q.i(0), Until: q.at(1)}, true
			q.close()
		}
		return x.err
	})
	return l, ok, err
}

// LeaseDrop implements store.Leaser.
func (s *Store) LeaseDrop(ctx context.Context, l Lease) error {
	return s.alone(ctx, func(x *session) error {
		x.exec(qLeaseDrop, x.arg().text(l.Name).text(l.Holder).int(l.Fence))
		return x.err
	})
}

// LeaseEnded implements store.Leaser.
func (s *Store) LeaseEnded(ctx context.Context, prefix string) (out []Lease, err error) {
	err = s.alone(ctx, func(x *session) error {
		out = nil
		for q := x.query(qLeaseEnded, x.arg().text(prefix)); q.next(); {
			out = append(out, Lease{Name: q.str(0), Holder: q.str(1), Fence: q.i(2), Until: q.at(3)})
		}
		return x.err
	})
	return out, err
}

// LeaseReap implements store.Leaser. Nobody can prolong the lease while this
// is under way: it is gone first, in the same transaction.
func (s *Store) LeaseReap(ctx context.Context, l Lease) (effects int, err error) {
	err = s.Update(ctx, func(any store.Tx) error {
		t := any.(*tx)
		if t.exec(qLeaseGone, t.arg().text(l.Name).text(l.Holder).int(l.Fence)) == 0 {
			if t.err != nil {
				return t.err
			}
			return fmt.Errorf("%w: the lease %.60q with fence %d has not ended, or is gone", store.ErrConflict, l.Name, l.Fence)
		}
		effects = int(t.exec(qLeaseFree, t.arg().text(l.Name)))
		t.wake = t.wake || effects > 0
		return t.err
	})
	s.floors.forget() // some are ready that this store did not write one by one
	return effects, err
}
