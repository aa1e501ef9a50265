package storetest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func drawWorkItem(d *drawer) run {
	w := domain.WorkItem{
		ID: d.id(), Customer: d.customer(), State: domain.WorkItemState(d.pick("state", "pending", "reserved", "assigned", "wrapping", "completed", "canceled")),
		Queue: d.pick("queue", "", "q"), Agent: d.pick("agent", "", "ann", "bob"), CreatedAt: T0.Add(time.Duration(d.n("created", 1)) * time.Second), UpdatedAt: d.time(),
	}
	if d.n("reservation", 1) == 1 {
		w.Reservation = &domain.Reservation{Agent: d.pick("offered", "ann", "bob")}
	}
	return func(_ *side, tx store.Tx) (any, error) { return "", tx.WorkItemPut([]domain.WorkItem{w, w}) }
}

func drawDocument(d *drawer) store.Document {
	doc := store.Document{Kind: d.pick("kind", "u", "v"), ID: d.id(), Body: []byte(d.id()), UpdatedAt: d.time()}
	for range d.n("keys", 2) {
		doc.Keys = append(doc.Keys, d.pick("key", "x", "y", "z"))
	}
	if d.n("expires", 1) == 1 {
		doc.ExpiresAt = d.time()
	}
	return doc
}

func drawDocumentPut(d *drawer) run {
	docs := []store.Document{drawDocument(d)}
	if d.n("two", 2) == 0 {
		docs = append(docs, drawDocument(d))
	}
	lock, wrong := d.n("lock", 1) == 1, int64(d.n("wrong", 6)/6)
	return func(_ *side, tx store.Tx) (any, error) {
		put := append([]store.Document(nil), docs...)
		var r results
		for i := range put {
			read := tx.DocumentGet
			if lock {
				read = tx.DocumentLock
			}
			have, err := read(put[i].Kind, []string{put[i].ID})
			if err != nil {
				return nil, err
			}
			r.add(have, nil)
			put[i].Version = have[0].Version + wrong
		}
		err := tx.DocumentPut(put)
		for i := range put {
			r.add(put[i].Version, nil)
		}
		return r, err
	}
}

func drawDocumentDelete(d *drawer) run {
	kind, ids := d.pick("kind", "u", "v"), []string{d.id(), d.id()}
	return func(_ *side, tx store.Tx) (any, error) { return "", tx.DocumentDelete(kind, ids) }
}

func drawDocumentPrune(d *drawer) run {
	now, limit := d.time(), d.n("limit", 2)
	return func(_ *side, tx store.Tx) (any, error) { return tx.DocumentPrune(now, limit) }
}

func drawAudit(d *drawer) run {
	one := func() store.AuditRow {
		return store.AuditRow{At: d.time(), By: d.pick("by", "", "ann", "bob"), Action: d.pick("action", "see", "do"), Object: d.pick("object", "", "o"), Customer: d.customer(), Detail: []byte(d.id())}
	}
	drawn := []store.AuditRow{one(), one()}
	return func(s *side, tx store.Tx) (any, error) {
		rows := append([]store.AuditRow(nil), drawn...)
		err := tx.AuditAppend(rows)
		s.audit = append(s.audit, rows[0].Seq, rows[1].Seq)
		return "", err
	}
}

func drawAuditPrune(d *drawer) run {
	before, limit := d.time(), d.n("limit", 2)
	return func(_ *side, tx store.Tx) (any, error) { return tx.AuditPrune(before, limit) }
}

// deliveryID is an endpoint's and an event's.
func (d *drawer) deliveryID() (id, endpoint string) {
	endpoint = d.pick("endpoint", "e", "f")
	return endpoint + "/" + strconv.Itoa(d.n("event", 3)), endpoint
}

func drawDelivery(d *drawer) run {
	id, endpoint := d.deliveryID()
	row := store.DeliveryRow{ID: id, Endpoint: endpoint, EventSeq: int64(d.n("seq", 3)), Type: d.id(), NotBefore: d.time(), At: d.time(), Body: []byte(d.id()), Customer: d.customer()}
	if d.n("odd", 9) == 0 {
		row.State = store.DeliverySending
	}
	return func(_ *side, tx store.Tx) (any, error) { return "", tx.DeliveryAdd([]store.DeliveryRow{row, row}) }
}

func drawDeliveryClaim(d *drawer) run {
	p := store.DeliveryClaimParams{Now: d.time(), Lease: 2 * time.Second, Limit: d.n("limit", 3), PerEndpoint: d.n("per", 2)}
	return func(_ *side, tx store.Tx) (any, error) { return tx.DeliveryClaim(p) }
}

func drawDeliveryState(d *drawer) string {
	return d.pick("state", "pending", "sending", "done", "dead", "odd")
}

func drawDeliveryPut(d *drawer) run {
	id, _ := d.deliveryID()
	row, wrong := store.DeliveryRow{ID: id, State: drawDeliveryState(d), NotBefore: d.time(), Lease: d.time(), Status: d.n("status", 2), Error: d.id(), UpdatedAt: d.time()}, d.n("wrong", 4)/4
	return func(_ *side, tx store.Tx) (any, error) {
		row := row
		if have, err := tx.DeliveryGet(id); err == nil {
			row.Attempt = have.Attempt
		}
		row.Attempt += wrong
		return "", tx.DeliveryPut(row)
	}
}

func drawDeliverySet(d *drawer) run {
	id, _ := d.deliveryID()
	to, when := drawDeliveryState(d), d.time()
	return func(_ *side, tx store.Tx) (any, error) {
		return tx.DeliverySet(id, []string{store.DeliveryDead, store.DeliveryDone, store.DeliveryPending}, to, when)
	}
}

func drawDeliveryPrune(d *drawer) run {
	before, limit := d.time(), d.n("limit", 2)
	return func(_ *side, tx store.Tx) (any, error) { return tx.DeliveryPrune(before, limit) }
}

func (s *side) trail(list []store.AuditRow) []store.AuditRow {
	out := append([]store.AuditRow(nil), list...)
	for i := range out {
		out[i].Seq = rank(s.audit, out[i].Seq)
	}
	return out
}

// wholeItems writes work items down with what they point at.
func wholeItems(list []domain.WorkItem, err error) (any, error) {
	var out []string
	for _, w := range list {
		var last domain.Reservation
		if w.Reservation != nil {
			last = *w.Reservation
		}
		w.Reservation = nil
		out = append(out, fmt.Sprintf("%+v %+v", w, last))
	}
	return out, err
}

// lookAtDesk reads what people work with.
func (s *side) lookAtDesk(r store.Reader, add func(any, error)) {
	for _, p := range []store.WorkItemListParams{{Holder: "ann"}, {Holder: "bob", State: domain.WorkReserved, Limit: 1}, {Open: true}, {Open: true, Queue: "q", Limit: 2}, {Open: true, Customer: 2}} {
		add(wholeItems(r.WorkItemList(p)))
	}
	add(wholeItems(r.WorkItemScan(store.WorkItemScanParams{})))
	add(wholeItems(r.WorkItemScan(store.WorkItemScanParams{After: "1", Limit: 2})))
	for _, kind := range []string{"u", "v"} {
		add(r.DocumentGet(kind, []string{"0", "1", "2", "3", "4"}))
		add(r.DocumentFind(kind, []string{"x", "y", "z"}))
		add(r.DocumentList(store.DocumentListParams{Kind: kind, After: "1", Limit: 2}))
		add(r.DocumentList(store.DocumentListParams{Kind: kind, Prefix: "3"}))
	}
	for _, p := range []store.AuditListParams{
		{}, {Before: raw(s.audit, 4), Limit: 3}, {Customer: 2}, {By: "ann", Action: "do"}, {Object: "o", Since: T0.Add(4 * time.Second)}, {Since: T0.Add(6 * time.Second), Limit: 2},
	} {
		rows, err := r.AuditList(p)
		add(s.trail(rows), err)
	}
	all, err := r.DeliveryList(store.DeliveryListParams{})
	add(all, err)
	for _, d := range all {
		add(r.DeliveryGet(d.ID))
		add(r.DeliveryList(store.DeliveryListParams{After: d.ID, Limit: 2}))
		add(r.DeliveryList(store.DeliveryListParams{Endpoint: "e", State: d.State, After: d.ID}))
	}
	add(r.DeliveryGet("e/9"))
}
