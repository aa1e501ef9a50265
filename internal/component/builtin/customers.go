package builtin

import (
	"context"
	"fmt"
	"strings"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

type customers struct{ view View }

var _ component.Component = customers{}

// Customers answers with the profile behind the asker's own reference.
// Lookup.ID is not looked at: it may be what somebody wrote in a post, and
// nobody gets another person's profile by naming them.
func Customers(v View) component.Component { return customers{v} }

func (customers) Name() string { return "customers" }

func (c customers) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	ref := strings.TrimSpace(asker.Ref)
	if ref == "" || len(ref) > maxKey {
		return ans, ctxErr(ctx, c.Name())
	}
	err := read(ctx, c.view, c.Name(), func(r store.Reader) error {
		ans.Profile = nil
		ids, err := r.RefFind([]string{ref})
		if err != nil || len(ids) != 1 || ids[0] == 0 {
			return err
		}
		ans.Profile, err = profileOf(r, ids[0])
		return err
	})
	if err != nil {
		return domain.ComponentAnswer{Lookup: q}, err
	}
	ans.Found = ans.Profile != nil
	return ans, nil
}

func ctxErr(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return &component.Error{Retry: true, Safe: name + ": was not asked in time", Cause: err}
	}
	return nil
}

// profileOf reads a customer's profile, nil for one that is unknown or erased.
func profileOf(r store.Reader, id domain.CustomerID) (*domain.Profile, error) {
	row, err := store.Standing(r, id)
	if err != nil || row.ID == 0 || row.Erased || len(row.State) == 0 {
		return nil, err
	}
	// Only the part that is asked for: a snapshot can be large.
	var state struct {
		Customer struct{ domain.Profile } `json:"customer"`
	}
	if err := wire.Unmarshal(row.State, &state); err != nil {
		return nil, fmt.Errorf("the state of %v: %w", row.ID, err)
	}
	p := state.Customer.Profile
	p.Normalize()
	return &p, nil
}
