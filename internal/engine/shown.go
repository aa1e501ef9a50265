package engine

import (
	"cmp"
	"slices"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// admitShown notes what posts that come in now show in public, whenever they
// are going to be decided on: others can read them already.
func (t *turn) admitShown() error {
	for _, s := range t.order {
		inputs := make([]domain.Input, 0, len(s.offers))
		for i := range s.offers {
			inputs = append(inputs, s.offers[i].in)
		}
		t.shown = append(t.shown, advocate.Shown(&s.snap, inputs)...)
	}
	return nil
}

// chooseShown does so again for what is decided now, which says together more
// than each part did.
func (t *turn) chooseShown() error {
	for _, s := range t.order {
		t.shown = append(t.shown, advocate.Shown(&s.snap, s.inputs)...)
		s.provable = advocate.Provable(&s.snap, s.inputs)
	}
	slices.SortFunc(t.shown, func(a, b domain.Attempt) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Shown, b.Shown))
	})
	t.shown = slices.Compact(t.shown)
	return nil
}

// shownOrders lists the orders whose public words are written or read.
func (t *turn) shownOrders() (orders []string) {
	for i := range t.shown {
		if i == 0 || t.shown[i].Order != t.shown[i-1].Order {
			orders = append(orders, t.shown[i].Order)
		}
	}
	for _, s := range t.order {
		orders = append(orders, s.provable...)
	}
	return orders
}

// voidShown writes what this turn's posts show, and tells private posts what
// of them was public before.
func (t *turn) voidShown() error {
	if len(t.shown) > 0 {
		if err := t.tx.AttemptAdd(t.shown, t.now); err != nil {
			return err
		}
	}
	for _, s := range t.order {
		var void []string
		for _, ref := range s.provable {
			shown, err := t.tx.AttemptShown(ref, t.now.Add(-domain.SeenWindow), domain.MaxShown+1)
			if err != nil {
				return err
			}
			void = append(void, advocate.Void(ref, shown, s.inputs)...)
		}
		for i := range s.inputs {
			if in := &s.inputs[i]; len(void) > 0 && in.Kind == domain.InputPost && in.Post.Visibility == domain.Private {
				in.Void = void
			}
		}
	}
	return nil
}
