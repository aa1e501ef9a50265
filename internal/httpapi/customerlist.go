package httpapi

import (
	"context"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type customersInput struct {
	Q string `query:"q" maxLength:"200" doc:"Words that all must occur; is:ignored finds those with an identity on the ignore list."`
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

// byIdentity finds the customers that a search names as a whole: by an
// identity, network/author or network/account/author. A bridge's author may have
// a "/" in its id, so one text may be two people. None when it names nobody.
func (a *API) byIdentity(m *matters, q string) (out []CustomerSummary, err error) {
	network, author, _ := strings.Cut(strings.TrimSpace(q), "/")
	keys := []domain.IdentityKey{{Network: network, Author: author}}
	if account, rest, ok := strings.Cut(author, "/"); ok {
		keys = append(keys, domain.IdentityKey{Network: network, Account: account, Author: rest})
	}
	found, err := m.r.IdentityFind(slices.DeleteFunc(keys, func(k domain.IdentityKey) bool { return !k.Valid() }))
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Compact(found) {
		if id == 0 {
			continue
		}
		t, err := m.read(a, id)
		if domain.ErrorCode(err) == domain.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if ok, err := m.customer(t.row, &t.snap); err != nil {
			return nil, err
		} else if ok {
			out = append(out, summaryOf(t.row, &t.snap))
		}
	}
	return out, nil
}
