package httpapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// knownOrder is an order as its advocate may speak of it. While it is not
// open, nothing but its number is told.
type knownOrder struct {
	ID    string        `json:"id"`
	Open  bool          `json:"open" doc:"An identity of the customer may hear of it."`
	Found bool          `json:"found" doc:"false: it was asked for and nobody knows it, or it is not open."`
	Late  bool          `json:"late,omitempty" doc:"It is later than was promised, as conditions and messages understand it: where the customer is, the day is over by which it was to arrive, or it is expected after that day, or its carrier says that it is delayed."`
	At    time.Time     `json:"at" doc:"When the advocate last heard of it."`
	Order *domain.Order `json:"order,omitempty"`
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
		out, err = a.ordersOf(r, &snap)
		return err
	})
	return all(out), err
}

// maxOrderHistory is how many of a customer's orders are listed beside those
// that came up in a case.
const maxOrderHistory = 200

// ordersOf is a customer's order history: the orders that came up, and, for a
// customer with a proven identity, all that the company holds for them.
func (a *API) ordersOf(r store.Reader, s *domain.Snapshot) ([]knownOrder, error) {
	local := a.now().In(domain.Zone(s.Customer.TimeZone, a.o.Engine.Policy().TimeZone))
	out := make([]knownOrder, 0, len(s.Orders))
	if s.Customer.Ref != "" && slices.ContainsFunc(s.Customer.Identities, func(i domain.Identity) bool { return i.Proven() }) {
		held, err := r.OrderList(s.Customer.Ref, maxOrderHistory)
		if err != nil {
			return nil, err
		}
		for i := range held {
			if s.Order(held[i].ID) == nil {
				k := knownOrder{ID: held[i].ID, Open: true, At: held[i].UpdatedAt}
				k.show(&held[i], local)
				out = append(out, k)
			}
		}
	}
	for i := range s.Orders {
		o := &s.Orders[i]
		k := knownOrder{ID: o.ID, Open: o.Open, At: o.At}
		if o.Open && o.Found {
			k.show(&o.Order, local)
		}
		out = append(out, k)
	}
	slices.SortStableFunc(out, func(x, y knownOrder) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.ID, y.ID)) })
	return out, nil
}

// show adds what is known of an order that is open. local is now, where the
// customer is: there a day ends.
func (k *knownOrder) show(o *domain.Order, local time.Time) {
	public := o.Public()
	k.Found, k.Late, k.Order = true, o.Late(local), &public
}
