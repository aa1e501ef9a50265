package sim

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// faults are planted ones by name. Each breaks one seam from outside, now and
// then, as a defect there would.
var faults = map[string]func(*driver){
	// An effect is decided and never reaches the outbox.
	"lost-effect": broken(func(f *faulty) {
		f.effectAdd = func(tx store.Tx, rows []store.EffectRow) error {
			if f.strikes() && len(rows) > 0 {
				rows = rows[1:]
			}
			return tx.EffectAdd(rows)
		}
	}),
	// An input stays in the inbox after its decision, and is decided again.
	"double-decision": broken(func(f *faulty) {
		f.inboxDelete = func(tx store.Tx, rows []store.InboxKey) error {
			if f.strikes() {
				return nil
			}
			return tx.InboxDelete(rows)
		}
	}),
	// What was seen before passes for new.
	"skipped-duplicate-check": broken(func(f *faulty) {
		f.seenAdd = func(tx store.Tx, rows []store.SeenRow) ([]store.SeenResult, error) {
			out, err := tx.SeenAdd(rows)
			for i := range out {
				if out[i] == store.SeenSame && f.strikes() {
					out[i] = store.SeenNew
				}
			}
			return out, err
		}
	}),
	// A subscriber is overlooked.
	"missed-event": broken(func(f *faulty) {
		f.subscriptionFind = func(tx store.Tx, p store.SubscriptionFindParams) ([][]store.SubscriptionRow, error) {
			out, err := tx.SubscriptionFind(p)
			for i := range out {
				if len(out[i]) > 0 && f.strikes() {
					out[i] = out[i][1:]
				}
			}
			return out, err
		}
	}),
	// A private message with details of an order goes out in public.
	"public-leak": tampered(func(d *driver, m *message) {
		if len(d.told(m.text)) > 0 {
			m.visibility = domain.Public
		}
	}),
	// A message tells of an order that its reader has not proven.
	"unproven-order": tampered(func(d *driver, m *message) {
		for _, o := range d.orders {
			if m.visibility == domain.Private && !d.mayHear(m.to, o) && d.chance(0.2) {
				m.text += " It is with " + d.facts(o).Carrier + "."
				return
			}
		}
	}),
	// Nobody looks at a post again before it is answered.
	"no-look": func(d *driver) { d.blind = true },
	// Who looks at a post is shown what its author has gone back from.
	"old-look": func(d *driver) {
		for _, n := range d.networks {
			n.old = true
		}
	},
	// It is forgotten how far a message has gone: it begins again.
	"begun-again": func(d *driver) {
		for _, n := range d.networks {
			if n.notes != nil {
				n.notes.forgets = true
			}
		}
	},
	// That somebody blocks us is taken for a message that did not arrive.
	"blocked-written-to": func(d *driver) {
		for _, n := range d.networks {
			n.hushes = true
		}
	},
	// The time of a promise passes and nobody is woken.
	"broken-promise": broken(unwoken(hasOpenPromise)),
	// An acknowledged input never reaches its inbox.
	"lost-input": broken(func(f *faulty) {
		f.inboxAppend = func(tx store.Tx, rows []store.InboxRow) error {
			if f.strikes() {
				return nil
			}
			return tx.InboxAppend(rows)
		}
	}),
	// A message leaves before the one ahead of it.
	"overtaking": broken(func(f *faulty) {
		f.effectAdd = func(tx store.Tx, rows []store.EffectRow) error {
			for i := range rows {
				rows[i].Conversation = ""
			}
			return tx.EffectAdd(rows)
		}
	}),
	// Erasing leaves something behind.
	"left-behind": broken(func(f *faulty) {
		f.customerErase = func(tx store.Tx, id domain.CustomerID, at time.Time) error {
			items, err := tx.WorkItemList(store.WorkItemListParams{Customer: id})
			if err != nil {
				return err
			}
			if err := tx.CustomerErase(id, at); err != nil || len(items) == 0 {
				return err
			}
			return tx.WorkItemPut(items[:1])
		}
	}),
	// The desk and the engine believe that agents have more room than they do.
	"crowded-agent": broken(func(f *faulty) {
		f.documents = func(docs []store.Document) []store.Document {
			for i := range docs {
				if a, err := store.AgentOf(docs[i]); err == nil && docs[i].Kind == store.AgentKind && a.ID != "" {
					a.Capacity++
					docs[i], _ = store.AgentDocument(a)
				}
			}
			return docs
		}
	}),
	// The desk is not told of a work item.
	"lost-item": broken(func(f *faulty) {
		f.workItemPut = func(tx store.Tx, items []domain.WorkItem) error {
			if f.strikes() {
				return nil
			}
			return tx.WorkItemPut(items)
		}
	}),
	// The desk believes that somebody else has a work item.
	"held-twice": broken(func(f *faulty) {
		f.workItemPut = func(tx store.Tx, items []domain.WorkItem) error {
			for i := range items {
				if w := &items[i]; w.State == domain.WorkAssigned && f.strikes() {
					w.Agent = "agent-" + map[bool]string{true: "1", false: "2"}[w.Agent != "agent-1"]
				}
			}
			return tx.WorkItemPut(items)
		}
	}),
	// The time of a work item passes and nobody is woken.
	"silent-overdue": broken(unwoken(func(s *domain.Snapshot) bool {
		return len(s.Timers) > 0 && s.Timers[0].Kind == domain.TimerWorkItem // they are in order
	})),
	// Nobody is woken for a case that a person leaves lying.
	"silent-stale": broken(unwoken(func(s *domain.Snapshot) bool {
		return slices.ContainsFunc(s.Cases, func(c domain.Case) bool { return c.Owner != "" && c.State != domain.CaseResolved })
	})),
	// The desk overlooks what waits when it takes over.
	"idle-agent": broken(func(f *faulty) {
		f.scan = func(items []domain.WorkItem) []domain.WorkItem {
			if f.strikes() {
				return nil
			}
			return items
		}
	}),
}

// Faults lists the faults that can be planted.
func Faults() []string { return sortedKeys(faults) }

func hasOpenPromise(s *domain.Snapshot) bool {
	for i := range s.Cases {
		for j := range s.Cases[i].Promises {
			if s.Cases[i].Promises[j].State == domain.PromiseOpen {
				return true
			}
		}
	}
	return false
}

// unwoken lets a customer's next timer be forgotten while something holds.
func unwoken(while func(*domain.Snapshot) bool) func(*faulty) {
	return func(f *faulty) {
		f.advocateWrite = func(tx store.Tx, rows []store.AdvocateWriteRow) error {
			for i := range rows {
				if p := f.oracle.proxies[rows[i].ID]; p != nil && while(&p.snap) {
					rows[i].NextDue = time.Time{}
				}
			}
			return tx.AdvocateWrite(rows)
		}
	}
}

// tampered plants a network that changes messages.
func tampered(change func(*driver, *message)) func(*driver) {
	return func(d *driver) {
		for _, n := range d.networks {
			n.tamper = func(m *message) { change(d, m) }
		}
	}
}

// broken plants a store between the engine and the tap.
func broken(plant func(*faulty)) func(*driver) {
	return func(d *driver) {
		f := &faulty{Store: d.disk, driver: d, oracle: d.oracle}
		plant(f)
		d.disk = f
	}
}

// faulty is a store with one defect.
type faulty struct {
	store.Store
	driver *driver
	oracle *oracle

	effectAdd        func(store.Tx, []store.EffectRow) error
	inboxAppend      func(store.Tx, []store.InboxRow) error
	inboxDelete      func(store.Tx, []store.InboxKey) error
	seenAdd          func(store.Tx, []store.SeenRow) ([]store.SeenResult, error)
	subscriptionFind func(store.Tx, store.SubscriptionFindParams) ([][]store.SubscriptionRow, error)
	advocateWrite    func(store.Tx, []store.AdvocateWriteRow) error
	workItemPut      func(store.Tx, []domain.WorkItem) error
	customerErase    func(store.Tx, domain.CustomerID, time.Time) error
	documents        func([]store.Document) []store.Document
	scan             func([]domain.WorkItem) []domain.WorkItem
}

// strikes draws whether the defect shows this time.
func (f *faulty) strikes() bool { return f.driver.chance(0.1) }

// Update implements store.Store.
func (f *faulty) Update(ctx context.Context, fn func(store.Tx) error) error {
	return f.Store.Update(ctx, func(tx store.Tx) error { return fn(&faultyTx{Tx: tx, f: f}) })
}

type faultyTx struct {
	store.Tx
	f *faulty
}

func (t *faultyTx) EffectAdd(rows []store.EffectRow) error {
	if t.f.effectAdd != nil {
		return t.f.effectAdd(t.Tx, rows)
	}
	return t.Tx.EffectAdd(rows)
}

func (t *faultyTx) InboxAppend(rows []store.InboxRow) error {
	if t.f.inboxAppend != nil {
		return t.f.inboxAppend(t.Tx, rows)
	}
	return t.Tx.InboxAppend(rows)
}

func (t *faultyTx) InboxDelete(rows []store.InboxKey) error {
	if t.f.inboxDelete != nil {
		return t.f.inboxDelete(t.Tx, rows)
	}
	return t.Tx.InboxDelete(rows)
}

func (t *faultyTx) SeenAdd(rows []store.SeenRow) ([]store.SeenResult, error) {
	if t.f.seenAdd != nil {
		return t.f.seenAdd(t.Tx, rows)
	}
	return t.Tx.SeenAdd(rows)
}

func (t *faultyTx) SubscriptionFind(p store.SubscriptionFindParams) ([][]store.SubscriptionRow, error) {
	if t.f.subscriptionFind != nil {
		return t.f.subscriptionFind(t.Tx, p)
	}
	return t.Tx.SubscriptionFind(p)
}

func (t *faultyTx) AdvocateWrite(rows []store.AdvocateWriteRow) error {
	if t.f.advocateWrite != nil {
		return t.f.advocateWrite(t.Tx, rows)
	}
	return t.Tx.AdvocateWrite(rows)
}

func (t *faultyTx) WorkItemPut(items []domain.WorkItem) error {
	if t.f.workItemPut != nil {
		return t.f.workItemPut(t.Tx, items)
	}
	return t.Tx.WorkItemPut(items)
}

func (t *faultyTx) CustomerErase(id domain.CustomerID, at time.Time) error {
	if t.f.customerErase != nil {
		return t.f.customerErase(t.Tx, id, at)
	}
	return t.Tx.CustomerErase(id, at)
}

// View implements store.Store.
func (f *faulty) View(ctx context.Context, fn func(store.Reader) error) error {
	return f.Store.View(ctx, func(r store.Reader) error { return fn(&faultyReader{Reader: r, f: f}) })
}

type faultyReader struct {
	store.Reader
	f *faulty
}

func (r *faultyReader) DocumentList(p store.DocumentListParams) ([]store.Document, error) {
	docs, err := r.Reader.DocumentList(p)
	if r.f.documents != nil {
		docs = r.f.documents(docs)
	}
	return docs, err
}

func (r *faultyReader) DocumentGet(kind string, ids []string) ([]store.Document, error) {
	docs, err := r.Reader.DocumentGet(kind, ids)
	if r.f.documents != nil {
		docs = r.f.documents(docs)
	}
	return docs, err
}

func (r *faultyReader) WorkItemScan(p store.WorkItemScanParams) ([]domain.WorkItem, error) {
	items, err := r.Reader.WorkItemScan(p)
	if r.f.scan != nil {
		items = r.f.scan(items)
	}
	return items, err
}

func (t *faultyTx) DocumentLock(kind string, ids []string) ([]store.Document, error) {
	docs, err := t.Tx.DocumentLock(kind, ids)
	if t.f.documents != nil && t.f.driver.desk != nil { // not while agents are changed
		docs = t.f.documents(docs)
	}
	return docs, err
}
