package domain

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// OrderStatus is where an order stands. Systems may use words of their own;
// these are the ones we understand.
type OrderStatus string

const (
	OrderCreated   OrderStatus = "created"
	OrderPaid      OrderStatus = "paid"
	OrderShipped   OrderStatus = "shipped"
	OrderDelayed   OrderStatus = "delayed"
	OrderDelivered OrderStatus = "delivered"
	OrderCanceled  OrderStatus = "canceled"
	OrderRefunded  OrderStatus = "refunded"
)

// Final reports whether nothing more is expected to arrive.
func (s OrderStatus) Final() bool {
	return s == OrderDelivered || s == OrderCanceled || s == OrderRefunded
}

// OrderItem is one line of an order.
type OrderItem struct {
	SKU      string `json:"sku,omitempty"`
	Name     string `json:"name,omitempty"`
	Quantity int    `json:"quantity,omitempty"`
}

// Order is what a system says about an order. Version or UpdatedAt order its
// states: an older one never overwrites a newer one.
type Order struct {
	ID          string      `json:"id"`
	CustomerRef string      `json:"customer_ref,omitempty"`
	Status      OrderStatus `json:"status"`
	PlacedAt    time.Time   `json:"placed_at,omitzero"`
	ETA         time.Time   `json:"eta,omitzero"`      // when it is expected now
	Promised    time.Time   `json:"promised,omitzero"` // when it was first promised
	DeliveredAt time.Time   `json:"delivered_at,omitzero"`
	Carrier     string      `json:"carrier,omitempty"`
	Tracking    string      `json:"tracking,omitempty"`
	Items       []OrderItem `json:"items,omitempty"`
	Total       string      `json:"total,omitempty"` // decimal digits; money is never a float
	Currency    string      `json:"currency,omitempty"`
	Reason      string      `json:"reason,omitempty"` // why it is late or was canceled
	Area        string      `json:"area,omitempty"`
	Email       string      `json:"email,omitempty"`    // a secret of the order
	Postcode    string      `json:"postcode,omitempty"` // a secret of the order
	Version     int64       `json:"version,omitempty"`
	UpdatedAt   time.Time   `json:"updated_at,omitzero"`

	// Revision counts the changes of the company's own table of orders, so that
	// a copy of a row knows an older copy from a newer one whatever the sources
	// gave. 0 is a fact from outside, or a copy that also holds such facts.
	Revision int64 `json:"revision,omitempty" hidden:"true"`
}

// Due is when the order was promised for, or else is expected; zero if nobody
// has said.
func (o *Order) Due() time.Time {
	if o.Promised.IsZero() {
		return o.ETA
	}
	return o.Promised
}

// Late reports whether the order is overdue at now, or its system says that
// it is delayed. An order is in time until the promised day has ended where now
// is: in its location.
func (o *Order) Late(now time.Time) bool {
	if o.Status.Final() {
		return false
	}
	if o.Status == OrderDelayed {
		return true
	}
	due := o.Due()
	if due.IsZero() {
		return false
	}
	last := DateIn(due, now.Location())
	return now.Format(time.DateOnly) > last || !o.ETA.IsZero() && DateIn(o.ETA, now.Location()) > last
}

// DaysLate counts the days of the calendar between the promised day and today
// where now is, or the day it was delivered: what is already too late, never
// what may still come. It is 0 for an order that nobody promised, or that ended
// in another way.
func (o *Order) DaysLate(now time.Time) int {
	due, until := o.Due(), now
	switch {
	case due.IsZero():
		return 0
	case o.Status == OrderDelivered && !o.DeliveredAt.IsZero():
		until = TimeOrDate(o.DeliveredAt, now.Location())
	case o.Status.Final():
		return 0
	}
	return int(max(0, DayNumber(until)-DayNumber(TimeOrDate(due, now.Location()))))
}

// NewerThan reports whether o's facts may replace old's: a higher version,
// or, where a side has none, a time that is not earlier. A source that gives
// neither always replaces. An event without a version leaves an order's
// version as it is, so of two equal ones the times decide as well: the one
// without a time has heard of no event since, and without any time they say
// the same. Versions that cannot be of one numbering (see sameNumbering) are
// not compared: the times decide.
func (o *Order) NewerThan(old *Order) bool {
	if sameNumbering(o.Version, old.Version) {
		if o.Version != old.Version || o.UpdatedAt.IsZero() {
			return o.Version > old.Version
		}
		return !o.UpdatedAt.Before(old.UpdatedAt) // no time is before any
	}
	if !o.UpdatedAt.IsZero() && !old.UpdatedAt.IsZero() {
		return !o.UpdatedAt.Before(old.UpdatedAt)
	}
	return true
}

// maxVersionGap is how far apart two versions of one order may lie and still
// be counted by one hand, whatever they are.
const maxVersionGap = 1000

// sameNumbering reports whether two versions can be of one numbering: both are
// there, and they are close, or one is less than twice the other as time
// stamps and running numbers of a whole shop are. A version out of all
// proportion is a mistake or another way to count. Believing it would keep
// every later fact out.
func sameNumbering(a, b int64) bool {
	if a == 0 || b == 0 {
		return false
	}
	if a > b {
		a, b = b, a
	}
	gap := uint64(b) - uint64(a) // wraps to the distance, whatever the signs
	return gap <= maxVersionGap || a > 0 && gap < uint64(a)
}

// Merge lays newer facts over older ones: what newer leaves empty stays.
// It returns old unchanged when newer is not newer.
func (o Order) Merge(newer Order) Order {
	if !newer.NewerThan(&o) {
		return o
	}
	out := newer
	out.ID = o.ID
	keep := func(dst *string, old string) {
		if *dst == "" {
			*dst = old
		}
	}
	keep(&out.CustomerRef, o.CustomerRef)
	keep((*string)(&out.Status), string(o.Status))
	keep(&out.Carrier, o.Carrier)
	keep(&out.Tracking, o.Tracking)
	keep(&out.Total, o.Total)
	keep(&out.Currency, o.Currency)
	keep(&out.Area, o.Area)
	keep(&out.Email, o.Email)
	keep(&out.Postcode, o.Postcode)
	if out.Status == o.Status {
		keep(&out.Reason, o.Reason)
	}
	keepTime := func(dst *time.Time, old time.Time) {
		if dst.IsZero() {
			*dst = old
		}
	}
	keepTime(&out.PlacedAt, o.PlacedAt)
	keepTime(&out.ETA, o.ETA)
	keepTime(&out.Promised, o.Promised)
	keepTime(&out.DeliveredAt, o.DeliveredAt)
	if out.Promised.IsZero() && !sameTime(out.ETA, o.ETA) {
		out.Promised = o.ETA // the first date we ever heard, now that there is another
	}
	if len(out.Items) == 0 {
		out.Items = o.Items
	}
	switch {
	case out.Version == 0:
		out.Version = o.Version
	case o.Version != 0 && !sameNumbering(o.Version, newer.Version):
		out.Version = min(o.Version, newer.Version) // the one that can be outgrown
	}
	keepTime(&out.UpdatedAt, o.UpdatedAt)
	out.Revision = o.Revision
	return out
}

// Take is the row of the company's table after a fact about its order, o being
// the row before, the zero Order for none. Its revision counts on when the row
// changes and only then.
func (o Order) Take(fact Order) Order {
	if o.ID == "" {
		fact.Revision = 1
		return fact
	}
	out := o.Merge(fact)
	if !out.sameFacts(&o) {
		out.Revision++
	}
	return out
}

// Follow is a copy of an order, o, after it was told said: a row of the table,
// or a fact that some other system answered. Of a copy that holds nothing else
// the newer row takes the place, so that it never differs from the table; with
// other facts it is merged by what those say of their own order.
func (o Order) Follow(said Order) Order {
	if o.Revision != 0 && said.Revision != 0 {
		if said.Revision < o.Revision {
			return o
		}
		return said
	}
	out := o.Merge(said)
	switch {
	case out.sameFacts(&o):
		out.Revision = o.Revision
	case out.sameFacts(&said):
		out.Revision = said.Revision
	default:
		out.Revision = 0
	}
	return out
}

// sameFacts reports whether two orders say the same, whatever their revision.
func (o *Order) sameFacts(b *Order) bool {
	return o.ID == b.ID && o.CustomerRef == b.CustomerRef && o.Status == b.Status && o.Carrier == b.Carrier && o.Tracking == b.Tracking &&
		o.Total == b.Total && o.Currency == b.Currency && o.Reason == b.Reason && o.Area == b.Area && o.Email == b.Email &&
		o.Postcode == b.Postcode && o.Version == b.Version && o.PlacedAt.Equal(b.PlacedAt) && o.ETA.Equal(b.ETA) &&
		o.Promised.Equal(b.Promised) && o.DeliveredAt.Equal(b.DeliveredAt) && o.UpdatedAt.Equal(b.UpdatedAt) && slices.Equal(o.Items, b.Items)
}

// SecretMatches reports whether text holds the order's e-mail or postcode.
// An order without a secret is never opened by one.
func (o *Order) SecretMatches(emails, words []string) bool {
	if want := strings.ToLower(strings.TrimSpace(o.Email)); want != "" {
		for _, e := range emails {
			if strings.ToLower(strings.TrimSpace(e)) == want {
				return true
			}
		}
	}
	if want := FoldSecret(o.Postcode); len(want) >= 4 {
		for i := range words {
			// a postcode may be written in one word or two: "SW1A 1AA"
			if FoldSecret(words[i]) == want || i+1 < len(words) && FoldSecret(words[i]+words[i+1]) == want {
				return true
			}
		}
	}
	return false
}

// FoldSecret keeps letters and digits only, in upper case.
func FoldSecret(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

// FoldRef makes an order reference comparable: upper case, without a leading
// "#" and without white space.
func FoldRef(s string) string {
	s = strings.TrimLeft(cleanKey(s), "#")
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}

// Normalize folds and cleans what comparisons rest on, of an order that comes
// from outside: it has no revision. A customer's reference that CheckKey refuses
// is nobody's.
func (o *Order) Normalize() {
	o.Revision = 0
	o.ID = FoldRef(o.ID)
	if o.CustomerRef = cleanKey(o.CustomerRef); CheckKey("", o.CustomerRef) != nil {
		o.CustomerRef = ""
	}
	for _, s := range []*string{&o.Carrier, &o.Tracking, &o.Total, &o.Currency, &o.Reason, &o.Area, &o.Postcode} {
		*s = strings.TrimSpace(CleanText(*s))
	}
	o.Email = strings.ToLower(strings.TrimSpace(CleanText(o.Email)))
	o.Status = OrderStatus(strings.ToLower(strings.TrimSpace(CleanText(string(o.Status)))))
}

// Public is the order without its secrets, as templates and answers see it.
func (o Order) Public() Order {
	o.Email, o.Postcode, o.Revision = "", "", 0
	return o
}

// OrderFromEvent reads an order.* event's data over the built-in meaning of
// its type. ok is false when the event does not concern an order. A version or
// a time from the future is not believed (see NotAhead): an event that is wrong
// about when it is from is still the newest thing we were told, and must not
// be the last.
func OrderFromEvent(e *Event) (o Order, ok bool) {
	kind, isOrder := strings.CutPrefix(e.Type, "order.")
	if !isOrder || e.OrderID == "" {
		return Order{}, false
	}
	if len(e.Data) > 0 {
		o, _ = orderData(e.Data)
	}
	o.ID = e.OrderID
	if o.CustomerRef == "" {
		o.CustomerRef = e.CustomerRef
	}
	switch s := OrderStatus(kind); s {
	case OrderCreated, OrderPaid, OrderShipped, OrderDelayed, OrderDelivered, OrderCanceled, OrderRefunded:
		o.Status = s
		if s == OrderDelivered && o.DeliveredAt.IsZero() {
			o.DeliveredAt = e.Time
		}
		if s == OrderCreated && o.PlacedAt.IsZero() {
			o.PlacedAt = e.Time
		}
	}
	if o.UpdatedAt.IsZero() {
		o.UpdatedAt = e.Time
	}
	o.NotAhead(e.Time)
	o.Normalize()
	return o, true
}

// NotAhead takes back what an order's source says about the order of its facts
// and cannot know yet at now: an UpdatedAt further ahead than MaxClockAhead
// becomes now, and a version that reads as such a time, in seconds, milli-,
// micro- or nanoseconds since 1970, is forgotten, so that the times decide.
// Either would keep every later fact out. The facts themselves stand.
func (o *Order) NotAhead(now time.Time) {
	latest := now.Add(MaxClockAhead)
	if o.UpdatedAt.After(latest) {
		o.UpdatedAt = now
	}
	for unit, at := int64(1), latest.Unix(); ; unit *= 1000 {
		// Nine digits and more of a unit are a date from 2001 on; ten times as
		// many are no longer one in this unit.
		if o.Version >= 1e9*unit && o.Version/unit < 1e10 && o.Version/unit > at {
			o.Version = 0
		}
		if unit == 1e9 {
			return
		}
	}
}
