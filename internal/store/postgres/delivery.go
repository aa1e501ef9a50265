package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const deliveryColumns = `id, endpoint, event, type, customer, state, attempt, not_before, lease, status, error, at, updated, body`

var (
	qDeliveryGet  = prepared(`SELECT ` + deliveryColumns + ` FROM delivery` + only("id", "$1::text", ""))
	qDeliveryHold = prepared(`SELECT ` + deliveryColumns + ` FROM delivery` + only("id", "$1::text", "") + ` FOR NO KEY UPDATE`)
	qDeliveryAdd  = prepared(`INSERT INTO delivery (` + deliveryColumns + `) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[],
		$6::text[], $7::bigint[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::bytea[])
		ON CONFLICT (id) DO NOTHING`)
	qDeliverySet = prepared(`UPDATE delivery d SET state = $3::text, not_before = $4::timestamptz, lease = $5::timestamptz, status = $6::bigint, error = $7::text, updated = $8::timestamptz
		FROM (SELECT d.ctid AS place FROM delivery d` + only("d.id", "$1::text", " AND d.attempt = $2::bigint") + ` FOR NO KEY UPDATE) h WHERE d.ctid = h.place`)
	qDeliveryAll = prepared(`SELECT ` + deliveryColumns + ` FROM delivery WHERE (at, id) < ($1::timestamptz, $2::text) AND ($3::text = '' OR state = $3::text)
		ORDER BY at DESC, id DESC LIMIT $4::bigint`)
	qDeliveryOf = prepared(`SELECT ` + deliveryColumns + ` FROM delivery WHERE endpoint = $5::text AND (at, id) < ($1::timestamptz, $2::text) AND ($3::text = '' OR state = $3::text)
		ORDER BY at DESC, id DESC LIMIT $4::bigint`)

	// Endpoints are few, and their queues may be long: each gives at most what
	// is wanted in all, and says how many are being sent to it.
	qDeliveryReady = prepared(`WITH RECURSIVE place AS (
			(SELECT endpoint FROM delivery WHERE state IN ('pending', 'sending') ORDER BY endpoint, state, not_before, id LIMIT 1)
			UNION ALL
			SELECT (SELECT d.endpoint FROM delivery d WHERE d.endpoint > p.endpoint AND d.state IN ('pending', 'sending') ORDER BY d.endpoint, d.state, d.not_before, d.id LIMIT 1)
			FROM place p WHERE p.endpoint IS NOT NULL)
		SELECT f.id, p.endpoint, f.not_before, s.n FROM place p
		CROSS JOIN LATERAL (SELECT count(*) AS n FROM delivery d WHERE d.endpoint = p.endpoint AND d.state = 'sending' AND d.lease > $1::timestamptz AND d.updated >= $3::timestamptz) s
		CROSS JOIN LATERAL (
			(SELECT d.id, d.not_before FROM delivery d WHERE d.endpoint = p.endpoint AND d.state = 'pending' AND d.not_before <= $1::timestamptz
				ORDER BY d.not_before, d.id LIMIT $2::bigint)
			UNION ALL
			(SELECT d.id, d.not_before FROM delivery d WHERE d.endpoint = p.endpoint AND d.state = 'sending' AND (d.lease <= $1::timestamptz OR d.updated < $3::timestamptz)
				ORDER BY d.not_before, d.id LIMIT $2::bigint)) f
		WHERE p.endpoint IS NOT NULL ORDER BY f.not_before, f.id`)
	qDeliveryClaim = prepared(`WITH free AS MATERIALIZED (SELECT f.place FROM unnest($1::text[]) u(id) CROSS JOIN LATERAL (SELECT d.ctid AS place FROM delivery d` +
		only("d.id", "u.id", " AND CASE d.state WHEN 'pending' THEN d.not_before WHEN 'sending' THEN CASE WHEN d.updated < $4::timestamptz THEN d.updated ELSE d.lease END END <= $2::timestamptz") + ` FOR NO KEY UPDATE SKIP LOCKED) f)
		UPDATE delivery d SET state = 'sending', attempt = d.attempt + 1, lease = $3::timestamptz, updated = $2::timestamptz
			FROM free f WHERE d.ctid = f.place
			RETURNING d.id, d.endpoint, d.event, d.type, d.customer, d.state, d.attempt, d.not_before, d.lease, d.status, d.error, d.at, d.updated, d.body`)

	qDeliveryPrune = prepared(`DELETE FROM delivery WHERE id = ANY (ARRAY(SELECT id FROM delivery WHERE at < $1::timestamptz AND state IN ('done', 'dead')
		ORDER BY at, id LIMIT $2::bigint))`)
	qDeliveryWipe = prepared(`DELETE FROM delivery WHERE customer = ANY ($1::bigint[]) AND customer <> 0`)
)

func (q *rows) delivery() store.DeliveryRow {
	return store.DeliveryRow{
		ID: q.str(0), Endpoint: q.str(1), EventSeq: q.i(2), Type: q.str(3), Customer: domain.CustomerID(q.i(4)), State: q.str(5), Attempt: int(q.i(6)),
		NotBefore: q.at(7), Lease: q.at(8), Status: int(q.i(9)), Error: q.str(10), At: q.at(11), UpdatedAt: q.at(12), Body: q.bytes(13),
	}
}

func (r *reader) deliveries(q *rows) (out []store.DeliveryRow) {
	for q.next() {
		out = append(out, q.delivery())
	}
	return out
}

func (r *reader) oneDelivery(q *rows, id string) (d store.DeliveryRow, err error) {
	found := r.deliveries(q)
	if len(found) == 0 {
		return d, r.missing("delivery", id)
	}
	return found[0], r.err
}

func (r *reader) DeliveryGet(id string) (store.DeliveryRow, error) {
	return r.oneDelivery(r.query(qDeliveryGet, r.arg().text(id)), id)
}

func (r *reader) DeliveryList(p store.DeliveryListParams) ([]store.DeliveryRow, error) {
	at, id := forever, ""
	if p.After != "" {
		after, err := r.DeliveryGet(p.After)
		if err != nil {
			return nil, err
		}
		at, id = after.At, p.After
	}
	list, a := qDeliveryAll, r.arg().time(at).text(id).text(p.State).int(int64(store.Limit(p.Limit)))
	if p.Endpoint != "" {
		list = qDeliveryOf
		a.text(p.Endpoint)
	}
	return r.deliveries(r.query(list, a)), r.err
}

func (t *tx) DeliveryAdd(rows []store.DeliveryRow) error {
	add, known := make([]store.DeliveryRow, 0, len(rows)), map[string]bool{}
	for i := range rows {
		d := rows[i]
		if err := d.Valid(); err != nil {
			return err
		}
		d.State, d.Lease = store.DeliveryPending, time.Time{}
		if id := storable(d.ID); !known[id] {
			known[id] = true
			add = append(add, d)
		}
	}
	// In one order everywhere: who adds the same waits, and not in a circle.
	slices.SortFunc(add, func(a, b store.DeliveryRow) int { return cmp.Compare(a.ID, b.ID) })
	eachChunk(add, t.loadDeliveries)
	t.wake = t.wake || len(add) > 0
	return t.err
}

// loadDeliveries writes rows as they are, unless they are there.
func (t *tx) loadDeliveries(part []store.DeliveryRow) {
	n := len(part)
	t.exec(qDeliveryAdd, t.arg().
		texts(n, func(i int) string { return part[i].ID }).
		texts(n, func(i int) string { return part[i].Endpoint }).
		ints(n, func(i int) int64 { return part[i].EventSeq }).
		texts(n, func(i int) string { return part[i].Type }).
		ints(n, func(i int) int64 { return int64(part[i].Customer) }).
		texts(n, func(i int) string { return part[i].State }).
		ints(n, func(i int) int64 { return int64(part[i].Attempt) }).
		times(n, func(i int) time.Time { return part[i].NotBefore }).
		times(n, func(i int) time.Time { return part[i].Lease }).
		ints(n, func(i int) int64 { return int64(part[i].Status) }).
		texts(n, func(i int) string { return part[i].Error }).
		times(n, func(i int) time.Time { return part[i].At }).
		times(n, func(i int) time.Time { return part[i].UpdatedAt }).
		blobs(n, func(i int) []byte { return part[i].Body }))
}

// DeliveryClaim finds more than it wants, since others may be claiming the same
// ones, and leases no more than it wants.
func (t *tx) DeliveryClaim(p store.DeliveryClaimParams) ([]store.DeliveryRow, error) {
	type candidate struct {
		id, endpoint string
	}
	var found []candidate
	limit := store.Limit(p.Limit)
	sending := map[string]int{}
	for q := t.query(qDeliveryReady, t.arg().time(p.Now).int(int64(claimWindow*p.Free(0))).time(p.Since)); q.next(); {
		found = append(found, candidate{q.str(0), q.str(1)})
		sending[q.str(1)] = int(q.i(3))
	}
	var out []store.DeliveryRow
	for len(found) > 0 && len(out) < limit && t.err == nil {
		var pick []string
		picked, rest := map[string]int{}, found[:0:0]
		for _, c := range found {
			if len(out)+len(pick) < limit && p.Free(sending[c.endpoint]+picked[c.endpoint]) > 0 {
				pick = append(pick, c.id)
				picked[c.endpoint]++
			} else {
				rest = append(rest, c)
			}
		}
		if len(pick) == 0 {
			break
		}
		got := t.deliveries(t.query(qDeliveryClaim, t.arg().strings(pick).time(p.Now).time(truncated(p.Now.Add(p.Lease))).time(p.Since)))
		for i := range got {
			sending[got[i].Endpoint]++
		}
		if out = append(out, got...); len(got) == len(pick) {
			break
		}
		found = rest
	}
	slices.SortFunc(out, func(a, b store.DeliveryRow) int {
		return cmp.Or(a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.ID, b.ID))
	})
	return out, t.err
}

func (t *tx) DeliveryPut(row store.DeliveryRow) error {
	if err := store.DeliveryState(row.ID, row.State); err != nil {
		return err
	}
	if t.keepDelivery(&row) == 0 && t.err == nil {
		return fmt.Errorf("%w: delivery %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
	}
	return t.err
}

func (t *tx) DeliverySet(id string, from []string, to string, notBefore time.Time) (store.DeliveryRow, error) {
	d, err := t.oneDelivery(t.query(qDeliveryHold, t.arg().text(id)), id)
	if err != nil {
		return d, err
	}
	if err := d.Set(from, to, notBefore); err != nil {
		return store.DeliveryRow{}, err
	}
	t.keepDelivery(&d)
	t.wake = t.wake || to == store.DeliveryPending
	return d, t.err
}

// keepDelivery writes what changes of a delivery that is still at its attempt,
// and says how many it found. Only what is being sent has a lease.
func (t *tx) keepDelivery(d *store.DeliveryRow) int64 {
	if d.State != store.DeliverySending {
		d.Lease = time.Time{}
	}
	return t.twice(func() int64 {
		return t.exec(qDeliverySet, t.arg().text(d.ID).int(int64(d.Attempt)).text(d.State).time(d.NotBefore).time(d.Lease).
			int(int64(d.Status)).text(d.Error).time(d.UpdatedAt))
	})
}

func (t *tx) DeliveryPrune(before time.Time, limit int) (int, error) {
	n := t.exec(qDeliveryPrune, t.arg().time(truncated(before)).int(int64(store.Limit(limit))))
	return int(n), t.err
}
