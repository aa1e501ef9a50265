package engine

import (
	"context"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Export is everything kept about one customer.
type Export struct {
	Customer  domain.Customer   `json:"customer"`
	At        time.Time         `json:"at"`
	State     domain.Snapshot   `json:"state"`
	Records   []domain.Record   `json:"records"` // newest first
	Cases     []domain.Case     `json:"cases"`
	Orders    []domain.Order    `json:"orders"` // those of the customer's reference
	WorkItems []domain.WorkItem `json:"work_items"`
	Effects   []store.EffectRow `json:"effects"`
	Pending   []domain.Input    `json:"pending"`
}

// Export gathers everything kept about a customer, for the customer. What
// their posts name without proof may be somebody else's order: of such an
// order only its reference is given.
func (e *Engine) Export(ctx context.Context, id domain.CustomerID) (Export, error) {
	x := Export{At: e.clock.Now()}
	err := e.store.View(ctx, func(r store.Reader) error {
		row, err := standing(r, id)
		if err != nil {
			return err
		}
		if err := wire.Unmarshal(row.State, &x.State); err != nil {
			return internal("read a state", err)
		}
		hidden := map[string]bool{}
		for i := range x.State.Orders {
			if o := &x.State.Orders[i]; !o.Open {
				hidden[o.ID] = true
				*o = domain.KnownOrder{Order: domain.Order{ID: o.ID}} // not even that there is one
			}
		}
		x.Customer = x.State.Customer
		hideSummaries(x.State.WorkItems, hidden)
		if x.Records, err = readRecords(r, row.ID, 0); err != nil {
			return err
		}
		for i := range x.Records {
			hideOrders(x.Records[i].Inputs, hidden)
		}
		if x.Cases, err = r.CaseList(row.ID, 0); err != nil {
			return err
		}
		x.Cases = append(x.Cases, x.State.Cases...)
		if ref := x.Customer.Ref; ref != "" {
			if x.Orders, err = r.OrderList(ref, 0); err != nil {
				return err
			}
		}
		if x.WorkItems, err = allWorkItems(r, row.ID); err != nil {
			return err
		}
		hideSummaries(x.WorkItems, hidden)
		if x.Effects, err = allEffects(r, row.ID); err != nil {
			return err
		}
		pending, err := r.InboxRead([]domain.CustomerID{row.ID})
		if err != nil {
			return err
		}
		for _, p := range pending {
			var in domain.Input
			if wire.Unmarshal(p.Body, &in) == nil {
				in.Seq = p.Seq
				x.Pending = append(x.Pending, in)
			}
		}
		hideOrders(x.Pending, hidden)
		return nil
	})
	return x, e.edge("export a customer", err)
}

// standing is [store.Standing] of a customer there is.
func standing(r store.Reader, id domain.CustomerID) (store.Advocate, error) {
	row, err := store.Standing(r, id)
	if err == nil && (row.ID == 0 || row.Erased) {
		err = domain.Errorf(domain.CodeNotFound, "there is no customer %v", id)
	}
	return row, err
}

// readRecords reads a customer's records newest first, at most limit; 0 for
// all. One that cannot be read is given with its version and time alone.
func readRecords(r store.Reader, id domain.CustomerID, limit int) ([]domain.Record, error) {
	var out []domain.Record
	var before int64
	for {
		rows, err := r.JournalRead(store.JournalReadParams{Customer: id, BeforeSeq: before, Limit: pageSize})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			rec := domain.Record{}
			if wire.Unmarshal(row.Record, &rec) != nil {
				rec = domain.Record{Customer: row.Customer, Version: row.Version, At: row.At}
			}
			out = append(out, rec)
			before = row.Seq
			if limit > 0 && len(out) == limit {
				return out, nil
			}
		}
		if len(rows) < pageSize {
			return out, nil
		}
	}
}

// pageSize is how many rows are asked for at once where all are wanted.
const pageSize = 200

// allPages gathers every row of a list that is read page by page; id names a
// row for the page after it.
func allPages[T any](read func(after string) ([]T, error), id func(*T) string) ([]T, error) {
	var out []T
	after := ""
	for {
		page, err := read(after)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < pageSize {
			return out, nil
		}
		after = id(&page[len(page)-1])
	}
}

// allWorkItems gives every work item of a customer, newest first.
func allWorkItems(r store.Reader, id domain.CustomerID) ([]domain.WorkItem, error) {
	return allPages(func(after string) ([]domain.WorkItem, error) {
		return r.WorkItemList(store.WorkItemListParams{Customer: id, After: after, Limit: pageSize})
	}, func(w *domain.WorkItem) string { return w.ID })
}

// allEffects gives everything of a customer's that is in the outbox, by id.
func allEffects(r store.Reader, id domain.CustomerID) ([]store.EffectRow, error) {
	return allPages(func(after string) ([]store.EffectRow, error) {
		return r.EffectList(store.EffectListParams{Customer: id, After: after, Limit: pageSize})
	}, func(e *store.EffectRow) string { return e.ID })
}

// hideOrders strips unproven orders from inputs, and every order's secrets.
func hideOrders(inputs []domain.Input, hidden map[string]bool) {
	strip := func(o *domain.Order) {
		if hidden[o.ID] {
			*o = domain.Order{ID: o.ID}
			return
		}
		*o = o.Public()
	}
	for i := range inputs {
		in := &inputs[i]
		if in.Order != nil {
			strip(in.Order)
		}
		if e := in.Event; e != nil && hidden[e.OrderID] {
			in.Event = &domain.Event{Source: e.Source, ID: e.ID, OrderID: e.OrderID, Time: e.Time}
		}
		if a := in.Answer; a != nil {
			for k := range a.Orders {
				if hidden[a.Orders[k].ID] {
					a.Found, a.Data = false, nil
				}
				strip(&a.Orders[k])
			}
		}
	}
}

// hideSummaries leaves out what our people are told of unproven orders.
func hideSummaries(items []domain.WorkItem, hidden map[string]bool) {
	for i := range items {
		for id := range hidden {
			if strings.Contains(items[i].Summary, "Order "+id+" ") {
				items[i].Summary = ""
			}
		}
	}
}
