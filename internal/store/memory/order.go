package memory

import (
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (r *reader) OrderGet(ids []string) ([]domain.Order, error) {
	out := make([]domain.Order, len(ids))
	for i, id := range ids {
		out[i] = r.s.orders.rows[id]
	}
	return copies(out)
}

func newestOrder(a, b domain.Order) int {
	return then(b.UpdatedAt.Compare(a.UpdatedAt), compare(a.ID, b.ID))
}

func (r *reader) OrderList(ref string, limit int) ([]domain.Order, error) {
	return copies(r.s.orders.list(func(o domain.Order) bool { return ref != "" && o.CustomerRef == ref }, newestOrder, store.Limit(limit)))
}

func (r *reader) OrderFindTracking(tracking string) (domain.Order, error) {
	found := r.s.orders.list(func(o domain.Order) bool { return tracking != "" && o.Tracking == tracking }, newestOrder, 1)
	if len(found) == 0 {
		return domain.Order{}, nil
	}
	return copyOf(found[0])
}

func (t *tx) OrderPut(orders []domain.Order) error {
	for i := range orders {
		if orders[i].ID == "" {
			return emptyKey("order id")
		}
	}
	kept, err := copies(orders)
	if err != nil {
		return err
	}
	for _, o := range kept {
		t.s.orders.put(t.s, o.ID, o)
	}
	return nil
}
