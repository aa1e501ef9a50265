package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const deliveryColumns = `id, endpoint, event, type, customer, state, attempt, not_before, lease, status, error, at, updated, body`

var (
	qDeliveryGet = prepared(`SELECT ` + deliveryColumns + ` FROM delivery WHERE id = ?`)
	qDeliveryAdd = prepared(`INSERT INTO delivery (` + deliveryColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`)
	qDeliverySet = prepared(`UPDATE delivery SET state = ?2, attempt = ?3, not_before = ?4, lease = ?5, status = ?6, error = ?7, updated = ?8 WHERE id = ?1`)
	qDeliveryAll = prepared(`SELECT ` + deliveryColumns + ` FROM delivery WHERE (at, id) < (?, ?) AND (?3 = '' OR state = ?3) ORDER BY at DESC, id DESC LIMIT ?`)
	qDeliveryOf  = prepared(`SELECT ` + deliveryColumns + ` FROM delivery WHERE (at, id) < (?, ?) AND (?3 = '' OR state = ?3) AND endpoint = ?4 ORDER BY at DESC, id DESC LIMIT ?5`)

	// "state IN (…)" says nothing new: it lets SQLite use delivery_live, which
	// holds only those.
	qEndpointNext    = prepared(`SELECT endpoint FROM delivery WHERE endpoint > ? AND state IN ('pending', 'sending') ORDER BY endpoint LIMIT 1`)
	qDeliverySending = prepared(`SELECT id, not_before, lease, updated FROM delivery WHERE endpoint = ? AND state = 'sending' AND state IN ('pending', 'sending')`)
	qDeliveryDue     = prepared(`SELECT id, not_before FROM delivery WHERE endpoint = ? AND state = 'pending' AND state IN ('pending', 'sending') AND not_before <= ?
		ORDER BY not_before, id LIMIT ?`)

	qDeliveryPrune = prepared(`DELETE FROM delivery WHERE n IN (SELECT n FROM delivery WHERE at < ? AND state IN ('done', 'dead') ORDER BY at, id LIMIT ?)`)
	qDeliveryWipe  = prepared(`DELETE FROM delivery WHERE customer = ? AND customer <> 0`)
)

func (s *stmt) delivery() store.DeliveryRow {
	return store.DeliveryRow{
		ID: s.str(0), Endpoint: s.str(1), EventSeq: s.i(2), Type: s.str(3), Customer: domain.CustomerID(s.i(4)), State: s.str(5), Attempt: int(s.i(6)),
		NotBefore: s.at(7), Lease: s.at(8), Status: int(s.i(9)), Error: s.str(10), At: s.at(11), UpdatedAt: s.at(12), Body: s.bytes(13),
	}
}

func (r *reader) DeliveryGet(id string) (d store.DeliveryRow, err error) {
	q := r.q(qDeliveryGet).text(id)
	if !q.row() {
		return d, r.missing("delivery", id)
	}
	d = q.delivery()
	q.reset()
	return d, r.err
}

func (r *reader) DeliveryList(p store.DeliveryListParams) ([]store.DeliveryRow, error) {
	at, id := int64(1<<63-1), ""
	if p.After != "" {
		after, err := r.DeliveryGet(p.After)
		if err != nil {
			return nil, err
		}
		at, id = after.At.UnixMicro(), p.After
	}
	list := qDeliveryAll
	if p.Endpoint != "" {
		list = qDeliveryOf
	}
	q := r.q(list).int(at).text(id).text(p.State)
	if p.Endpoint != "" {
		q.text(p.Endpoint)
	}
	var out []store.DeliveryRow
	for q.int(int64(store.Limit(p.Limit))); q.row(); {
		out = append(out, q.delivery())
	}
	return out, r.err
}

func (t *tx) DeliveryAdd(rows []store.DeliveryRow) error {
	for i := range rows {
		if err := rows[i].Valid(); err != nil {
			return err
		}
	}
	for _, d := range rows {
		d.State, d.Lease = store.DeliveryPending, time.Time{}
		t.q(qDeliveryAdd).text(d.ID).text(d.Endpoint).int(d.EventSeq).text(d.Type).int(int64(d.Customer)).text(d.State).int(int64(d.Attempt)).
			time(d.NotBefore).time(d.Lease).int(int64(d.Status)).text(d.Error).time(d.At).time(d.UpdatedAt).blob(d.Body).exec()
	}
	return t.err
}

// endpoints are those with a delivery that may be claimed at some time.
func (t *tx) endpoints() (out []string) {
	for last, more := "", true; more; {
		q := t.q(qEndpointNext).text(last)
		if more = q.row(); more {
			last = q.str(0)
			out = append(out, last)
			q.reset()
		}
	}
	return out
}

func (t *tx) DeliveryClaim(p store.DeliveryClaimParams) ([]store.DeliveryRow, error) {
	type candidate struct {
		id        string
		notBefore int64
	}
	byPlace := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.notBefore, b.notBefore), strings.Compare(a.id, b.id))
	}
	var found []candidate
	for _, endpoint := range t.endpoints() {
		var here []candidate
		sending := 0
		for q := t.q(qDeliverySending).text(endpoint); q.row(); {
			if p.Left(q.at(2), q.at(3)) {
				here = append(here, candidate{q.str(0), q.i(1)})
			} else {
				sending++
			}
		}
		free := p.Free(sending)
		if free == 0 {
			continue
		}
		for q := t.q(qDeliveryDue).text(endpoint).time(p.Now).int(int64(free)); q.row(); {
			here = append(here, candidate{q.str(0), q.i(1)})
		}
		slices.SortFunc(here, byPlace)
		found = append(found, here[:min(len(here), free)]...)
	}
	slices.SortFunc(found, byPlace)
	var out []store.DeliveryRow
	for _, c := range found[:min(len(found), store.Limit(p.Limit))] {
		d, err := t.DeliveryGet(c.id)
		if err != nil {
			return nil, err
		}
		d.State, d.Attempt, d.Lease, d.UpdatedAt = store.DeliverySending, d.Attempt+1, truncated(p.Now.Add(p.Lease)), truncated(p.Now)
		t.keepDelivery(&d)
		out = append(out, d)
	}
	return out, t.err
}

func (t *tx) DeliveryPut(row store.DeliveryRow) error {
	if err := store.DeliveryState(row.ID, row.State); err != nil {
		return err
	}
	var d store.DeliveryRow
	q := t.q(qDeliveryGet).text(row.ID)
	found := q.row()
	if found {
		d = q.delivery()
		q.reset()
	}
	if t.err != nil {
		return t.err
	}
	if !found || d.Attempt != row.Attempt {
		return fmt.Errorf("%w: delivery %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
	}
	t.keepDelivery(&row)
	return t.err
}

func (t *tx) DeliverySet(id string, from []string, to string, notBefore time.Time) (store.DeliveryRow, error) {
	d, err := t.DeliveryGet(id)
	if err != nil {
		return d, err
	}
	if err := d.Set(from, to, notBefore); err != nil {
		return store.DeliveryRow{}, err
	}
	t.keepDelivery(&d)
	return d, t.err
}

// keepDelivery writes what changes of a delivery. Only what is being sent has
// a lease.
func (t *tx) keepDelivery(d *store.DeliveryRow) {
	if d.State != store.DeliverySending {
		d.Lease = time.Time{}
	}
	t.q(qDeliverySet).text(d.ID).text(d.State).int(int64(d.Attempt)).time(d.NotBefore).time(d.Lease).int(int64(d.Status)).text(d.Error).time(d.UpdatedAt).exec()
}

func (t *tx) DeliveryPrune(before time.Time, limit int) (int, error) {
	n := t.q(qDeliveryPrune).int(truncated(before).UnixMicro()).int(int64(store.Limit(limit))).exec()
	return int(n), t.err
}
