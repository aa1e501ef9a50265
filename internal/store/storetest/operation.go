package storetest

import (
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type run = func(*side, store.Tx) (any, error)

// operations is what Differential draws from. Those with a weight come up that
// much more often: others need what they leave behind.
var operations = []struct {
	name   string
	weight int
	draw   func(d *drawer) run
}{
	{"AdvocateInsert", 3, drawInsert},
	{"AdvocateWrite", 4, drawWrite},
	{"SeenAdd", 1, drawSeen},
	{"DueClaim", 1, func(d *drawer) run {
		now, limit := d.time(), d.n("limit", 2)
		return func(_ *side, tx store.Tx) (any, error) { return tx.DueClaim(now, limit) }
	}},
	{"InboxAppend", 1, drawInput},
	{"InboxClaim", 1, func(d *drawer) run {
		now, limit := d.time(), d.n("limit", 2)
		return func(_ *side, tx store.Tx) (any, error) { return tx.InboxClaim(now, limit) }
	}},
	{"InboxDelete", 1, func(d *drawer) run {
		c := d.customer()
		return func(s *side, tx store.Tx) (any, error) {
			rows, err := tx.InboxRead([]domain.CustomerID{c})
			if len(rows) > 0 {
				err = tx.InboxDelete([]store.InboxKey{{Customer: c, Seq: rows[0].Seq}})
			}
			return s.inputs(rows), err
		}
	}},
	{"OrderPut", 2, drawOrder},
	{"EventAppend", 2, drawEvent},
	{"SubscriptionAdd", 1, drawSubscription},
	{"SubscriptionDelete", 1, func(d *drawer) run {
		row := store.SubscriptionRow{Customer: d.customer(), Subscription: domain.Subscription{ID: d.id()}}
		return func(_ *side, tx store.Tx) (any, error) {
			return "", errors.Join(tx.SubscriptionDelete([]store.SubscriptionRow{row}), tx.CatchUpDelete([]store.CatchUpRow{{Customer: row.Customer, Subscription: row.ID}}))
		}
	}},
	{"SubscriptionScan", 1, func(d *drawer) run {
		a, after, before := domain.Anchor{Attr: domain.AnchorOrder, Value: d.order()}, d.customer(), int64(d.n("before", 6))
		return func(s *side, tx store.Tx) (any, error) {
			rows, err := tx.SubscriptionScan(store.SubscriptionScanParams{Anchor: a, After: after, Before: raw(s.events, before), Limit: 2})
			return s.subscriptions(rows), err
		}
	}},
	{"EffectAdd", 2, drawEffect},
	{"EffectClaim", 1, func(d *drawer) run {
		p := store.EffectClaimParams{Now: d.time(), Lease: 2 * time.Second, Limit: d.n("limit", 3), Busy: []string{d.pick("busy", "", "a")}, Most: d.n("most", 2)}
		return func(_ *side, tx store.Tx) (any, error) { return tx.EffectClaim(p) }
	}},
	{"EffectPut", 2, func(d *drawer) run {
		which, other, wrong := d.n("which", 2), d.effectID(d.customer()), d.n("wrong", 4)/4
		row := store.EffectRow{Effect: domain.Effect{NotBefore: d.time()}, State: drawEffectState(d), Lease: d.time()}
		return func(_ *side, tx store.Tx) (any, error) {
			e, err := effectAt(tx, which, other)
			if err != nil {
				return nil, err
			}
			row.ID, row.Attempt = e.ID, e.Attempt+wrong
			return "", tx.EffectPut(row)
		}
	}},
	{"EffectSet", 1, func(d *drawer) run {
		which, other, state, when := d.n("which", 2), d.effectID(d.customer()), drawEffectState(d), d.time()
		return func(_ *side, tx store.Tx) (any, error) {
			e, err := effectAt(tx, which, other)
			if err != nil {
				return nil, err
			}
			return tx.EffectSet(e.ID, []domain.EffectState{domain.EffectPending, domain.EffectDead}, state, when)
		}
	}},
	{"EffectCancel", 1, func(d *drawer) run {
		which, ids := d.n("which", 2), []string{d.effectID(d.customer()), d.id()}
		return func(_ *side, tx store.Tx) (any, error) {
			e, err := effectAt(tx, which, ids[0])
			if err != nil {
				return nil, err
			}
			return tx.EffectCancel(append(ids, e.ID))
		}
	}},
	{"WorkItemPut", 1, drawWorkItem},
	{"CasePut", 1, func(d *drawer) run {
		c, k := d.customer(), domain.Case{ID: d.id(), UpdatedAt: d.time()}
		return func(_ *side, tx store.Tx) (any, error) { return "", tx.CasePut(c, []domain.Case{k}) }
	}},
	{"AttemptAdd", 1, func(d *drawer) run {
		a, when := domain.Attempt{Order: d.order(), Network: d.id(), Shown: d.pick("shown", "", "x", "y")}, d.time()
		return func(_ *side, tx store.Tx) (any, error) {
			if err := tx.AttemptLock([]string{a.Order, ""}, []string{a.Network}); err != nil {
				return nil, err
			}
			return "", tx.AttemptAdd([]domain.Attempt{a}, when)
		}
	}},
	{"PostPut", 1, func(d *drawer) run {
		row := store.PostRow{Key: domain.PostKey{Network: d.pick("network", "n", "m"), ID: d.id()}, Customer: d.customer(), At: d.time()}
		return func(_ *side, tx store.Tx) (any, error) { return "", tx.PostPut([]store.PostRow{row}) }
	}},
	{"IdentitySet", 1, func(d *drawer) run {
		row, look := store.IdentityRow{Key: domain.IdentityKey{Network: "n", Author: d.id()}, Customer: d.customer()}, d.n("look", 1) == 1
		return func(_ *side, tx store.Tx) (any, error) {
			var r results
			if look {
				r.add(tx.IdentityFind([]domain.IdentityKey{row.Key}))
			}
			return r, tx.IdentitySet([]store.IdentityRow{row})
		}
	}},
	{"IdentityDelete", 1, func(d *drawer) run {
		k := domain.IdentityKey{Network: "n", Author: d.id()}
		return func(_ *side, tx store.Tx) (any, error) { return "", tx.IdentityDelete([]domain.IdentityKey{k}) }
	}},
	{"CustomerMove", 2, func(d *drawer) run {
		from, to := d.customer(), d.customer()
		return func(_ *side, tx store.Tx) (any, error) { return "", tx.CustomerMove(from, to) }
	}},
	{"CustomerSplit", 3, func(d *drawer) run {
		c := d.customer()
		return func(_ *side, tx store.Tx) (any, error) { return "", tx.CustomerSplit(c) }
	}},
	{"JournalPart", 2, drawJournalPart},
	{"CustomerErase", 1, func(d *drawer) run {
		c, when, rare := d.customer(), d.time(), d.n("rare", 2) == 0
		return func(_ *side, tx store.Tx) (any, error) {
			if !rare {
				return "not this time", store.ErrNotFound
			}
			return "", tx.CustomerErase(c, when)
		}
	}},
	{"Merge", 1, func(d *drawer) run {
		m, gone := store.MergeRow{ID: d.id(), From: d.customer(), To: d.customer(), At: d.time()}, d.id()
		return func(_ *side, tx store.Tx) (any, error) {
			return "", errors.Join(tx.MergePut(m), tx.MergeDelete(gone))
		}
	}},
	{"Notice", 1, func(d *drawer) run {
		e, key, gone := domain.Event{Source: "s", ID: d.id(), Type: "x", Time: d.time()}, d.id(), d.id()
		end := domain.Event{Source: "s", ID: d.id(), Type: "x.ended", Time: d.time()}
		a := domain.Anchor{Attr: domain.AnchorOrder, Value: d.order()}
		return func(_ *side, tx store.Tx) (any, error) {
			return "", errors.Join(tx.NoticePut(end, gone, nil), tx.NoticePut(e, key, []domain.Anchor{a}))
		}
	}},
	{"Fanout", 1, func(d *drawer) run {
		event, gone, row := int64(d.n("event", 3)), int64(d.n("gone", 3)), store.FanoutRow{Anchor: d.n("anchor", 2), After: d.customer()}
		return func(s *side, tx store.Tx) (any, error) {
			if len(s.events) < 4 { // there is nothing to hand out
				return "", store.ErrNotFound
			}
			row.EventSeq = raw(s.events, 1+event)
			return "", errors.Join(tx.FanoutPut(row), tx.FanoutDelete(raw(s.events, 1+gone)))
		}
	}},
	{"Playbook", 1, func(d *drawer) run {
		row := store.PlaybookRow{Name: d.id(), Hash: d.id(), Source: []byte(d.id()), Policy: []byte(d.id()), At: d.time(), By: d.id()}
		version, when := int64(d.n("version", 3)), d.time()
		return func(_ *side, tx store.Tx) (any, error) {
			var r results
			r.add(tx.PlaybookAdd(row))
			err := tx.PlaybookActivate(version, when, "x")
			r.add(tx.PlaybookActive())
			return r, err
		}
	}},
	{"Switch", 1, func(d *drawer) run {
		sw, gone := store.Switch{Scope: d.id(), Mode: d.id(), At: d.time()}, d.id()
		return func(_ *side, tx store.Tx) (any, error) {
			return "", errors.Join(tx.SwitchPut(sw), tx.SwitchDelete(gone))
		}
	}},
	{"Token", 1, func(d *drawer) run {
		tok, gone := store.Token{Name: d.id(), Hash: [32]byte{byte(1 + d.n("hash", 2))}, CreatedAt: d.time()}, d.id()
		return func(_ *side, tx store.Tx) (any, error) {
			return "", errors.Join(tx.TokenPut(tok), tx.TokenDelete(gone))
		}
	}},
	{"DocumentPut", 3, drawDocumentPut},
	{"DocumentDelete", 1, drawDocumentDelete},
	{"DocumentPrune", 1, drawDocumentPrune},
	{"AuditAppend", 2, drawAudit},
	{"AuditPrune", 1, drawAuditPrune},
	{"DeliveryAdd", 2, drawDelivery},
	{"DeliveryClaim", 1, drawDeliveryClaim},
	{"DeliveryPut", 1, drawDeliveryPut},
	{"DeliverySet", 1, drawDeliverySet},
	{"DeliveryPrune", 1, drawDeliveryPrune},
}

func drawInsert(d *drawer) run {
	row := store.Advocate{ID: d.customer(), Ref: d.pick("ref", "", "r1", "r2"), Search: d.pick("words", "", "ann", "bob ann"), NextDue: d.time(), CreatedAt: d.time()}
	return func(_ *side, tx store.Tx) (any, error) { return "", tx.AdvocateInsert([]store.Advocate{row}) }
}

func drawWrite(d *drawer) run {
	c, other, when, skip := d.customer(), d.customer(), d.time(), int64(d.n("skip", 6)/6)
	row := store.AdvocateWriteRow{ID: c, State: []byte(d.id()), Ref: d.pick("ref", "", "r1", "r2"), Search: d.pick("words", "", "ann", "bob")}
	if d.n("due", 1) == 1 {
		row.NextDue = when
	}
	if d.n("record", 3) > 0 {
		row.Record = []byte(d.id())
	}
	return func(_ *side, tx store.Tx) (any, error) {
		have, err := tx.AdvocateLock([]domain.CustomerID{c, other})
		if err != nil {
			return nil, err
		}
		row.Version = have[0].Version + 1 + skip
		row.At = when.Add(time.Duration(row.Version) * 10 * time.Second) // it never goes back
		return have, tx.AdvocateWrite([]store.AdvocateWriteRow{row})
	}
}

// drawJournalPart parts records of one customer with another whose history they
// are later than, and who writes nothing older afterwards (see drawWrite).
func drawJournalPart(d *drawer) run {
	from, to, how := d.customer(), d.customer(), d.n("how", 26)
	return func(_ *side, tx store.Tx) (any, error) {
		who, err := tx.AdvocateLock([]domain.CustomerID{from, to})
		if err != nil || from == to || who[0].ID == 0 || who[1].ID == 0 || who[0].Redirect != 0 || who[1].Redirect != 0 || who[0].Erased || who[1].Erased {
			return "", err
		}
		rows, err := tx.JournalRead(store.JournalReadParams{Customer: from})
		if err != nil {
			return nil, err
		}
		newest, err := tx.JournalRead(store.JournalReadParams{Customer: to, Limit: 1})
		if err != nil {
			return nil, err
		}
		p, how := store.JournalPartParams{From: from, To: to}, how
		for _, row := range rows {
			out := len(newest) > 0 && row.At.Before(newest[0].At) || row.At.After(T0.Add(time.Duration(who[1].Version+1)*10*time.Second))
			if out || row.Customer != from || len(row.Record) == 0 {
				continue
			}
			part := store.JournalPart{JournalRow: row, Stays: []byte("s"), Goes: row.Record}
			switch how % 3 {
			case 0:
				continue
			case 1:
				part.Stays = nil
			}
			how /= 3
			p.Rows = append([]store.JournalPart{part}, p.Rows...)
		}
		if len(p.Rows) == 0 {
			return "", store.ErrNotFound
		}
		return len(p.Rows), tx.JournalPart(p)
	}
}

func drawSeen(d *drawer) run {
	rows := []store.SeenRow{
		{Key: domain.MakeKey(d.id()), Body: uint64(d.n("body", 1)), At: d.time()}, {Key: domain.MakeKey(d.order()), At: d.time()}, {Key: domain.MakeKey(d.id())},
	}
	return func(_ *side, tx store.Tx) (any, error) { return tx.SeenAdd(rows) }
}

func drawInput(d *drawer) run {
	rows := []store.InboxRow{{Customer: d.customer(), ReadyAt: d.time(), Body: []byte(d.id())}, {Customer: d.customer(), ReadyAt: d.time()}}
	return func(s *side, tx store.Tx) (any, error) {
		err := tx.InboxAppend(rows)
		if err != nil {
			return nil, err
		}
		s.input = append(s.input, rows[0].Seq, rows[1].Seq)
		return s.inputs(rows), nil
	}
}

func drawOrder(d *drawer) run {
	o := domain.Order{ID: d.order(), CustomerRef: d.pick("ref", "", "r1", "r2"), Tracking: d.pick("tracking", "", "T"), UpdatedAt: d.time()}
	look := d.n("look", 1) == 1
	return func(_ *side, tx store.Tx) (any, error) {
		var r results
		if look {
			r.add(tx.OrderGet([]string{o.ID, "A", o.ID}))
		}
		return r, tx.OrderPut([]domain.Order{o})
	}
}

func drawEvent(d *drawer) run {
	e := domain.Event{Source: "s", ID: d.id(), Type: "x", OrderID: d.order(), CustomerRef: d.pick("ref", "", "r1"), CaseID: domain.ObjectID(max(d.customer(), 1), domain.KindCase, 1), Time: T0}
	return func(s *side, tx store.Tx) (any, error) {
		rows := []domain.Event{e, e}
		if err := tx.EventAppend(rows); err != nil {
			return nil, err
		}
		s.events = append(s.events, rows[0].Seq, rows[1].Seq)
		return s.ranked(rows), nil
	}
}

func drawSubscription(d *drawer) run {
	row := store.SubscriptionRow{Customer: d.customer(), Subscription: domain.Subscription{ID: d.id(), Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: d.order()}, Since: d.time()}}
	return func(s *side, tx store.Tx) (any, error) {
		rows := []store.SubscriptionRow{row}
		err := tx.SubscriptionAdd(rows)
		if err == nil {
			err = tx.CatchUpAdd([]store.CatchUpRow{{Customer: row.Customer, Subscription: row.ID, Upto: 1 << 40}})
		}
		return s.subscriptions(rows), err
	}
}

func drawEffect(d *drawer) run {
	c := d.customer()
	e := store.EffectRow{Effect: domain.Effect{ID: d.effectID(c), Customer: c, Destination: d.pick("to", "a", "b"), Conversation: d.pick("conversation", "", "x", "y"), Ordinal: int64(d.n("ordinal", 2)), NotBefore: d.time()}}
	switch d.n("state", 5) {
	case 0:
		e.State = domain.EffectHeld
	case 1, 2:
		e.State, e.Lease = domain.EffectSending, d.time()
	}
	return func(_ *side, tx store.Tx) (any, error) {
		rows := []store.EffectRow{e}
		err := tx.EffectAdd(rows)
		return []any{rows[0].State, rows[0].Attempt, rows[0].Lease}, err
	}
}

// effectAt is the effect at a place in the outbox; with none there, one that
// has only an id.
func effectAt(tx store.Tx, which int, other string) (store.EffectRow, error) {
	rows, err := tx.EffectList(store.EffectListParams{})
	if err == nil && which < len(rows) {
		return rows[which], nil
	}
	return store.EffectRow{Effect: domain.Effect{ID: other}}, err
}

func drawEffectState(d *drawer) domain.EffectState {
	return domain.EffectState(d.pick("state", "pending", "held", "dead", "done", "sending", "odd"))
}
