package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// importer is the author of what an import says.
const importer = "import"

// importBatch is how many rows are written together.
const importBatch = 256

// ImportReport says what an import did, row by row where it refused one.
type ImportReport struct {
	Added     int       `json:"added"`
	Updated   int       `json:"updated"`
	Unchanged int       `json:"unchanged"`
	Merged    int       `json:"merged,omitempty"` // strangers who turned out to be a known customer
	Refused   []Refusal `json:"refused,omitempty"`
}

// Refusal is a row that was not imported. Row counts from 1.
type Refusal struct {
	Row    int    `json:"row"`
	Name   string `json:"name,omitempty"` // the order's id or the customer's reference
	Reason string `json:"reason"`
}

func (r *ImportReport) refuse(row int, name, reason string) {
	r.Refused = append(r.Refused, Refusal{Row: row + 1, Name: name, Reason: reason})
}

// CustomerImport is what a trusted system says about one customer.
type CustomerImport struct {
	domain.Profile
	Identities []domain.Identity `json:"identities,omitempty"`
	Consent    *domain.Consent   `json:"consent,omitempty"`
}

// OrdersImport lays orders over what is known; older facts change nothing, and
// doing it twice is doing it once. An order that was known and has another
// status now is told to its subscribers as an event of source "import". Rows
// that are refused are reported; an error means that the rest was not read.
func (e *Engine) OrdersImport(ctx context.Context, orders []domain.Order) (ImportReport, error) {
	var report ImportReport
	for at := 0; at < len(orders); at += importBatch {
		end := min(at+importBatch, len(orders))
		var events []domain.Event
		var part ImportReport
		err := e.store.Update(ctx, func(tx store.Tx) (err error) {
			part = ImportReport{}
			events, err = e.importOrders(tx, orders[at:end], at, &part)
			return err
		})
		if err != nil {
			return report, e.edge("import orders", err)
		}
		report.Added += part.Added
		report.Updated += part.Updated
		report.Unchanged += part.Unchanged
		report.Refused = append(report.Refused, part.Refused...)
		if len(events) == 0 {
			continue
		}
		receipts, err := e.EventsSubmit(ctx, events)
		if err != nil {
			return report, err
		}
		for i, r := range receipts {
			if r.Err != nil {
				report.refuse(at+i, events[i].OrderID, r.Err.Error())
			}
		}
	}
	return report, nil
}

func (e *Engine) importOrders(tx store.Tx, orders []domain.Order, first int, report *ImportReport) ([]domain.Event, error) {
	said := slices.Clone(orders)
	ids := make([]string, len(said))
	for i := range said {
		said[i].Normalize()
		said[i].NotAhead(e.clock.Now())
		ids[i] = said[i].ID
		if ids[i] == "" || len(ids[i]) > domain.MaxEventField {
			ids[i] = "?" // folding leaves no order with that id alone
		}
	}
	known, err := tx.OrderGet(ids)
	if err != nil {
		return nil, err
	}
	now := map[string]domain.Order{}
	var put []string
	var events []domain.Event
	for i := range said {
		o := said[i]
		switch {
		case o.ID == "":
			report.refuse(first+i, "", "id: is required and must not be empty")
			continue
		case len(o.ID) > domain.MaxEventField:
			report.refuse(first+i, o.ID[:40], fmt.Sprintf("id: is %d bytes long; at most %d are accepted", len(o.ID), domain.MaxEventField))
			continue
		}
		old, seen := now[o.ID]
		if !seen {
			old = known[i]
		}
		next := old.Take(o)
		if next.Revision == old.Revision {
			report.Unchanged++
			continue
		}
		told := false
		if old.ID == "" {
			report.Added++
		} else {
			report.Updated++
			if told = next.Status != old.Status && next.Status != ""; told {
				fact := next
				fact.Revision = 0
				data, err := json.Marshal(map[string]any{"order": fact})
				if err != nil {
					return nil, err
				}
				what := domain.MakeKey(string(data)) // two imports may fall into one microsecond
				events = append(events, domain.Event{
					Source: importer, ID: fmt.Sprintf("%s@%d/%d/%x", next.ID, e.clock.Now().UnixMicro(), first+i, what[:6]),
					Type: "order." + string(next.Status), Time: next.UpdatedAt, OrderID: next.ID, CustomerRef: next.CustomerRef, Data: data,
				})
			}
		}
		if !told && !slices.Contains(put, o.ID) {
			put = append(put, o.ID) // what is told is written with its event
		}
		now[o.ID] = next
	}
	if len(put) == 0 {
		return events, nil
	}
	rows := make([]domain.Order, len(put))
	for i, id := range put {
		rows[i] = now[id]
	}
	return events, tx.OrderPut(rows)
}

// CustomersImport lays profiles and identities over what is known, with a
// trusted system's word: the identities are proven by it. A stranger who wrote
// under such an identity before is joined with the customer; one that is
// another customer of the company is refused. Doing it twice is doing it once.
func (e *Engine) CustomersImport(ctx context.Context, customers []CustomerImport) (ImportReport, error) {
	im := &customerImport{e: e}
	for i := range customers {
		if err := im.row(ctx, i, customers[i]); err != nil {
			return im.report, err
		}
	}
	return im.report, im.flush(ctx)
}

// customerImport gathers commands and writes many at once.
type customerImport struct {
	e      *Engine
	report ImportReport
	items  []*item
	rows   []int
	said   []CustomerImport
	again  bool // rows that met somebody new are tried a second time
	refs   map[string]bool
	keys   map[domain.IdentityKey]bool
	ids    map[domain.CustomerID]bool
}

func (im *customerImport) row(ctx context.Context, n int, c CustomerImport) error {
	c.Profile.Normalize()
	for _, f := range profileFields(&c.Profile) {
		if len(*f) > domain.MaxPostField {
			im.report.refuse(n, c.Ref[:min(40, len(c.Ref))], fmt.Sprintf("a field is %d bytes long; at most %d are accepted", len(*f), domain.MaxPostField))
			return nil
		}
	}
	c.Identities = slices.Clone(c.Identities)
	err := checkIdentities(c.Identities)
	if err == nil {
		err = im.e.nameAuthors(ctx, c.Identities)
	}
	if err != nil {
		im.report.refuse(n, c.Ref, err.Error())
		return nil
	}
	if c.Ref == "" && len(c.Identities) == 0 {
		im.report.refuse(n, c.Name, "ref: is required where no identity is given: there is nothing to find the customer by")
		return nil
	}
	// A row that concerns somebody of this batch must see what that led to.
	clash := c.Ref != "" && im.refs[c.Ref]
	for _, id := range c.Identities {
		clash = clash || im.keys[id.IdentityKey]
	}
	if clash || len(im.items) >= importBatch {
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	owner, reason, err := im.find(ctx, &c)
	if err != nil {
		return err
	}
	if reason != "" {
		im.report.refuse(n, c.Ref, reason)
		return nil
	}
	if owner != 0 && im.ids[owner] {
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	return im.add(ctx, n, owner, c)
}

// find says who the customer is, 0 for a new one, joining strangers.
func (im *customerImport) find(ctx context.Context, c *CustomerImport) (owner domain.CustomerID, reason string, err error) {
	var owners []store.Advocate
	err = im.e.store.View(ctx, func(r store.Reader) error {
		owner, owners, reason = 0, nil, ""
		if c.Ref != "" {
			found, err := r.RefFind([]string{c.Ref})
			if err != nil {
				return err
			}
			owner = found[0]
		}
		keys := make([]domain.IdentityKey, len(c.Identities))
		for i := range c.Identities {
			keys[i] = c.Identities[i].IdentityKey
		}
		if len(keys) == 0 {
			return nil
		}
		found, err := r.IdentityFind(keys)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(id domain.CustomerID) bool { return id == 0 || id == owner })
		slices.Sort(found)
		if owners, err = r.AdvocateGet(slices.Compact(found)); err != nil {
			return err
		}
		for _, o := range owners {
			if o.Ref != "" && (c.Ref != "" || owner != 0) && o.Ref != c.Ref {
				reason = fmt.Sprintf("identities: one of them is customer %v's, who has the reference %.100q", o.ID, o.Ref)
			}
		}
		return nil
	})
	if err != nil || reason != "" {
		return 0, reason, im.e.edge("import customers", err)
	}
	for _, o := range owners {
		if owner == 0 {
			owner = o.ID
			continue
		}
		if err := im.flush(ctx); err != nil {
			return 0, "", err
		}
		if _, err := im.e.Merge(ctx, o.ID, owner, importer); err != nil {
			if domain.ErrorCode(err) == domain.CodeConflict {
				return 0, "identities: " + err.Error(), nil
			}
			return 0, "", err
		}
		im.report.Merged++
	}
	return owner, "", nil
}

func (im *customerImport) add(ctx context.Context, n int, owner domain.CustomerID, c CustomerImport) error {
	it := &item{customer: owner, command: &domain.Command{
		Kind: domain.CommandProfile, By: importer, Profile: &c.Profile, Identities: c.Identities, Trusted: true,
	}}
	if owner == 0 {
		it.profile = &c.Profile
	} else {
		same, err := im.same(ctx, owner, &c)
		if err != nil {
			return err
		}
		if same {
			im.report.Unchanged++
			return nil
		}
	}
	if im.refs == nil {
		im.refs, im.keys, im.ids = map[string]bool{}, map[domain.IdentityKey]bool{}, map[domain.CustomerID]bool{}
	}
	if c.Ref != "" {
		im.refs[c.Ref] = true
	}
	for _, id := range c.Identities {
		im.keys[id.IdentityKey] = true
	}
	if owner != 0 {
		im.ids[owner] = true
	}
	im.items, im.rows, im.said = append(im.items, it), append(im.rows, n), append(im.said, c)
	return nil
}

// same reports whether everything a row says is known already.
func (im *customerImport) same(ctx context.Context, id domain.CustomerID, c *CustomerImport) (bool, error) {
	same := true
	err := im.e.store.View(ctx, func(r store.Reader) error {
		same = true
		row, err := standing(r, id)
		if err != nil {
			return err
		}
		var snap domain.Snapshot
		if err := wire.Unmarshal(row.State, &snap); err != nil {
			same = false
			return nil
		}
		cur := profileFields(&snap.Customer.Profile)
		for i, f := range profileFields(&c.Profile) {
			same = same && (*f == "" || *f == *cur[i])
		}
		for i := range c.Identities {
			known := snap.Customer.Identity(c.Identities[i].IdentityKey)
			same = same && known != nil && known.Ignored == c.Identities[i].Ignored &&
				slices.ContainsFunc(known.Evidence, func(ev domain.Evidence) bool { return ev.Kind == domain.EvidenceSystem })
		}
		same = same && (c.Consent == nil || *c.Consent == snap.Customer.Consent)
		return nil
	})
	return same, im.e.edge("import customers", err)
}

// flush writes what was gathered: profiles in one commit, then consents.
func (im *customerImport) flush(ctx context.Context) error {
	items, rows, said := im.items, im.rows, im.said
	im.items, im.rows, im.said, im.refs, im.keys, im.ids = nil, nil, nil, nil, nil, nil
	if err := im.e.submit(ctx, items); err != nil {
		return err
	}
	var more []*item
	var met []int
	for i, it := range items {
		if err := it.receipt.Err; err != nil {
			if it.profile != nil && !im.again && domain.ErrorCode(err) == domain.CodeConflict {
				met = append(met, i)
				continue
			}
			im.report.refuse(rows[i], it.command.Profile.Ref, strings.TrimSpace(err.Error()))
			continue
		}
		if it.profile != nil {
			im.report.Added++
		} else {
			im.report.Updated++
		}
		if said[i].Consent != nil {
			more = append(more, &item{customer: it.receipt.Customer, command: &domain.Command{
				Kind: domain.CommandConsent, By: importer, Consent: said[i].Consent, Trusted: true,
			}})
		}
	}
	if err := im.e.submit(ctx, more); err != nil || len(met) == 0 {
		return err
	}
	// Somebody else made these customers since they were looked for; they are
	// known now.
	im.again = true
	defer func() { im.again = false }()
	for _, i := range met {
		if err := im.row(ctx, rows[i], said[i]); err != nil {
			return err
		}
	}
	return im.flush(ctx)
}
