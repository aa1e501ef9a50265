package playbook

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/contact-advocate/advocate/internal/domain"
)

var orderStatusWords = []string{"", "created", "paid", "shipped", "delayed", "delivered", "canceled", "refunded"}

var noOrder domain.KnownOrder

func (o *object) known() *domain.KnownOrder {
	if o.order == nil {
		return &noOrder
	}
	return o.order
}

var orderFields = map[string]field{
	"id":           text(func(o *object) string { return o.known().ID }),
	"status":       wordOf(orderStatusWords, func(o *object) string { return string(o.known().Status) }),
	"late":         flag(func(o *object) bool { return o.known().Late(inZone(o.view.Now, o.view.Zone)) }),
	"days_late":    number(func(o *object) int { return o.known().DaysLate(inZone(o.view.Now, o.view.Zone)) }),
	"eta":          ahead(func(o *object) time.Time { return o.known().ETA }),
	"promised":     ahead(func(o *object) time.Time { return o.known().Promised }),
	"delivered_at": past(func(o *object) time.Time { return o.known().DeliveredAt }),
	"placed_at":    past(func(o *object) time.Time { return o.known().PlacedAt }),
	"carrier":      text(func(o *object) string { return o.known().Carrier }),
	"tracking":     text(func(o *object) string { return o.known().Tracking }),
	"items": texts(func(o *object) []string {
		out := make([]string, 0, len(o.known().Items))
		for _, it := range o.known().Items {
			if it.Name != "" {
				out = append(out, it.Name)
			}
		}
		return out
	}),
	"skus": texts(func(o *object) []string {
		out := make([]string, 0, len(o.known().Items))
		for _, it := range o.known().Items {
			if it.SKU != "" {
				out = append(out, it.SKU)
			}
		}
		return out
	}),
	"area":     text(func(o *object) string { return o.known().Area }),
	"total":    text(func(o *object) string { return o.known().Total }),
	"currency": text(func(o *object) string { return o.known().Currency }),
	"reason":   text(func(o *object) string { return o.known().Reason }),
	"found":    flag(func(o *object) bool { return o.known().Found }),
	"open":     flag(func(o *object) bool { return o.known().Open }),
	"known":    flag(func(o *object) bool { return o.order != nil }),
}

var orderKind = newKind("order", orderFields)

// ordersKind is answer.orders: what the component said, with the fields of
// the order it was about.
var ordersKind = newKind("answer.orders", func() map[string]field {
	fields := make(map[string]field, len(orderFields)+1)
	for name, f := range orderFields {
		fields[name] = f
	}
	fields["found"] = flag(func(o *object) bool { return o.fact.found })
	fields["error"] = text(func(o *object) string { return o.fact.err })
	return fields
}())

// ahead is a time or a date for which something is promised: a date lasts until
// its day has ended where the customer is.
func ahead(get func(*object) time.Time) field {
	return field{typ: cel.TimestampType, get: func(o *object) ref.Val { return types.Timestamp{Time: timeOrDate(get(o), o.view)} }}
}

// past is a time or a date on which something has happened: a date counts from
// where its day began.
func past(get func(*object) time.Time) field {
	return field{typ: cel.TimestampType, get: func(o *object) ref.Val {
		at := timeOrDate(get(o), o.view)
		if domain.IsDate(at) {
			y, m, d := at.Date()
			at = time.Date(y, m, d, 0, 0, 0, 0, at.Location())
		}
		return types.Timestamp{Time: at}
	}}
}

// timeOrDate is an order's time in conditions: a time is in UTC, as all are.
func timeOrDate(t time.Time, v *View) time.Time {
	if at := domain.TimeOrDate(t, v.zone()); domain.IsDate(at) {
		return at
	}
	return t.UTC()
}

// inZone is a time on the customer's clock, UTC if it is not known.
func inZone(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t.UTC()
	}
	return t.In(zone)
}

// fact is what a component said, from the input or from the case's memory.
type fact struct {
	found bool
	asked bool
	key   string
	err   string
	data  map[string]any
}

// fact finds the newest thing a component said; name is folded.
func (v *View) fact(name string) fact {
	if a := v.Answer; a != nil && foldName(a.Component) == name {
		f := fact{found: a.Found, asked: true, key: a.ID, err: a.Error, data: v.data(a.Data)}
		if len(a.Orders) == 1 {
			f.key = a.Orders[0].ID
		}
		return f
	}
	c := v.matter()
	for i := len(c.Known) - 1; i >= 0; i-- {
		if k := &c.Known[i]; foldName(k.Name) == name {
			return fact{found: k.Found, asked: true, key: k.Key, err: k.Error, data: v.data(k.Data)}
		}
	}
	return fact{}
}

// mayHear reports whether the case's identity may be told of an order. What
// it may not be told drives no condition either.
func (v *View) mayHear(k *domain.KnownOrder) bool {
	return k.Found && v.Snapshot != nil && v.Snapshot.Customer.MayHear(v.matter().Identity, &k.Order)
}

// answeredOrder is the order that answer.orders is about.
func (v *View) answeredOrder(key string) *domain.KnownOrder {
	if v.Snapshot != nil {
		if k := v.Snapshot.Order(domain.FoldRef(key)); k != nil && v.mayHear(k) {
			return k
		}
	}
	if v.Order != nil && (key == "" || v.Order.ID == domain.FoldRef(key)) {
		return v.Order
	}
	return nil
}

// factKind is the answer of any other component: found, error, and whatever
// fields its data has.
var factKind = func() *kind {
	k := newKind("fact", map[string]field{
		"found": flag(func(o *object) bool { return o.fact.found }),
		"error": text(func(o *object) string { return o.fact.err }),
	})
	k.any = func(name string) field {
		return field{
			typ: cel.DynType,
			get: func(o *object) ref.Val {
				x, ok := o.fact.data[name]
				if !ok {
					return types.NewErr("the answer has no field %q", name).(*types.Err)
				}
				return types.DefaultTypeAdapter.NativeToValue(x)
			},
			set: func(o *object) bool { _, ok := o.fact.data[name]; return ok },
		}
	}
	return k
}()

// answerKind is the map of all answers, by component.
var answerKind = func() *kind {
	ordersField := field{typ: ordersKind.typ,
		get: func(o *object) ref.Val {
			f := o.view.fact("order")
			return &object{kind: ordersKind, view: o.view, fact: f, order: o.view.answeredOrder(f.key)}
		},
		set: func(o *object) bool { return o.view.fact("order").asked },
	}
	k := newKind("answer", map[string]field{"orders": ordersField, "order": ordersField})
	k.any = func(name string) field {
		name = foldName(name)
		return field{typ: factKind.typ,
			get: func(o *object) ref.Val { return &object{kind: factKind, view: o.view, fact: o.view.fact(name)} },
			set: func(o *object) bool { return o.view.fact(name).asked },
		}
	}
	return k
}()
