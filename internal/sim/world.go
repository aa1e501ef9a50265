package sim

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// world is everything outside the engine: people, their orders, the networks
// and components, the clock. It also knows who has proven what, which is what
// the oracle judges messages by.
type world struct {
	rand   *rand.Rand
	clock  *skewed
	oracle *oracle
	calm   bool // no more faults: the run is coming to its end

	process *process // that runs the engine now

	people    []*person
	orders    []*order
	networks  []*network
	given     map[domain.IdentityKey][]secret // told in private
	proven    map[domain.IdentityKey]bool     // linked by a system or a person
	joins     []join
	stored    map[string]int64 // the newest version of each order that the store has had
	edits     edits
	rewritten rewritten
	sent      []*postFact    // every post key handed in, oldest first
	number    int            // of posts, events, commands
	events    []domain.Event // handed in, for repeats
	ops       map[string]int
}

// person is a customer as they are, whatever the contact center knows.
type person struct {
	n       int
	keys    []domain.IdentityKey
	ref     string
	name    string
	email   string
	phone   string
	zone    string
	posts   []domain.Post // theirs, newest last
	blocked bool
}

// order has facts that occur nowhere else, so that a message that tells one
// of them gives itself away.
type order struct {
	n       int
	id      string
	owner   *person
	version int64
	status  string
	area    string
	sku     string
	eta     time.Time
}

// secret is an order's, as a post told it.
type secret struct {
	order int
	post  *postFact
}

// join is a merge of what two people look like, while it stands.
type join struct {
	a, b *person
	id   string
	over bool
}

// skewed is a manual clock whose owner may set it wrong.
type skewed struct {
	*clock.Manual
	off time.Duration
}

// Now implements clock.Clock.
func (s *skewed) Now() time.Time { return s.Manual.Now().Add(s.off) }

func (w *world) now() time.Time { return w.clock.Now() }

// did counts an operation that succeeded.
func (w *world) did(op string) { w.ops[op]++ }

func (w *world) chance(p float64) bool { return w.rand.Float64() < p }

func pick[T any](w *world, from []T) T { return from[w.rand.IntN(len(from))] }

func newWorld(r *rand.Rand, start time.Time) *world {
	w := &world{
		rand: r, clock: &skewed{Manual: clock.NewManual(start)},
		given: map[domain.IdentityKey][]secret{}, proven: map[domain.IdentityKey]bool{},
		stored: map[string]int64{}, ops: map[string]int{}, edits: edits{},
	}
	w.networks = []*network{
		{world: w, name: "plaza", private: true, idempotent: true},
		{world: w, name: "square"},
		{world: w, name: "harbor", private: true, shows: true, notes: &notes{world: w, kept: map[string]note{}}, length: social.Length{Max: 70}},
	}
	for _, n := range w.networks {
		n.byKey, n.posts, n.hidden = map[string]string{}, map[string]domain.Post{}, map[string]bool{}
	}
	for range 8 {
		w.newPerson()
	}
	for range 10 {
		w.newOrder(pick(w, w.people))
	}
	return w
}

var zones = []string{"", "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"}

func (w *world) newPerson() *person {
	n := len(w.people) + 1
	p := &person{
		n: n, name: fmt.Sprintf("Zelda Qq%dq", n), email: fmt.Sprintf("zelda%dq@people.example", n),
		phone: fmt.Sprintf("+1555%07d", n), zone: pick(w, zones),
	}
	if n%3 != 0 {
		p.ref = fmt.Sprintf("C-%d", 500+n)
	}
	p.keys = append(p.keys, domain.IdentityKey{Network: "plaza", Author: fmt.Sprintf("u%d", n)})
	if n%2 == 0 {
		p.keys = append(p.keys, domain.IdentityKey{Network: "square", Author: fmt.Sprintf("s%d", n)})
	}
	if n%4 != 0 {
		p.keys = append(p.keys, domain.IdentityKey{Network: "harbor", Author: fmt.Sprintf("h%d", n)})
	}
	if n%5 == 0 {
		p.keys = append(p.keys, domain.IdentityKey{Network: "plaza", Author: fmt.Sprintf("alt%d", n)})
	}
	w.people = append(w.people, p)
	return p
}

func (w *world) newOrder(owner *person) *order {
	n := len(w.orders) + 1
	o := &order{n: n, id: fmt.Sprintf("A-%d", 10000+n), owner: owner, area: fmt.Sprintf("area-%d", n%3), sku: fmt.Sprintf("sku-%d", n%4)}
	w.orders = append(w.orders, o)
	return o
}

// facts are what a system says about an order now.
func (w *world) facts(o *order) domain.Order {
	s := fmt.Sprintf("zq%dz", o.n)
	return domain.Order{
		ID: o.id, CustomerRef: o.owner.ref, Status: domain.OrderStatus(o.status), Carrier: "Carrier" + s, Tracking: "TRK" + strings.ToUpper(s),
		Items: []domain.OrderItem{{SKU: o.sku, Name: "Lamp" + s, Quantity: 1}}, Total: "17.50", Currency: "EUR", Reason: "the van of " + s + " broke down.",
		Area: o.area, Email: fmt.Sprintf("owner%s@mail.example", s), Postcode: fmt.Sprintf("PC%dZZ1", o.n), ETA: o.eta, Version: o.version,
	}
}

var tokenPattern = regexp.MustCompile(`(?:zq(\d+)z|pc(\d+)zz1)`)

// told lists the orders whose facts a text tells, in the order of the text.
func (w *world) told(text string) []*order {
	var out []*order
	for _, m := range tokenPattern.FindAllStringSubmatch(strings.ToLower(text), -1) {
		var n int
		fmt.Sscan(m[1]+m[2], &n)
		if n >= 1 && n <= len(w.orders) && !slices.Contains(out, w.orders[n-1]) {
			out = append(out, w.orders[n-1])
		}
	}
	return out
}

// network finds a network by its name.
func (w *world) network(name string) *network {
	i := slices.IndexFunc(w.networks, func(n *network) bool { return n.name == name })
	return w.networks[i]
}

// personOf finds who is behind an identity.
func (w *world) personOf(k domain.IdentityKey) *person {
	for _, p := range w.people {
		if slices.Contains(p.keys, k) {
			return p
		}
	}
	return nil
}

// mayHear reports whether an identity may be told of an order: it told the
// order's secret in private, or a system or person vouched for it and the
// order is its person's, or that of somebody it was joined with.
func (w *world) mayHear(k domain.IdentityKey, o *order) bool {
	if slices.ContainsFunc(w.given[k], func(s secret) bool { return s.order == o.n }) {
		return true
	}
	if !w.proven[k] || o.owner.ref == "" {
		return false
	}
	return slices.Contains(w.group(w.personOf(k)), o.owner)
}

// mayKnow reports whether any identity of a customer may.
func (w *world) mayKnow(p *proxy, o *order) bool {
	return slices.ContainsFunc(p.snap.Customer.Identities, func(i domain.Identity) bool { return w.mayHear(i.IdentityKey, o) })
}

// group is who is joined with a person.
func (w *world) group(p *person) []*person {
	if p == nil {
		return nil
	}
	out := []*person{p}
	for i := 0; i < len(out); i++ {
		for _, j := range w.joins {
			if j.over {
				continue
			}
			for _, pair := range [][2]*person{{j.a, j.b}, {j.b, j.a}} {
				if pair[0] == out[i] && !slices.Contains(out, pair[1]) {
					out = append(out, pair[1])
				}
			}
		}
	}
	return out
}

// peopleOf lists who is behind a customer.
func (w *world) peopleOf(p *proxy) []*person {
	var out []*person
	for i := range p.snap.Customer.Identities {
		if x := w.personOf(p.snap.Customer.Identities[i].IdentityKey); x != nil && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	if ref := p.snap.Customer.Ref; ref != "" {
		for _, x := range w.people {
			if x.ref == ref && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// withdraw takes back what an identity had proven. What it told and nobody
// has read yet still counts.
func (w *world) withdraw(k domain.IdentityKey) {
	delete(w.proven, k)
	w.given[k] = slices.DeleteFunc(w.given[k], func(s secret) bool {
		_, read := w.oracle.decided[inputKey(0, &domain.Input{Post: &s.post.post})]
		return read
	})
}

// erasedCustomer forgets what an erased customer had proven and had written.
func (w *world) erasedCustomer(s *domain.Snapshot) {
	mine := map[domain.IdentityKey]bool{}
	for i := range s.Customer.Identities {
		k := s.Customer.Identities[i].IdentityKey
		mine[k] = true
		w.withdraw(k)
	}
	gone := map[string]bool{}
	for _, f := range w.sent {
		if mine[f.post.Identity()] || f.post.Own && gone[f.post.InReplyTo] {
			f.erased = true
			gone[f.post.ID] = true
		}
	}
	for _, o := range w.orders {
		if s.Customer.Ref != "" && o.owner.ref == s.Customer.Ref {
			delete(w.stored, o.id)
		}
	}
}

// orderStored sees that older facts never overwrite newer ones.
func (w *world) orderStored(oracle *oracle, o *domain.Order) {
	if o.Version < w.stored[o.ID] {
		oracle.fail("the order %s went from version %d back to %d", o.ID, w.stored[o.ID], o.Version)
	}
	w.stored[o.ID] = o.Version
}

// ownerRef is the reference under which the company has an order.
func (w *world) ownerRef(id string) string {
	for _, o := range w.orders {
		if o.id == id {
			return o.owner.ref
		}
	}
	return ""
}

// prunedBefore reports whether what was accepted then may be gone.
func (w *world) prunedBefore(at time.Time) bool {
	return at.Before(w.now().Add(-domain.SeenWindow + 36*time.Hour))
}

// next numbers what is handed in.
func (w *world) next() int {
	w.number++
	return w.number
}
