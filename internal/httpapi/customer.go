package httpapi

import (
	"context"
	"fmt"
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
