package builtin

import (
	"context"
	"strings"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// newestOrders is how many orders come back when none is named.
const newestOrders = 5

type orders struct{ view View }

var _ component.Component = orders{}

// Orders answers from the order records. Lookup.ID is an order's reference,
// however it is written, or a tracking number; without one the newest orders
// of the asker's reference come back. Answers carry the orders' secrets, and
// an order that is named comes back whoever asks: what of it may be told is
// the decision's to know.
func Orders(v View) component.Component { return orders{v} }

func (orders) Name() string { return "orders" }

func (c orders) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	err := read(ctx, c.view, c.Name(), func(r store.Reader) error {
		ans.Orders = nil // the store may run this again
		if strings.TrimSpace(q.ID) == "" {
			return c.newest(r, asker.Ref, &ans)
		}
		return c.named(r, q.ID, &ans)
	})
	if err != nil {
		return domain.ComponentAnswer{Lookup: q}, err
	}
	ans.Found = len(ans.Orders) > 0
	return ans, nil
}

func (c orders) newest(r store.Reader, ref string, ans *domain.ComponentAnswer) error {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > maxKey { // an empty reference is nobody's
		return nil
	}
	list, err := r.OrderList(ref, newestOrders)
	ans.Orders = list
	return err
}

func (c orders) named(r store.Reader, id string, ans *domain.ComponentAnswer) error {
	if len(id) > maxKey {
		return nil
	}
	if folded := domain.FoldRef(id); folded != "" {
		list, err := r.OrderGet([]string{folded})
		if err != nil {
			return err
		}
		if len(list) == 1 && list[0].ID != "" {
			ans.Orders = list
			return nil
		}
	}
	// A parcel's number is often all a customer has. Carriers print it in
	// groups and systems keep it as one word, so both are tried.
	plain := strings.TrimSpace(domain.CleanText(id))
	for _, number := range []string{plain, strings.ToUpper(strings.Join(strings.Fields(plain), ""))} {
		if number == "" {
			continue
		}
		o, err := r.OrderFindTracking(number)
		if err != nil {
			return err
		}
		if o.ID != "" {
			ans.Orders = []domain.Order{o}
			return nil
		}
	}
	return nil
}
