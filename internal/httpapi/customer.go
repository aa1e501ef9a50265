package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

type CustomerSummary struct {
	ID         domain.CustomerID `json:"id"`
	Ref        string            `json:"ref,omitempty" doc:"The company's own reference."`
	Name       string            `json:"name,omitempty"`
	Tier       string            `json:"tier,omitempty"`
	Lang       string            `json:"lang,omitempty"`
	Identities []IdentityView    `json:"identities"`
	OpenCases  int               `json:"open_cases"`
	Version    int64             `json:"version" doc:"Decisions so far."`
	LastAt     time.Time         `json:"last_at,omitzero" doc:"When the advocate last decided."`
	NextDue    time.Time         `json:"next_due,omitzero" doc:"When it wakes by itself."`
	CreatedAt  time.Time         `json:"created_at"`
}

type customerDetail struct {
	CustomerSummary
	Phone    string         `json:"phone,omitempty"`
	Email    string         `json:"email,omitempty"`
	TimeZone string         `json:"time_zone,omitempty"`
	Consent  domain.Consent `json:"consent"`
	Contacts contactsView   `json:"contacts"`
}

// contactsView is how often the advocate has written of late, and how often it
// may.
type contactsView struct {
	Proactive      int `json:"proactive" doc:"Messages of the last 24 hours that answered nothing the customer had written."`
	ProactiveLimit int `json:"proactive_limit" doc:"As many in 24 hours, and no more."`
	Hour           int `json:"hour" doc:"Automated messages of the last hour, of any kind."`
	HourLimit      int `json:"hour_limit"`
}

func viewContacts(s *domain.Snapshot, p *domain.Policy, now time.Time) contactsView {
	since := func(times []time.Time, back time.Duration) (n int) {
		for _, t := range times {
			if t.After(now.Add(-back)) {
				n++
			}
		}
		return n
	}
	return contactsView{since(s.Contacts, 24*time.Hour), p.MaxContacts, since(s.Sent, time.Hour), p.MaxRepliesHour}
}

// historyEntry is one line of a customer's history with the decision it
// stands in.
type historyEntry struct {
	domain.Entry
	Decision int64 `json:"decision" doc:"The version of the decision that wrote it."`
}

// knownOrder is an order as its advocate may speak of it. While it is not
// open, nothing but its number is told.
type knownOrder struct {
	ID    string        `json:"id"`
	Open  bool          `json:"open" doc:"An identity of the customer may hear of it."`
	Found bool          `json:"found" doc:"false: it was asked for and nobody knows it, or it is not open."`
	At    time.Time     `json:"at" doc:"When the advocate last heard of it."`
	Order *domain.Order `json:"order,omitempty"`
}

// CustomerInput names a customer. Like the other inputs that are embedded it
// is exported only because huma looks into no other.
type CustomerInput struct {
	ID string `path:"id" maxLength:"600" doc:"The customer's id (c and thirteen letters or digits), or the company's own reference."`

	who   auth.Principal    // who asks
	found domain.CustomerID // who it is, once that was read
}

// Resolve implements huma.Resolver.
func (in *CustomerInput) Resolve(ctx huma.Context) []error {
	in.who = caller(ctx.Context())
	return nil
}

func (in *CustomerInput) about() domain.CustomerID { return in.found }

// CustomerListInput is of lists that are given whole: they have no second page,
// so that every cursor is a mistake.
type CustomerListInput struct {
	CustomerInput
	Cursor string `query:"cursor" maxLength:"128" doc:"None is given out: the list has one page."`
}

func (in *CustomerListInput) one() error {
	if in.Cursor != "" {
		return badCursor(in.Cursor)
	}
	return nil
}

type CustomerPageInput struct {
	CustomerInput
	PageInput
}

func (a *API) registerCustomers() {
	const tag = "Customers"
	register(a, call{id: "list-customers", method: "GET", path: "/v1/customers", need: readCustomers, tag: tag, summary: "Find customers",
		about: "By name, reference, e-mail, phone or handle, oldest first; or the one whose identity q names, as network/author or network/account/author."}, a.listCustomers)
	register(a, call{id: "get-customer", method: "GET", path: "/v1/customers/{id}", need: readCustomers, tag: tag, summary: "A customer",
		about: "One that was merged into another gives that other."}, a.getCustomer)
	register(a, call{id: "get-customer-history", method: "GET", path: "/v1/customers/{id}/history", need: readCustomers, tag: tag,
		summary: "What happened", about: "Newest first."}, a.customerHistory)
	register(a, call{id: "get-customer-orders", method: "GET", path: "/v1/customers/{id}/orders", need: readCustomers, tag: tag,
		summary: "The customer's order history", about: "The orders that came up and, with a proven identity, all that the company holds for the customer. Details only of those that are open to an identity of the customer."}, a.customerOrders)
	register(a, call{id: "get-customer-cases", method: "GET", path: "/v1/customers/{id}/cases", need: readCustomers, tag: tag,
		summary: "The customer's cases", about: "Changed last first, at most 500."}, a.customerCases)
	register(a, call{id: "get-customer-subscriptions", method: "GET", path: "/v1/customers/{id}/subscriptions", need: readCustomers, tag: tag,
		summary: "Which events the advocate waits for"}, a.customerSubscriptions)
	register(a, call{id: "get-customer-decisions", method: "GET", path: "/v1/customers/{id}/decisions", need: readCustomers, tag: tag,
		summary: "What the advocate decided, and why", about: "Newest first: the inputs, the rules considered, what came of it."}, a.customerDecisions)
}

// customer reads the state of the customer that a path names, if whoever asks
// may see it.
func (a *API) customer(r store.Reader, in *CustomerInput) (store.Advocate, domain.Snapshot, error) {
	t, _, err := a.matter(r, in)
	if err != nil {
		return store.Advocate{}, domain.Snapshot{}, err
	}
	return t.row, t.snap, nil
}

// matter is customer for who goes on to ask what of it may be seen.
func (a *API) matter(r store.Reader, in *CustomerInput) (*matter, *matters, error) {
	m, err := a.matters(r, in.who)
	if err != nil {
		return nil, nil, err
	}
	id, err := domain.ParseCustomerID(in.ID)
	nobody := domain.Errorf(domain.CodeNotFound, "there is no customer %s", in.ID)
	if err != nil {
		nobody = domain.Errorf(domain.CodeNotFound,
			"there is no customer of the id or reference %.80q; /v1/customers?q= finds them by name, e-mail, phone, handle or network/author", in.ID)
		found, err := r.RefFind([]string{in.ID})
		if err != nil {
			return nil, nil, err
		}
		if id = found[0]; id == 0 {
			return nil, nil, nobody
		}
	}
	row, snap, err := a.advocate(r, id)
	if err != nil {
		if domain.ErrorCode(err) == domain.CodeNotFound && !m.all() {
			err = nobody // that there was somebody is no less told
		}
		return nil, nil, err
	}
	seen, err := m.customer(row, &snap)
	if err != nil {
		return nil, nil, err
	}
	if !seen {
		return nil, nil, nobody
	}
	in.found = row.ID
	return m.matter(row, snap), m, nil
}

// advocate reads a customer's state, following what it was merged into.
func (a *API) advocate(r store.Reader, id domain.CustomerID) (store.Advocate, domain.Snapshot, error) {
	row, err := store.Standing(r, id)
	switch {
	case err != nil:
		return row, domain.Snapshot{}, err
	case row.Erased: // its row has no more than that
		return row, domain.Snapshot{}, domain.Errorf(domain.CodeNotFound, "customer %s was erased", id)
	case row.ID == 0:
		return row, domain.Snapshot{}, domain.Errorf(domain.CodeNotFound, "there is no customer %s", id)
	}
	snap, err := decodeState(row)
	return row, snap, err
}

func decodeState(row store.Advocate) (domain.Snapshot, error) {
	snap := domain.Snapshot{Customer: domain.Customer{ID: row.ID}}
	if len(row.State) == 0 {
		return snap, nil
	}
	if err := wire.Unmarshal(row.State, &snap); err != nil {
		return snap, fmt.Errorf("state of customer %s: %w", row.ID, err)
	}
	return snap, nil
}

// snapshot is customer in a transaction of its own.
func (a *API) snapshot(ctx context.Context, in *CustomerInput) (row store.Advocate, snap domain.Snapshot, err error) {
	err = a.view(ctx, func(r store.Reader) (err error) {
		row, snap, err = a.customer(r, in)
		return err
	})
	return row, snap, err
}

func summaryOf(row store.Advocate, s *domain.Snapshot) CustomerSummary {
	out := CustomerSummary{
		ID: row.ID, Ref: s.Customer.Ref, Name: s.Customer.Name, Tier: s.Customer.Tier, Lang: s.Customer.Lang,
		Identities: viewIdentities(s.Customer.Identities), Version: row.Version, LastAt: s.LastAt, NextDue: row.NextDue, CreatedAt: row.CreatedAt,
	}
	for i := range s.Cases {
		if s.Cases[i].IsOpen() {
			out.OpenCases++
		}
	}
	return out
}

type customersInput struct {
	Q string `query:"q" maxLength:"200" doc:"Words that all must occur."`
	PageInput
}

func (a *API) listCustomers(ctx context.Context, in *customersInput) (*listOutput[CustomerSummary], error) {
	var after domain.CustomerID
	if in.Cursor != "" {
		var err error
		if after, err = domain.ParseCustomerID(in.Cursor); err != nil {
			return nil, badCursor(in.Cursor)
		}
	}
	var out []CustomerSummary
	next := ""
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		m, err := a.matters(r, caller(ctx))
		if err != nil {
			return err
		}
		if one, err := a.byIdentity(m, in.Q); err != nil || one != nil {
			out = one
			return err
		}
		out, next, err = reachedCustomers(m, store.AdvocateListParams{Query: in.Q, After: after, Limit: in.limit() + 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	page := all(out)
	page.Body.Next = next
	return page, nil
}

// reachedCustomers reads a page of those that a caller may see, as reachedItems
// does of work items.
func reachedCustomers(m *matters, p store.AdvocateListParams) (out []CustomerSummary, next string, err error) {
	limit := p.Limit - 1
	for seen := 0; ; {
		rows, err := m.r.AdvocateList(p)
		if err != nil {
			return nil, "", err
		}
		for _, row := range rows {
			snap, err := decodeState(row)
			if err != nil {
				return nil, "", err
			}
			if ok, err := m.customer(row, &snap); err != nil || !ok {
				if err != nil {
					return nil, "", err
				}
				continue
			}
			if len(out) == limit {
				return out, out[limit-1].ID.String(), nil
			}
			out = append(out, summaryOf(row, &snap))
		}
		if len(rows) < p.Limit {
			return out, "", nil
		}
		p.After = rows[len(rows)-1].ID
		if seen += len(rows); seen >= maxPassedOver {
			return out, p.After.String(), nil
		}
	}
}

// byIdentity finds the customer that a search names as a whole: by an
// identity, network/author or network/account/author. None when it does not.
func (a *API) byIdentity(m *matters, q string) ([]CustomerSummary, error) {
	parts := strings.Split(strings.TrimSpace(q), "/")
	k := domain.IdentityKey{Network: parts[0], Author: parts[len(parts)-1]}
	if len(parts) == 3 {
		k.Account = parts[1]
	}
	if len(parts) < 2 || len(parts) > 3 || !k.Valid() {
		return nil, nil
	}
	found, err := m.r.IdentityFind([]domain.IdentityKey{k})
	if err != nil || found[0] == 0 {
		return nil, err
	}
	t, err := m.read(a, found[0])
	if domain.ErrorCode(err) == domain.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if ok, err := m.customer(t.row, &t.snap); err != nil || !ok {
		return nil, err
	}
	return []CustomerSummary{summaryOf(t.row, &t.snap)}, nil
}

type customerOutput struct {
	Body customerDetail
}

func (a *API) getCustomer(ctx context.Context, in *CustomerInput) (*customerOutput, error) {
	row, snap, err := a.snapshot(ctx, in)
	if err != nil {
		return nil, err
	}
	return &customerOutput{a.detailOf(row, &snap)}, nil
}

func (a *API) detailOf(row store.Advocate, s *domain.Snapshot) customerDetail {
	c := &s.Customer
	return customerDetail{summaryOf(row, s), c.Phone, c.Email, c.TimeZone, c.Consent, viewContacts(s, a.o.Engine.Policy(), a.now())}
}

type historyInput struct {
	CustomerPageInput
	Case string             `query:"case" maxLength:"64" doc:"Only what concerns this case."`
	Kind []domain.EntryKind `query:"kind" maxItems:"20" enum:"post,reply,sent,not_sent,staff,event,lookup,answer,case,work_item,promise,subscription,identity,consent,set_aside,alarm,rating,note" doc:"Only entries of these kinds, apart by commas."`
}

func (a *API) customerHistory(ctx context.Context, in *historyInput) (*listOutput[historyEntry], error) {
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	out := all([]historyEntry{})
	err = a.view(ctx, func(r store.Reader) error {
		out = all([]historyEntry{})
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		// A page is whole decisions: a cursor then never falls into the
		// middle of one. Some write nothing, so it may take a few reads.
		for len(out.Body.Items) < in.limit() {
			rows, err := r.JournalRead(store.JournalReadParams{Customer: t.row.ID, BeforeSeq: before, Limit: defaultPage})
			if err != nil {
				return err
			}
			for i, j := range rows {
				rec, err := decodeRecord(j)
				if err != nil {
					return err
				}
				for _, e := range slices.Backward(rec.Entries) {
					if in.Case != "" && e.Case != in.Case || len(in.Kind) > 0 && !slices.Contains(in.Kind, e.Kind) {
						continue
					}
					if ok, err := m.concerns(t, e.Case); err != nil {
						return err
					} else if ok {
						out.Body.Items = append(out.Body.Items, historyEntry{e, rec.Version})
					}
				}
				before = j.Seq
				if len(out.Body.Items) >= in.limit() && (i < len(rows)-1 || len(rows) == defaultPage) {
					out.Body.Next = strconv.FormatInt(before, 10)
					return nil
				}
			}
			if len(rows) < defaultPage {
				return nil
			}
		}
		return nil
	})
	return out, err
}

func (a *API) customerOrders(ctx context.Context, in *CustomerListInput) (*listOutput[knownOrder], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []knownOrder
	err := a.view(ctx, func(r store.Reader) error {
		_, snap, err := a.customer(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		out, err = ordersOf(r, &snap)
		return err
	})
	return all(out), err
}

// maxOrderHistory is how many of a customer's orders are listed beside those
// that came up in a case.
const maxOrderHistory = 200

// ordersOf is a customer's order history: the orders that came up, and, for a
// customer with a proven identity, all that the company holds for them.
func ordersOf(r store.Reader, s *domain.Snapshot) ([]knownOrder, error) {
	out := make([]knownOrder, 0, len(s.Orders))
	if s.Customer.Ref != "" && slices.ContainsFunc(s.Customer.Identities, func(i domain.Identity) bool { return i.Proven() }) {
		held, err := r.OrderList(s.Customer.Ref, maxOrderHistory)
		if err != nil {
			return nil, err
		}
		for i := range held {
			if s.Order(held[i].ID) == nil {
				public := held[i].Public()
				out = append(out, knownOrder{ID: public.ID, Open: true, Found: true, At: public.UpdatedAt, Order: &public})
			}
		}
	}
	for _, o := range s.Orders {
		k := knownOrder{ID: o.ID, Open: o.Open, At: o.At}
		if o.Open {
			k.Found = o.Found
			if o.Found {
				public := o.Order.Public()
				k.Order = &public
			}
		}
		out = append(out, k)
	}
	slices.SortStableFunc(out, func(x, y knownOrder) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.ID, y.ID)) })
	return out, nil
}

func (a *API) customerCases(ctx context.Context, in *CustomerListInput) (*listOutput[CaseView], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []CaseView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		old, err := r.CaseList(t.row.ID, maxPage)
		if err != nil {
			return err
		}
		all := casesOf(t.row.ID, t.snap.Cases, old)
		out, err = kept(all, func(c *CaseView) (bool, error) { return m.concerns(t, c.ID) })
		return err
	})
	return all(out), err
}

// casesOf joins the advocate's cases with those it has let go of.
func casesOf(id domain.CustomerID, held, old []domain.Case) []CaseView {
	out := make([]CaseView, 0, len(held)+len(old))
	known := map[string]bool{}
	for _, c := range slices.Concat(held, old) {
		if !known[c.ID] {
			known[c.ID] = true
			out = append(out, ViewCase(id, c))
		}
	}
	slices.SortStableFunc(out, func(x, y CaseView) int {
		return cmp.Or(y.UpdatedAt.Compare(x.UpdatedAt), cmp.Compare(x.ID, y.ID))
	})
	return out
}

func (a *API) customerSubscriptions(ctx context.Context, in *CustomerListInput) (*listOutput[SubscriptionView], error) {
	if err := in.one(); err != nil {
		return nil, err
	}
	var out []domain.Subscription
	err := a.view(ctx, func(r store.Reader) error {
		t, m, err := a.matter(r, &in.CustomerInput)
		if err == nil {
			out, err = kept(t.snap.Subscriptions, func(s *domain.Subscription) (bool, error) { return m.concerns(t, s.Case) })
		}
		return err
	})
	return all(viewSubscriptions(out)), err
}

func (a *API) customerDecisions(ctx context.Context, in *CustomerPageInput) (*listOutput[recordView], error) {
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	type row struct {
		recordView
		seq  int64
		seen bool
	}
	var rows []row
	err = a.view(ctx, func(r store.Reader) error {
		rows = nil
		t, m, err := a.matter(r, &in.CustomerInput)
		if err != nil {
			return err
		}
		found, err := r.JournalRead(store.JournalReadParams{Customer: t.row.ID, BeforeSeq: before, Limit: in.limit() + 1})
		if err != nil {
			return err
		}
		for _, j := range found {
			rec, err := decodeRecord(j)
			if err != nil {
				return err
			}
			seen, err := m.record(t, &rec)
			if err != nil {
				return err
			}
			rows = append(rows, row{viewRecord(rec), j.Seq, seen})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	page := paged(rows, in.limit(), func(r row) string { return strconv.FormatInt(r.seq, 10) })
	out := all([]recordView{})
	out.Body.Next = page.Body.Next
	for _, r := range page.Body.Items {
		if r.seen { // a page may be short: what is out of reach counts for the cursor
			out.Body.Items = append(out.Body.Items, r.recordView)
		}
	}
	return out, nil
}
