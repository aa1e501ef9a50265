package httpapi

import (
	"context"
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
