package memory

import (
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

func copyDelivery(d store.DeliveryRow) store.DeliveryRow {
	d.Body = blob(d.Body)
	return d
}

func copyDeliveries(rows []store.DeliveryRow) []store.DeliveryRow {
	for i := range rows {
		rows[i] = copyDelivery(rows[i])
	}
	return rows
}

func (r *reader) DeliveryGet(id string) (store.DeliveryRow, error) {
	d, ok := r.s.deliveries.get(id)
	if !ok {
		return d, fmt.Errorf("%w: delivery %.60q", store.ErrNotFound, id)
	}
	return copyDelivery(d), nil
}

func newestDelivery(a, b store.DeliveryRow) int {
	return then(b.At.Compare(a.At), compare(b.ID, a.ID))
}

func (r *reader) DeliveryList(p store.DeliveryListParams) ([]store.DeliveryRow, error) {
	var after *store.DeliveryRow
	if p.After != "" {
		d, err := r.DeliveryGet(p.After)
		if err != nil {
			return nil, err
		}
		after = &d
	}
	return copyDeliveries(r.s.deliveries.list(func(d store.DeliveryRow) bool {
		return (p.Endpoint == "" || d.Endpoint == p.Endpoint) && (p.State == "" || d.State == p.State) && (after == nil || newestDelivery(*after, d) < 0)
	}, newestDelivery, store.Limit(p.Limit))), nil
}

func (t *tx) DeliveryAdd(rows []store.DeliveryRow) error {
	for i := range rows {
		if err := rows[i].Valid(); err != nil {
			return err
		}
	}
	for _, d := range rows {
		if _, known := t.s.deliveries.get(d.ID); known {
			continue
		}
		d.State, d.Lease, d.Body = store.DeliveryPending, time.Time{}, blob(d.Body)
		d.NotBefore, d.At, d.UpdatedAt = micros(d.NotBefore), micros(d.At), micros(d.UpdatedAt)
		t.s.deliveries.put(t.s, d.ID, d)
	}
	return nil
}

func (t *tx) DeliveryClaim(p store.DeliveryClaimParams) ([]store.DeliveryRow, error) {
	under := map[string]int{}
	for _, d := range t.s.deliveries.rows {
		if d.State == store.DeliverySending && !p.Left(d.Lease, d.UpdatedAt) {
			under[d.Endpoint]++
		}
	}
	free := t.s.deliveries.list(func(d store.DeliveryRow) bool {
		return d.State == store.DeliveryPending && !d.NotBefore.After(p.Now) || d.State == store.DeliverySending && p.Left(d.Lease, d.UpdatedAt)
	}, func(a, b store.DeliveryRow) int { return then(a.NotBefore.Compare(b.NotBefore), compare(a.ID, b.ID)) }, 0)
	var out []store.DeliveryRow
	for _, d := range free {
		if len(out) == store.Limit(p.Limit) {
			break
		}
		if p.Free(under[d.Endpoint]) == 0 {
			continue
		}
		under[d.Endpoint]++
		d.State, d.Attempt, d.Lease, d.UpdatedAt = store.DeliverySending, d.Attempt+1, micros(p.Now.Add(p.Lease)), micros(p.Now)
		t.s.deliveries.put(t.s, d.ID, d)
		out = append(out, d)
	}
	return copyDeliveries(out), nil
}

func (t *tx) DeliveryPut(row store.DeliveryRow) error {
	if err := store.DeliveryState(row.ID, row.State); err != nil {
		return err
	}
	d, ok := t.s.deliveries.get(row.ID)
	if !ok || d.Attempt != row.Attempt {
		return fmt.Errorf("%w: delivery %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
	}
	d.State, d.NotBefore, d.Lease, d.Status, d.Error, d.UpdatedAt = row.State, micros(row.NotBefore), micros(row.Lease), row.Status, row.Error, micros(row.UpdatedAt)
	t.keepDelivery(&d)
	return nil
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
	return copyDelivery(d), nil
}

// keepDelivery stores a row. Only what is being sent has a lease.
func (t *tx) keepDelivery(d *store.DeliveryRow) {
	if d.State != store.DeliverySending {
		d.Lease = time.Time{}
	}
	t.s.deliveries.put(t.s, d.ID, *d)
}

func (t *tx) DeliveryPrune(before time.Time, limit int) (int, error) {
	before = micros(before)
	old := t.s.deliveries.list(func(d store.DeliveryRow) bool {
		return (d.State == store.DeliveryDone || d.State == store.DeliveryDead) && d.At.Before(before)
	}, func(a, b store.DeliveryRow) int { return newestDelivery(b, a) }, store.Limit(limit))
	for _, d := range old {
		t.s.deliveries.del(t.s, d.ID)
	}
	return len(old), nil
}
