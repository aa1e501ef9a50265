package engine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/wire"
)

// mergeManifest is what both customers were before a merge, and so what came
// from each.
type mergeManifest struct {
	From domain.Snapshot `json:"from"`
	To   domain.Snapshot `json:"to"`
}

// mergeSnapshots makes one customer of two. to keeps its id, its numbers and
// its version; where both say something about the person, to's word stands.
// Every refusal of either stands, and what either received counts.
func mergeSnapshots(to, from domain.Snapshot) domain.Snapshot {
	out := cloneSnapshot(to)
	in := cloneSnapshot(from)
	had := out.Customer.Profile
	fillProfile(&out.Customer.Profile, in.Customer.Profile)
	out.Customer.Facts.Fill(&had, &in.Customer.Facts)
	out.Customer.Consent = to.Customer.Consent.Stricter(from.Customer.Consent)
	for _, id := range in.Customer.Identities {
		if out.Customer.Identity(id.IdentityKey) == nil {
			out.Customer.Identities = append(out.Customer.Identities, id)
		}
	}
	if in.LastAt.After(out.LastAt) {
		out.LastAt = in.LastAt
	}
	// Messages of one conversation leave in the order of their numbers, also
	// where the first were from's.
	out.Numbers.Effect = max(to.Numbers.Effect, from.Numbers.Effect)
	out.Cases = append(out.Cases, in.Cases...)
	slices.SortStableFunc(out.Cases, func(a, b domain.Case) int {
		return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), strings.Compare(a.ID, b.ID))
	})
	for _, o := range in.Orders {
		old := out.Order(o.ID)
		switch {
		case old == nil:
			out.Orders = append(out.Orders, o)
		case o.At.After(old.At):
			o.Open = o.Open || old.Open
			*old = o
		default:
			old.Open = old.Open || o.Open
		}
	}
	for _, w := range in.WorkItems {
		w.Customer = out.Customer.ID
		out.WorkItems = append(out.WorkItems, w)
	}
	out.Subscriptions = append(out.Subscriptions, in.Subscriptions...)
	for _, tm := range in.Timers {
		tm.Name = timerFor(tm, out.Customer.ID)
		out.Timers = append(out.Timers, tm)
	}
	sortTimers(out.Timers)
	out.Contacts = unionTimes(to.Contacts, from.Contacts)
	out.Sent = unionTimes(to.Sent, from.Sent)
	out.Attempts = unionTimes(to.Attempts, from.Attempts)
	if in.RatingAsked.After(out.RatingAsked) {
		out.RatingAsked = in.RatingAsked
	}
	return out
}

// splitSnapshot undoes a merge: both get back what the manifest says was
// theirs, as it is now, and what their identities or cases have produced
// since. What cannot be told apart (a refusal, a message received) holds for
// both. Versions are the caller's to set.
func splitSnapshot(cur domain.Snapshot, m *mergeManifest) (to, from domain.Snapshot) {
	p := newParting(&cur, m)
	to, from = cloneSnapshot(cur), domain.Snapshot{Customer: domain.Customer{ID: m.From.Customer.ID}, Numbers: m.From.Numbers, LastAt: cur.LastAt, RatingAsked: cur.RatingAsked}
	from.Numbers.Effect = max(from.Numbers.Effect, cur.Numbers.Effect) // see mergeSnapshots
	from.Customer.Profile, from.Customer.Facts = m.From.Customer.Profile, m.From.Customer.Facts
	clearProfile(&to.Customer.Profile, m.To.Customer.Profile, m.From.Customer.Profile)
	if p.systemKnowsFrom(&cur, m) {
		partProfile(&to.Customer, &from.Customer, &cur.Customer, m)
	}
	if cur.Customer.Consent == m.To.Customer.Consent.Stricter(m.From.Customer.Consent) {
		to.Customer.Consent, from.Customer.Consent = m.To.Customer.Consent, m.From.Customer.Consent
	} else {
		to.Customer.Consent = m.To.Customer.Consent.Stricter(cur.Customer.Consent)
		from.Customer.Consent = m.From.Customer.Consent.Stricter(cur.Customer.Consent)
	}
	part(&to.Customer.Identities, &from.Customer.Identities, func(id *domain.Identity) bool { return p.identities[id.IdentityKey] })
	part(&to.Cases, &from.Cases, func(c *domain.Case) bool { return p.cases[c.ID] })
	part(&to.WorkItems, &from.WorkItems, func(w *domain.WorkItem) bool { return p.cases[w.Case] })
	part(&to.Subscriptions, &from.Subscriptions, func(s *domain.Subscription) bool { return p.subscriptions[s.ID] })
	part(&to.Timers, &from.Timers, p.timer)
	for i := range from.WorkItems {
		from.WorkItems[i].Customer = from.Customer.ID
	}
	for i := range from.Timers {
		from.Timers[i].Name = timerFor(from.Timers[i], from.Customer.ID)
	}
	sortTimers(from.Timers)
	from.Orders = slices.DeleteFunc(cloneSnapshot(cur).Orders, func(o domain.KnownOrder) bool { return !p.fromOrders[o.ID] })
	to.Orders = slices.DeleteFunc(to.Orders, func(o domain.KnownOrder) bool { return !p.toOrders[o.ID] })
	for _, x := range []struct {
		to, from      *[]time.Time
		cur, mto, mfr []time.Time
	}{
		{&to.Contacts, &from.Contacts, cur.Contacts, m.To.Contacts, m.From.Contacts},
		{&to.Sent, &from.Sent, cur.Sent, m.To.Sent, m.From.Sent},
		{&to.Attempts, &from.Attempts, cur.Attempts, m.To.Attempts, m.From.Attempts},
	} {
		*x.to, *x.from = partTimes(x.cur, x.mto, x.mfr)
	}
	for _, s := range []*domain.Snapshot{&to, &from} {
		for i := range s.Orders {
			o := &s.Orders[i]
			o.Open = slices.ContainsFunc(s.Customer.Identities, func(id domain.Identity) bool {
				return s.Customer.MayHear(id.IdentityKey, &o.Order)
			})
		}
	}
	return to, from
}

// parting says what goes back.
type parting struct {
	identities           map[domain.IdentityKey]bool
	cases, subscriptions map[string]bool
	fromOrders, toOrders map[string]bool
}

func newParting(cur *domain.Snapshot, m *mergeManifest) *parting {
	p := &parting{
		identities: map[domain.IdentityKey]bool{}, cases: map[string]bool{}, subscriptions: map[string]bool{},
		fromOrders: map[string]bool{}, toOrders: map[string]bool{},
	}
	for _, id := range m.From.Customer.Identities {
		if m.To.Customer.Identity(id.IdentityKey) == nil {
			p.identities[id.IdentityKey] = true
		}
	}
	for i := range cur.Cases {
		c := &cur.Cases[i]
		p.cases[c.ID] = p.caseIsFrom(c, m)
		side := p.toOrders
		if p.cases[c.ID] {
			side = p.fromOrders
		}
		for _, ref := range append([]string{c.Focus}, c.OrderRefs...) {
			side[ref] = true
		}
	}
	for i := range cur.Subscriptions {
		s := &cur.Subscriptions[i]
		p.subscriptions[s.ID] = p.cases[s.Case] || slices.ContainsFunc(m.From.Subscriptions, func(o domain.Subscription) bool { return o.ID == s.ID })
	}
	for i := range cur.Orders {
		id, ref := cur.Orders[i].ID, cur.Orders[i].CustomerRef
		if m.From.Order(id) != nil || ref != "" && ref == m.From.Customer.Ref && ref != m.To.Customer.Ref {
			p.fromOrders[id] = true
		}
		if m.To.Order(id) != nil || !p.fromOrders[id] {
			p.toOrders[id] = true
		}
	}
	return p
}

func (p *parting) caseIsFrom(c *domain.Case, m *mergeManifest) bool {
	if m.From.Case(c.ID) != nil {
		return true
	}
	if m.To.Case(c.ID) != nil {
		return false
	}
	return p.identities[c.Identity] || belongsTo(c.ID, m.From.Customer.ID)
}

func (p *parting) timer(t *domain.Timer) bool {
	return p.cases[t.Case] || t.Case == "" && p.subscriptions[t.Ref]
}

// belongsTo reports whether an object was numbered under a customer.
func belongsTo(id string, c domain.CustomerID) bool {
	head, _, ok := strings.Cut(id, "-")
	return ok && head == c.String()
}

// part moves the elements that go back from one list to another.
func part[T any](to, from *[]T, goes func(*T) bool) {
	var stay []T
	for i := range *to {
		if goes(&(*to)[i]) {
			*from = append(*from, (*to)[i])
		} else {
			stay = append(stay, (*to)[i])
		}
	}
	*to = stay
}

// timerFor is a timer's name in the state of owner. Timers are named after
// the number of the thing they watch, which is unique within one customer;
// things that were numbered under another one carry their whole id.
func timerFor(t domain.Timer, owner domain.CustomerID) string {
	for _, ref := range [...]string{t.Ref, t.Case} {
		_, short, ok := strings.Cut(ref, "-")
		if !ok {
			continue
		}
		for _, named := range [...]string{short, ref} {
			tail, ok := strings.CutPrefix(t.Name, string(t.Kind)+":"+named)
			if !ok || tail != "" && (t.Kind != domain.TimerReminder || tail != ":"+t.Ref) {
				continue
			}
			if belongsTo(ref, owner) {
				ref = short
			}
			return string(t.Kind) + ":" + ref + tail
		}
	}
	return t.Name
}

func sortTimers(ts []domain.Timer) {
	slices.SortStableFunc(ts, func(a, b domain.Timer) int { return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Name, b.Name)) })
}

func unionTimes(a, b []time.Time) []time.Time {
	out := append(slices.Clone(a), b...)
	slices.SortFunc(out, time.Time.Compare)
	if len(out) == 0 {
		return nil
	}
	return out
}

// partTimes gives each side its own times and what came after the merge.
func partTimes(cur, to, from []time.Time) (a, b []time.Time) {
	has := func(ts []time.Time, t time.Time) bool { return slices.ContainsFunc(ts, t.Equal) }
	for _, t := range cur {
		inTo, inFrom := has(to, t), has(from, t)
		if inTo || !inFrom {
			a = append(a, t)
		}
		if inFrom || !inTo {
			b = append(b, t)
		}
	}
	return a, b
}

func profileFields(p *domain.Profile) []*string {
	return []*string{&p.Ref, &p.Name, &p.Phone, &p.Email, &p.Lang, &p.TimeZone, &p.Tier}
}

// fillProfile takes over what was not known.
func fillProfile(dst *domain.Profile, src domain.Profile) {
	from := profileFields(&src)
	for i, f := range profileFields(dst) {
		if *f == "" {
			*f = *from[i]
		}
	}
}

// systemKnowsFrom reports whether all that systems have said since a merge about
// who the customer is was said of identities that go back.
func (p *parting) systemKnowsFrom(cur *domain.Snapshot, m *mergeManifest) bool {
	said := false
	for _, id := range cur.Customer.Identities {
		bySystem := func(e domain.Evidence) bool { return e.Kind == domain.EvidenceSystem }
		before := slices.ContainsFunc([]*domain.Customer{&m.To.Customer, &m.From.Customer}, func(c *domain.Customer) bool {
			was := c.Identity(id.IdentityKey)
			return was != nil && slices.ContainsFunc(was.Evidence, bySystem)
		})
		if before || !slices.ContainsFunc(id.Evidence, bySystem) {
			continue
		}
		if !p.identities[id.IdentityKey] {
			return false
		}
		said = true
	}
	return said
}

// partProfile lets what was learned of the person since a merge go back with who
// it was learned of.
func partProfile(to, from, cur *domain.Customer, m *mergeManifest) {
	wasTo, wasFrom, now := profileFields(&m.To.Customer.Profile), profileFields(&m.From.Customer.Profile), profileFields(&cur.Profile)
	goes := profileFields(&from.Profile)
	for i, f := range profileFields(&to.Profile) {
		if *now[i] != "" && *now[i] != *wasTo[i] && *now[i] != *wasFrom[i] {
			*goes[i], *f = *now[i], *wasTo[i]
		}
	}
	to.Facts, from.Facts = m.To.Customer.Facts, cur.Facts
}

// clearProfile takes back what fillProfile took over and nobody has changed.
func clearProfile(cur *domain.Profile, to, from domain.Profile) {
	was, came := profileFields(&to), profileFields(&from)
	for i, f := range profileFields(cur) {
		if *was[i] == "" && *f == *came[i] {
			*f = ""
		}
	}
}

// cloneSnapshot copies a snapshot with everything it points to, by way of the
// form it is stored in.
func cloneSnapshot(s domain.Snapshot) domain.Snapshot {
	b := wire.Marshal(&s)
	var out domain.Snapshot
	if err := wire.Unmarshal(b, &out); err != nil {
		panic("engine: a state does not come back: " + err.Error())
	}
	return out
}
