package assign_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

// desk plays people and advocates around a board, and keeps the reference.
type desk struct {
	t     *rapid.T
	board *assign.Board
	ref   reference
	now   time.Time
	seq   int64
}

func newDesk(t *rapid.T) *desk {
	d := &desk{t: t, now: time.Date(2026, 3, 27, 7, 0, 0, 0, time.UTC)} // the Friday before clocks change in Europe
	d.ref = reference{items: map[string]domain.WorkItem{}, agents: map[string]domain.Agent{}, ended: map[string]time.Time{}, starts: map[string]time.Time{}}
	d.ref.policy = drawPolicy(t)
	d.board = assign.NewBoard(d.ref.policy)
	return d
}

var (
	queueNames = []string{"care", "expert", "night"}
	agentNames = []string{"ana", "ben", "cy", "dee", "eve"}
	skillNames = []string{"orders", "billing"}
	langs      = []string{"", "en", "es", "en-GB"}
	zoneNames  = []string{"", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}
)

func pick[T any](t *rapid.T, of []T, label string) T { return rapid.SampledFrom(of).Draw(t, label) }

func drawSpan(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.IntRange(0, 40).Draw(t, label)) * 15 * time.Second
}

func drawPolicy(t *rapid.T) domain.Policy {
	p := domain.DefaultPolicy()
	p.DefaultLang, p.TimeZone = pick(t, []string{"en", "es"}, "lang"), pick(t, zoneNames, "zone")
	p.QuietFrom, p.QuietTo = rapid.IntRange(0, 23).Draw(t, "quiet from"), rapid.IntRange(0, 23).Draw(t, "quiet to")
	p.Queues = map[string]domain.Queue{}
	for _, name := range queueNames {
		q := domain.Queue{Name: name, OfferFor: drawSpan(t, "offer"), StickyFor: drawSpan(t, "sticky"), TimeZone: pick(t, zoneNames, "queue zone")}
		if rapid.Bool().Draw(t, "hours") {
			for day := time.Sunday; day <= time.Saturday; day++ {
				from := rapid.IntRange(0, 1380).Draw(t, "from")
				q.Hours = append(q.Hours, domain.Hours{Weekday: day, From: from, To: from + rapid.IntRange(1, 60*12).Draw(t, "for")})
			}
		}
		if rapid.Bool().Draw(t, "holiday") {
			q.Holidays = []string{pick(t, []string{"2026-03-27", "2026-03-28", "2026-03-29"}, "day")}
		}
		for range rapid.IntRange(0, 2).Draw(t, "relaxations") {
			q.Relax = append(q.Relax, domain.Relaxation{
				After: drawSpan(t, "relax after"), Levels: rapid.IntRange(0, 3).Draw(t, "levels"),
				Any: rapid.Bool().Draw(t, "any"), AnyLang: rapid.Bool().Draw(t, "any lang"),
			})
		}
		if rapid.Bool().Draw(t, "overflow") {
			q.Overflow = append(q.Overflow, domain.Overflow{After: drawSpan(t, "overflow after"), Queue: pick(t, queueNames, "overflow")})
		}
		p.Queues[name] = q
	}
	return p
}

func (d *desk) setItem(w domain.WorkItem) {
	d.seq++
	w.Version, w.UpdatedAt = d.seq, d.now
	if was, ok := d.ref.items[w.ID]; ok && (was.State == domain.WorkAssigned || was.State == domain.WorkWrapping) && w.Holder() != was.Agent {
		d.ended(was.Agent)
	}
	d.ref.items[w.ID] = w
	if w.State.Final() {
		delete(d.ref.items, w.ID)
	}
	d.board.ItemSet(w)
}

func (d *desk) ended(id string) {
	if _, known := d.ref.agents[id]; known {
		d.ref.ended[id] = d.now
	}
}

func (d *desk) newItem() {
	t := d.t
	id := domain.ObjectID(domain.NewCustomerID(int64(d.seq+1), 0), domain.KindWorkItem, 1)
	w := domain.WorkItem{
		ID: id, Customer: domain.CustomerID(d.seq + 1), State: domain.WorkPending, Queue: pick(t, queueNames, "queue"),
		Kind: pick(t, []domain.WorkItemKind{domain.Callback, domain.Review}, "kind"), Lang: pick(t, langs, "lang"),
		Priority: pick(t, []int{20, 50, 80}, "priority"), CreatedAt: d.now, TimeZone: pick(t, zoneNames, "zone"),
		Due: d.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "due")) * time.Hour),
	}
	for range rapid.IntRange(0, 2).Draw(t, "skills") {
		w.Skills = append(w.Skills, fmt.Sprintf("%s:%d", pick(t, skillNames, "skill"), rapid.IntRange(1, 5).Draw(t, "level")))
	}
	if rapid.IntRange(0, 3).Draw(t, "later") == 0 {
		w.NotBefore = d.now.Add(drawSpan(t, "not before"))
	}
	switch rapid.IntRange(0, 4).Draw(t, "whose") {
	case 0:
		w.For = pick(t, agentNames, "for")
	case 1, 2:
		w.Before = pick(t, agentNames, "before")
	}
	d.setItem(w)
}

func (d *desk) setAgent() {
	t := d.t
	id := pick(t, agentNames, "agent")
	a, known := d.ref.agents[id]
	if !known || rapid.IntRange(0, 3).Draw(t, "profile") == 0 {
		a = domain.Agent{ID: id, Skills: map[string]int{}, Capacity: rapid.IntRange(1, 3).Draw(t, "capacity"), Activity: domain.ActivityAvailable, ActivitySince: a.ActivitySince}
		a.Queues = []string{pick(t, queueNames, "queue"), pick(t, queueNames, "queue")}
		for _, s := range skillNames {
			if n := rapid.IntRange(0, 5).Draw(t, s); n > 0 {
				a.Skills[s] = n
			}
		}
		if l := pick(t, langs, "speaks"); l != "" {
			a.Langs = []string{l}
		}
	}
	if act := pick(t, append(domain.Activities, domain.ActivityAvailable, domain.ActivityAvailable), "activity"); act != a.Activity || !known {
		a.Activity, a.ActivitySince = act, d.now
	}
	a.Disabled = rapid.IntRange(0, 9).Draw(t, "disabled") == 0
	d.seq++
	a.Version = d.seq
	d.ref.agents[id] = a
	if a.Disabled {
		d.removed(id)
	}
	d.board.AgentSet(a)
}

func (d *desk) removed(id string) {
	delete(d.ref.agents, id)
	delete(d.ref.ended, id)
}

// moveItem lets something happen to an item, as people do.
func (d *desk) moveItem() {
	if len(d.ref.items) == 0 {
		return
	}
	w := d.ref.items[pick(d.t, slices.Sorted(maps.Keys(d.ref.items)), "item")]
	w.Passed = slices.Clone(w.Passed)
	end := func(s domain.ReservationState) {
		r := *w.Reservation
		r.State, r.EndedAt = s, d.now
		w.Reservation = &r
	}
	switch how := rapid.IntRange(0, 3).Draw(d.t, "how"); {
	case w.State == domain.WorkReserved && how == 0:
		end(domain.ReservationAccepted)
		w.State, w.Agent, w.AssignedAt = domain.WorkAssigned, w.Reservation.Agent, d.now
	case w.State == domain.WorkReserved:
		end(domain.ReservationRejected)
		w.State, w.Passed = domain.WorkPending, append(w.Passed, w.Reservation.Agent)
	case w.State == domain.WorkAssigned && how == 0:
		w.State, w.QueuedAt, w.NotBefore, w.For, w.Passed = domain.WorkPending, d.now, d.now.Add(drawSpan(d.t, "snooze")), w.Agent, nil
	case w.State == domain.WorkAssigned && how == 1:
		w.State, w.QueuedAt, w.Before, w.For, w.Queue, w.Passed = domain.WorkPending, d.now, w.Agent, "", pick(d.t, queueNames, "to"), []string{w.Agent}
	case w.State == domain.WorkAssigned:
		w.State = domain.WorkWrapping
	case w.State == domain.WorkWrapping:
		w.State = domain.WorkCompleted
	case how == 0:
		w.State = domain.WorkCanceled
	default:
		w.Priority = min(w.Priority+10, 100)
	}
	d.setItem(w)
}

// offer writes offers down.
func (d *desk) offer(offers []assign.Offer) {
	for _, o := range offers {
		w := d.ref.items[o.WorkItem]
		w.Offers++
		w.State = domain.WorkReserved
		w.Reservation = &domain.Reservation{ID: o.Reservation, Agent: o.Agent, State: domain.ReservationPending, OfferedAt: d.now, Until: o.Until}
		d.setItem(w)
	}
}

// check compares the board with the reference, and both with what must hold.
func (d *desk) check() []assign.Offer {
	got, want := d.board.Match(d.now), d.ref.match(d.now)
	if !slices.Equal(got, want) {
		d.t.Fatalf("at %v the board offers\n%v\nand the reference\n%v", d.now, got, want)
	}
	if again := d.board.Match(d.now); !slices.Equal(got, again) {
		d.t.Fatalf("asked again: %v, then %v", got, again)
	}
	limit := rapid.IntRange(0, 3).Draw(d.t, "limit")
	if few := d.board.MatchFirst(d.now, limit); !slices.Equal(few, got[:min(limit, len(got))]) {
		d.t.Fatalf("the first %d of %v are %v", limit, got, few)
	}
	held, once := map[string]int{}, map[string]bool{}
	for _, w := range d.ref.items {
		held[w.Holder()]++
	}
	for _, o := range got {
		if held[o.Agent]++; held[o.Agent] > d.ref.agents[o.Agent].Capacity {
			d.t.Fatalf("%s is given more than there is room for: %v", o.Agent, got)
		}
		if once[o.WorkItem] || d.ref.items[o.WorkItem].State != domain.WorkPending {
			d.t.Fatalf("%s is offered twice: %v", o.WorkItem, got)
		}
		once[o.WorkItem] = true
	}
	return got
}

// fresh is the board built from what is known now, in another order.
func (d *desk) fresh() *assign.Board {
	b := assign.NewBoard(d.ref.policy)
	for _, id := range rapid.Permutation(slices.Sorted(maps.Keys(d.ref.agents))).Draw(d.t, "agents") {
		b.AgentSet(d.ref.agents[id])
		b.AgentWorked(id, d.ref.ended[id])
	}
	for _, id := range rapid.Permutation(slices.Sorted(maps.Keys(d.ref.items))).Draw(d.t, "items") {
		b.ItemSet(d.ref.items[id])
	}
	return b
}

func (d *desk) step() {
	switch rapid.IntRange(0, 15).Draw(d.t, "do") {
	case 0, 1, 2:
		d.newItem()
	case 3, 4, 5:
		d.setAgent()
	case 6, 7, 8, 9:
		d.moveItem()
	case 10, 11:
		d.now = d.now.Add(drawSpan(d.t, "wait"))
	case 12:
		d.now = d.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(d.t, "hours")) * time.Hour / 2)
	case 13:
		if rapid.IntRange(0, 5).Draw(d.t, "policy") == 0 {
			d.ref.policy = drawPolicy(d.t)
			d.board.PolicySet(d.ref.policy)
			clear(d.ref.starts)
		}
	case 14:
		if id := pick(d.t, agentNames, "leaves"); rapid.IntRange(0, 3).Draw(d.t, "remove") == 0 {
			d.removed(id)
			d.board.AgentRemove(id)
		}
	case 15:
		for _, id := range slices.Sorted(maps.Keys(d.ref.items)) {
			if rapid.IntRange(0, 8).Draw(d.t, "remove") == 0 {
				w := d.ref.items[id]
				if w.State == domain.WorkPending {
					delete(d.ref.items, id)
					d.board.ItemRemove(id)
				}
			}
		}
	}
}

// TestMatchIsTheReference plays a desk and compares every match with one that
// looks at all items and all agents, and now and then with a board that is
// built anew in another order.
func TestMatchIsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t)
		for range 40 {
			d.step()
			offers := d.check()
			if rapid.IntRange(0, 9).Draw(t, "anew") == 0 {
				if got := d.fresh().Match(d.now); !slices.Equal(got, offers) {
					t.Fatalf("a board built anew offers\n%v\nnot\n%v", got, offers)
				}
			}
			if rapid.Bool().Draw(t, "write down") {
				d.offer(offers)
			}
		}
	})
}

// TestNextIsNeverLate lets no news come after everything possible was offered,
// and looks at every quarter of a minute, and at minutes further away, whether
// something becomes possible before Next.
func TestNextIsNeverLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t)
		for range 25 {
			d.step()
		}
		d.offer(d.check())
		if left := d.check(); len(left) > 0 {
			t.Fatalf("offers are left after all were written down: %v", left)
		}
		next := d.board.Next(d.now)
		if !next.IsZero() && !next.After(d.now) {
			t.Fatalf("Next of %v is %v", d.now, next)
		}
		for i, at := 0, d.now; i < 300; i++ {
			step := 15 * time.Second
			if i > 60 {
				step = 7 * time.Minute
			}
			at = at.Truncate(step).Add(step)
			if got := d.ref.match(at); len(got) > 0 {
				if next.IsZero() || next.After(at) {
					t.Fatalf("at %v the reference offers %v, and at %v Next was %v", at, got, d.now, next)
				}
				return
			}
		}
	})
}
