package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// evDelivery is an event on its way in.
type evDelivery struct {
	event domain.Event
	op    string
	tries int
	again bool
	clash bool
	since time.Time
}

func (d *driver) event(op string, e domain.Event) {
	e.ID, e.Source = fmt.Sprintf("ev%d", d.next()), "shop"
	if e.Time.IsZero() {
		e.Time = d.now().UTC()
	}
	d.events = append(d.events, e)
	at := len(d.evQueue)
	if at > 0 && d.chance(0.2) {
		at = d.rand.IntN(at)
	}
	d.evQueue = slices.Insert(d.evQueue, at, evDelivery{event: e, op: op, since: d.now()})
}

// eventOrder moves an order on, or tells of an older state of it.
func (d *driver) eventOrder(context.Context) {
	o := pick(d.world, d.orders)
	op := "event.order"
	f := d.facts(o)
	if o.version > 2 && d.chance(0.15) {
		op = "event.old_version"
		f.Version = 1 + d.rand.Int64N(o.version-1)
		f.Status = "shipped"
	} else {
		o.version++
		o.status = pick(d.world, []string{"created", "paid", "shipped", "delayed", "delayed", "delivered", "canceled", "refunded"})
		o.eta = d.now().Add(time.Duration(d.rand.IntN(96)-24) * time.Hour).UTC().Truncate(time.Second)
		f = d.facts(o)
	}
	data, _ := json.Marshal(&f)
	e := domain.Event{Type: "order." + string(f.Status), OrderID: o.id, CustomerRef: o.owner.ref, Data: data}
	if d.chance(0.3) {
		e.CustomerRef = ""
	}
	d.event(op, e)
}

// eventWide is for everybody in an area or with a product.
func (d *driver) eventWide(context.Context) {
	if d.chance(0.5) {
		d.event("event.recall", domain.Event{Type: "recall.issued", SKU: "sku-1"})
		return
	}
	kind := pick(d.world, []string{"outage.started", "outage.ended"})
	d.event("event.outage", domain.Event{Type: kind, Area: fmt.Sprintf("area-%d", d.rand.IntN(3)), Subject: "power"})
}

// eventAgain hands an event in once more.
func (d *driver) eventAgain(context.Context) {
	if len(d.events) == 0 {
		return
	}
	e := pick(d.world, d.events[max(0, len(d.events)-30):])
	if d.now().Sub(e.Time) > 20*24*time.Hour {
		return
	}
	x := evDelivery{event: e, op: "event.duplicate", again: true, since: d.now()}
	if d.oracle.acked[e.Source+"/"+e.ID] != 0 && d.chance(0.2) {
		x.event.Subject += " changed"
		x.op, x.clash = "event.conflict", true
	}
	d.evQueue = append(d.evQueue, x)
}

// deliverEvents hands events in, one call for up to n of them.
func (d *driver) deliverEvents(ctx context.Context, n int) {
	n = min(n, len(d.evQueue))
	batch := slices.Clone(d.evQueue[:n])
	d.evQueue = slices.Clone(d.evQueue[n:])
	batch = slices.DeleteFunc(batch, func(x evDelivery) bool { return d.now().Sub(x.since) > 8*24*time.Hour && (x.again || x.tries > 0) })
	if len(batch) == 0 {
		return
	}
	events := make([]domain.Event, len(batch))
	for i := range batch {
		batch[i].tries++
		events[i] = batch[i].event
	}
	receipts, err := d.engine.EventsSubmit(ctx, events)
	if err != nil {
		d.fine("hand events in", err)
		d.evQueue = append(d.evQueue, batch...)
		return
	}
	for i := range batch {
		x, r := &batch[i], &receipts[i]
		key := x.event.Source + "/" + x.event.ID
		switch {
		case r.Err != nil && x.clash && domain.ErrorCode(r.Err) == domain.CodeConflict:
			d.did(x.op)
		case r.Err != nil:
			d.oracle.fail("event %s was refused: %v", key, r.Err)
		case x.clash:
			d.oracle.fail("event %s came with another body and was taken", key)
		case r.Duplicate && x.tries == 1 && !x.again:
			d.oracle.fail("event %s came for the first time and was called a repeat", key)
		case r.Duplicate:
			d.did("event.duplicate")
			d.oracle.acked[key] = 1
		default:
			d.did(x.op)
			d.oracle.acked[key] = 1
		}
	}
}
