package sim

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// checkEnd is what holds when nothing fails any more and time has run out.
func (o *oracle) checkEnd() {
	for _, seq := range sortedKeys(o.inbox) {
		o.fail("input %d (%s) waits in the inbox at the end", seq, describe(&o.inbox[seq].in))
	}
	for _, id := range sortedKeys(o.effects) {
		if e := o.effects[id]; e.inOutbox && e.state != domain.EffectHeld && e.state != domain.EffectDead && !o.blocked(e) {
			o.fail("the effect %s is %s at the end", id, e.state)
		}
	}
	for _, f := range o.world.sent {
		if f.taken && !f.erased && !o.decided[inputKey(0, &domain.Input{Post: &f.post})].entries {
			o.fail("post %s revision %q ended in nothing: no record tells of it", f.post.ID, f.post.Revision)
		}
	}
	for _, p := range o.live() {
		for i := range p.snap.Cases {
			if c := &p.snap.Cases[i]; c.State != domain.CaseResolved && !c.Answered && !c.HandedOver && c.Owner == "" {
				o.fail("the case %s ended in nothing", c.ID)
			}
		}
	}
}

// blocked reports whether an effect waits behind one that a person has to
// deal with.
func (o *oracle) blocked(e *effectFact) bool {
	for _, other := range o.talks[e.Conversation] {
		if other.Ordinal < e.Ordinal && other.inOutbox && (other.state == domain.EffectHeld || other.state == domain.EffectDead) {
			return true
		}
	}
	return false
}

// checkParted looks in a customer's records for what is of somebody else, once
// a merge is undone.
func (d *driver) checkParted(ctx context.Context, id domain.CustomerID) {
	p := d.oracle.proxies[id]
	err := d.disk.View(ctx, func(r store.Reader) error {
		old, err := r.CaseList(id, 0)
		if err != nil {
			return err
		}
		cases, orders := map[string]bool{}, map[string]bool{"": true}
		for _, c := range append(old, p.snap.Cases...) {
			cases[c.ID] = true
			for _, ref := range append(c.OrderRefs, c.Focus) {
				orders[ref] = true
			}
		}
		for i := range p.snap.Orders {
			orders[p.snap.Orders[i].ID] = true
		}
		for before, more := int64(0), true; more; {
			page, err := r.JournalRead(store.JournalReadParams{Customer: id, BeforeSeq: before, Limit: 500})
			if err != nil {
				return err
			}
			for _, row := range page {
				before = row.Seq
				var rec domain.Record
				if err := decode(row.Record, &rec); err != nil {
					return err
				}
				for _, in := range rec.Inputs {
					if in.Kind == domain.InputPost && p.snap.Customer.Identity(in.Post.Identity()) == nil {
						d.oracle.fail("a record of %v has the post %s of %v, who is somebody else", id, in.Post.ID, in.Post.Identity())
					}
					if e := in.Event; e != nil && !orders[e.OrderID] && (e.CustomerRef == "" || e.CustomerRef != p.snap.Customer.Ref) {
						d.oracle.fail("a record of %v has the event %s about the order %s, of which they know nothing", id, e.ID, e.OrderID)
					}
					if a := in.Answer; a != nil {
						for _, o := range a.Orders {
							if !orders[o.ID] && (o.CustomerRef == "" || o.CustomerRef != p.snap.Customer.Ref) {
								d.oracle.fail("a record of %v has the order %s in the answer to %s, of which they know nothing", id, o.ID, a.Effect)
							}
						}
					}
				}
				for _, e := range rec.Entries {
					if e.Case != "" && !cases[e.Case] {
						d.oracle.fail("a record of %v tells of the case %s, which is somebody else's", id, e.Case)
					}
				}
			}
			more = len(page) == 500
		}
		return nil
	})
	d.fine("look for what a merge has left", err)
}

// checkErased looks for anything that is left of an erased customer.
func (d *driver) checkErased(ctx context.Context, id domain.CustomerID, ref string, keys []domain.IdentityKey, posts []domain.PostKey) {
	left := func(what string, n int) {
		if n > 0 {
			d.oracle.fail("%d %s of the erased customer %v are left", n, what, id)
		}
	}
	err := d.disk.View(ctx, func(r store.Reader) error {
		rows, err := r.AdvocateGet([]domain.CustomerID{id})
		if err != nil {
			return err
		}
		if !rows[0].Erased || len(rows[0].State) > 0 || rows[0].Ref != "" || rows[0].Search != "" {
			d.oracle.fail("the erased customer %v has no bare tombstone", id)
		}
		journal, err := r.JournalRead(store.JournalReadParams{Customer: id})
		if err != nil {
			return err
		}
		left("records", len(journal))
		inbox, err := r.InboxRead([]domain.CustomerID{id})
		if err != nil {
			return err
		}
		left("inputs", len(inbox))
		owners, err := r.IdentityFind(keys)
		if err != nil {
			return err
		}
		for i, owner := range owners {
			if owner != 0 {
				d.oracle.fail("the identity %v of the erased customer %v is still %v's", keys[i], id, owner)
			}
		}
		known, err := r.PostFind(posts)
		if err != nil {
			return err
		}
		for i := range known {
			if known[i].Customer == id {
				left("posts", 1)
			}
		}
		effects, err := r.EffectList(store.EffectListParams{Customer: id})
		if err != nil {
			return err
		}
		left("effects", len(effects))
		items, err := r.WorkItemList(store.WorkItemListParams{Customer: id})
		if err != nil {
			return err
		}
		left("work items", len(items))
		cases, err := r.CaseList(id, 10)
		if err != nil {
			return err
		}
		left("cases", len(cases))
		merges, err := r.MergeList(id)
		if err != nil {
			return err
		}
		left("merges", len(merges))
		if ref == "" {
			return nil
		}
		orders, err := r.OrderList(ref, 10)
		if err != nil {
			return err
		}
		left("orders", len(orders))
		return d.eventsLeft(r, id, ref)
	})
	d.fine("look for what is left of an erased customer", err)
}

// eventsLeft looks through the whole log.
func (d *driver) eventsLeft(r store.Reader, id domain.CustomerID, ref string) error {
	for after := int64(0); ; {
		page, err := r.EventTail(after, 500)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			after = page[i].Seq
			page[i].ID = "" // a number of what it was emitted about, which may be another's since
			b, err := json.Marshal(&page[i])
			if err != nil {
				return err
			}
			if bytes.Contains(b, []byte(`"`+ref+`"`)) || bytes.Contains(b, []byte(id.String())) {
				d.oracle.fail("the event %s still names the erased customer %v", page[i].ID, id)
			}
		}
	}
}
