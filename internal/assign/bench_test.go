package assign_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

var benchStart = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// crowd is a large company's board: 20 queues, 12 skills of 5 levels, 4
// languages, callers in 40 zones; every tenth item has a last agent and every
// hundredth is meant for one.
type crowd struct {
	rng     *rand.Rand
	variety int // skills that items ask for
	policy  domain.Policy
	agents  []domain.Agent
	items   []domain.WorkItem
}

var benchZones = []string{
	"Europe/Berlin", "Europe/Madrid", "Europe/Paris", "Europe/London", "Africa/Cairo", "Africa/Lagos", "Asia/Dubai", "America/Sao_Paulo",
	"Europe/Athens", "Europe/Rome", "Europe/Lisbon", "Atlantic/Azores", "America/New_York", "Asia/Karachi", "Europe/Istanbul", "Africa/Nairobi",
}

func newCrowd(agents, items int) *crowd {
	c := &crowd{rng: rand.New(rand.NewPCG(1, 2)), variety: 4, policy: domain.DefaultPolicy()}
	c.policy.Queues = map[string]domain.Queue{}
	for i := range 20 {
		c.policy.Queues[benchQueue(i)] = domain.Queue{
			Hours: []domain.Hours{{Weekday: time.Wednesday, From: 0, To: 1440}},
			Relax: []domain.Relaxation{{After: 10 * time.Minute, Levels: 1}, {After: time.Hour, Any: true}},
		}
	}
	for i := range agents {
		a := domain.Agent{
			ID: fmt.Sprintf("agent%04d", i), Capacity: 1 + c.rng.IntN(2), Activity: domain.ActivityAvailable, Skills: map[string]int{},
			ActivitySince: benchStart.Add(-time.Duration(c.rng.IntN(14400)) * time.Second), Langs: []string{"en", "es", "de", "fr"}[c.rng.IntN(3):][:1+c.rng.IntN(2)],
			Queues: []string{benchQueue(c.rng.IntN(20)), benchQueue(c.rng.IntN(20)), benchQueue(c.rng.IntN(20))},
		}
		for range 5 {
			a.Skills[fmt.Sprintf("skill%d", c.rng.IntN(12))] = 1 + c.rng.IntN(5)
		}
		c.agents = append(c.agents, a)
	}
	for i := range items {
		c.items = append(c.items, c.item(i))
	}
	return c
}

func benchQueue(i int) string { return fmt.Sprintf("queue%02d", i) }

func (c *crowd) item(i int) domain.WorkItem {
	id := domain.NewCustomerID(benchStart.UnixMilli()+int64(i), 0)
	w := domain.WorkItem{
		ID: domain.ObjectID(id, domain.KindWorkItem, 1), Customer: id, Version: 1, State: domain.WorkPending, Queue: benchQueue(c.rng.IntN(20)),
		Kind: domain.Review, Lang: []string{"en", "es", "de", "fr"}[c.rng.IntN(4)], Priority: []int{20, 50, 50, 80, 100}[c.rng.IntN(5)],
		CreatedAt: benchStart.Add(-time.Duration(c.rng.IntN(7200)) * time.Second),
	}
	w.Due = w.CreatedAt.Add(4 * time.Hour)
	for range c.rng.IntN(3) {
		s := c.rng.IntN(c.variety)
		w.Skills = append(w.Skills, fmt.Sprintf("skill%d:%d", s, 1+s%4))
	}
	if c.rng.IntN(2) == 0 {
		w.Kind, w.TimeZone = domain.Callback, benchZones[c.rng.IntN(len(benchZones))]
	}
	switch n := c.rng.IntN(100); {
	case n == 0 && len(c.agents) > 0:
		w.For = c.agents[c.rng.IntN(len(c.agents))].ID
	case n <= 10 && len(c.agents) > 0:
		w.Before = c.agents[c.rng.IntN(len(c.agents))].ID
	}
	return w
}

func (c *crowd) board() *assign.Board {
	b := assign.NewBoard(c.policy)
	for _, a := range c.agents {
		b.AgentSet(a)
	}
	for _, w := range c.items {
		b.ItemSet(w)
	}
	b.Advance(benchStart)
	return b
}

// busy gives every agent as much work as fits.
func (c *crowd) busy(b *assign.Board) {
	n := 0
	for _, a := range c.agents {
		for range a.Capacity {
			n++
			w := domain.WorkItem{ID: fmt.Sprintf("held%d", n), State: domain.WorkAssigned, Queue: "queue00", Agent: a.ID, Version: 1, AssignedAt: benchStart, CreatedAt: benchStart}
			b.ItemSet(w)
		}
	}
}

func offered(w domain.WorkItem, o assign.Offer, now time.Time) domain.WorkItem {
	w.Version++
	w.Offers++
	w.State, w.UpdatedAt = domain.WorkReserved, now
	w.Reservation = &domain.Reservation{ID: o.Reservation, Agent: o.Agent, State: domain.ReservationPending, OfferedAt: now, Until: o.Until}
	return w
}

func BenchmarkMatch(b *testing.B) {
	for _, agents := range []int{2000, 5000} {
		b.Run(fmt.Sprintf("one_becomes_free/agents=%d", agents), func(b *testing.B) { benchFree(b, agents, 4) })
		b.Run(fmt.Sprintf("nobody_fits/agents=%d", agents), func(b *testing.B) { benchNobody(b, agents) })
		b.Run(fmt.Sprintf("one_becomes_free_of_all_sorts/agents=%d", agents), func(b *testing.B) { benchFree(b, agents, 4000) })
		b.Run(fmt.Sprintf("everybody_free/agents=%d", agents), func(b *testing.B) { benchAll(b, agents, math.MaxInt) })
		b.Run(fmt.Sprintf("everybody_free_first_200/agents=%d", agents), func(b *testing.B) { benchAll(b, agents, 200) })
	}
}

// benchFree is the steady state: everybody works, 100,000 items wait, one
// agent ends a piece of work and is offered the next.
func benchFree(b *testing.B, agents, variety int) {
	c := newCrowd(agents, 100_000)
	c.variety = variety
	for i := range c.items {
		c.items[i] = c.item(i)
	}
	board := c.board()
	c.busy(board)
	rows := map[string]domain.WorkItem{}
	for _, w := range c.items {
		rows[w.ID] = w
	}
	if len(board.Match(benchStart)) > 0 {
		b.Fatal("somebody was free")
	}
	now, n := benchStart, 0
	var held []domain.WorkItem
	best := time.Hour // a busy machine says more about itself than about a match
	b.ResetTimer()
	for b.Loop() {
		now = now.Add(time.Millisecond)
		n++
		if len(held) > 0 {
			w := held[0]
			held = held[1:]
			w.State, w.Version, w.UpdatedAt = domain.WorkCompleted, w.Version+1, now
			board.ItemSet(w)
		} else {
			board.ItemRemove(fmt.Sprintf("held%d", n%agents+1))
		}
		t := time.Now()
		offers := board.Match(now)
		best = min(best, time.Since(t))
		for _, o := range offers {
			w := offered(rows[o.WorkItem], o, now)
			board.ItemSet(w)
			w.State, w.Version, w.Agent = domain.WorkAssigned, w.Version+1, o.Agent
			board.ItemSet(w)
			held = append(held, w)
			again := c.item(len(rows) + n)
			again.ID = fmt.Sprintf("%s.%d", again.ID, n)
			rows[again.ID] = again
			delete(rows, w.ID)
			board.ItemSet(again)
		}
		board.Next(now)
	}
	b.ReportMetric(float64(best), "best-match-ns")
}

// benchNobody is the worst of looking: everybody is free and nobody may be
// offered any of 100,000 items.
func benchNobody(b *testing.B, agents int) {
	c := newCrowd(agents, 100_000)
	for i := range c.items {
		c.items[i].Queue, c.items[i].For, c.items[i].Before = benchQueue(i%20), "", ""
		c.items[i].Skills = append(c.items[i].Skills, "skill99")
		c.items[i].CreatedAt = benchStart.Add(-time.Minute)
	}
	board := c.board()
	b.ResetTimer()
	best := time.Hour
	for b.Loop() {
		t := time.Now()
		if len(board.Match(benchStart)) > 0 {
			b.Fatal("somebody fits")
		}
		best = min(best, time.Since(t))
	}
	b.ReportMetric(float64(best), "best-match-ns")
}

// benchAll is the worst of offering: everybody is free and there is work for
// all.
func benchAll(b *testing.B, agents, limit int) {
	board := newCrowd(agents, 100_000).board()
	n, best := 0, time.Hour
	b.ResetTimer()
	for b.Loop() {
		t := time.Now()
		n = len(board.MatchFirst(benchStart, limit))
		best = min(best, time.Since(t))
	}
	b.ReportMetric(float64(best), "best-match-ns")
	b.ReportMetric(float64(n), "offers")
}

func BenchmarkItemSet(b *testing.B) {
	c := newCrowd(5000, 100_000)
	board := c.board()
	i := 0
	b.ResetTimer()
	for b.Loop() {
		w := c.items[i%len(c.items)]
		w.Priority, w.Version = i%100, int64(2+i)
		board.ItemSet(w)
		i++
	}
}

func BenchmarkAgentSet(b *testing.B) {
	c := newCrowd(5000, 100_000)
	board := c.board()
	b.Run("activity", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			a := c.agents[i%len(c.agents)]
			a.Version, a.ActivitySince = int64(i), benchStart.Add(time.Duration(i)*time.Millisecond)
			a.Activity = domain.Activities[i/len(c.agents)%2]
			board.AgentSet(a)
		}
	})
	b.Run("profile", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			a := c.agents[i%len(c.agents)]
			a.Version = int64(1e9 + i)
			a.Skills = map[string]int{"skill1": 1 + i%5, "skill2": 1 + i/5%5}
			board.AgentSet(a)
		}
	})
}

// BenchmarkBuild is taking over: a board from nothing, ready for a match.
func BenchmarkBuild(b *testing.B) {
	c := newCrowd(5000, 100_000)
	b.ResetTimer()
	for b.Loop() {
		c.board()
	}
}

// BenchmarkRelax is the worst minute: 100,000 items, all waiting since their
// queues opened, ask for less at the same time.
func BenchmarkRelax(b *testing.B) {
	c := newCrowd(5000, 100_000)
	for i := range c.items {
		c.items[i].CreatedAt = benchStart
	}
	best := time.Hour
	for b.Loop() {
		b.StopTimer()
		board := c.board()
		c.busy(board)
		b.StartTimer()
		t := time.Now()
		board.Match(benchStart.Add(10 * time.Minute))
		best = min(best, time.Since(t))
	}
	b.ReportMetric(float64(best), "best-match-ns")
}
