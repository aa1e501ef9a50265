package assign_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

// day is a simulated day of a desk: items come in at random, agents take what
// the board offers and are done after a log-normal time, and the number of
// agents changes with the hours.
type day struct {
	name   string
	shifts []int   // agents, of two hours each
	load   float64 // work that comes in, as a share of what the first shift can do
	urgent float64 // share of items with a higher priority
	mean   time.Duration
	spread float64 // of the logarithm
	each   int     // one item of so many is told
}

var days = []day{
	{"two agents", []int{2, 2, 2, 2, 2}, 0.85, 0.2, 6 * time.Minute, 0.6, 1},
	{"ten agents, overloaded", []int{10, 10, 10, 10}, 1.1, 0.2, 5 * time.Minute, 0.7, 4},
	{"shifts", []int{8, 10, 6, 8, 12, 8}, 0.95, 0.25, 4 * time.Minute, 0.5, 4},
	{"thirty agents", []int{30, 28, 30, 32}, 1.02, 0.1, 7 * time.Minute, 0.8, 10},
	{"steady, five agents", []int{5, 5, 5, 5, 5}, 0.92, 0, 6 * time.Minute, 0.5, 2},
	{"steady, a dozen", []int{12, 12, 12, 12, 12}, 0.97, 0.1, 6 * time.Minute, 0.5, 4},
}

// told is what an item was told and what came of it.
type told struct {
	wait   assign.Wait
	at     time.Time
	actual time.Duration
}

type happening struct {
	at    time.Time
	item  string // done with this one; "": a new one comes in
	shift int    // else the shift that begins, from 1
}

// run plays the day and returns what everybody was told who had to wait.
func (d day) run(t *testing.T, seed uint64) []told {
	rng := rand.New(rand.NewPCG(seed, 7))
	p := domain.DefaultPolicy()
	p.Queues = map[string]domain.Queue{"care": {}}
	b := assign.NewBoard(p)
	start := time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)
	var events []happening
	add := func(h happening) {
		i, _ := slices.BinarySearchFunc(events, h, func(x, y happening) int { return x.at.Compare(y.at) })
		events = slices.Insert(events, i, h)
	}
	for i := range d.shifts {
		add(happening{at: start.Add(time.Duration(i) * 2 * time.Hour), shift: i + 1})
	}
	end := start.Add(time.Duration(len(d.shifts)) * 2 * time.Hour)
	rate := d.load * float64(d.shifts[0]) / d.mean.Seconds()
	add(happening{at: start.Add(time.Second)})
	rows, asked := map[string]domain.WorkItem{}, map[string]told{}
	var handling assign.Handling
	var pace assign.Pace
	var out []told
	version := int64(0)
	put := func(w domain.WorkItem, now time.Time) domain.WorkItem {
		version++
		w.Version, w.UpdatedAt = version, now
		rows[w.ID] = w
		b.ItemSet(w)
		return w
	}
	for n := 0; len(events) > 0; {
		h := events[0]
		events = events[1:]
		switch {
		case h.shift > 0:
			for i := range slices.Max(d.shifts) {
				version++
				a := domain.Agent{ID: fmt.Sprint("a", i), Queues: []string{"care"}, Capacity: 1, Activity: domain.ActivityAvailable, ActivitySince: h.at, Version: version}
				if i >= d.shifts[h.shift-1] {
					a.Activity = domain.ActivityOffline
				}
				b.AgentSet(a)
			}
		case h.item != "":
			w := rows[h.item]
			w.State = domain.WorkCompleted
			handling.Add(h.at.Sub(w.AssignedAt))
			put(w, h.at)
			delete(rows, w.ID)
		default:
			if next := h.at.Add(time.Duration(rng.ExpFloat64() / rate * float64(time.Second))); next.Before(end) {
				add(happening{at: next})
			}
			n++
			w := domain.WorkItem{ID: fmt.Sprintf("w%05d", n), State: domain.WorkPending, Queue: "care", Priority: 50, CreatedAt: h.at, Due: h.at.Add(4 * time.Hour)}
			if rng.Float64() < d.urgent {
				w.Priority = 80
			}
			if n > 50 && n%d.each == 0 {
				params := assign.EstimateParams{Item: w, Handling: handling, Pace: pace}
				wait := b.Estimate(h.at, params)
				if wait.Known {
					asked[w.ID] = told{wait: wait, at: h.at}
				}
				if n%50 == 0 && b.Estimate(h.at, params) != wait {
					t.Fatalf("asked twice: not %+v again", wait)
				}
			}
			pace.Add(h.at, w.Priority)
			put(w, h.at)
		}
		for _, o := range b.Match(h.at) {
			w := rows[o.WorkItem]
			w.State, w.Agent, w.AssignedAt, w.Offers = domain.WorkAssigned, o.Agent, h.at, w.Offers+1
			put(w, h.at)
			sigma := d.spread
			took := math.Exp(math.Log(d.mean.Seconds()) - sigma*sigma/2 + sigma*rng.NormFloat64())
			add(happening{at: h.at.Add(time.Duration(took * float64(time.Second))), item: w.ID})
			if x, ok := asked[w.ID]; ok {
				if x.actual = h.at.Sub(x.at); x.wait.Median > 0 {
					out = append(out, x)
				} else if x.actual > 0 {
					t.Errorf("%s: told that it would not wait, and waited %v", d.name, x.actual)
				}
			}
		}
	}
	return out
}

// TestEstimateError measures what customers are told against what happens. Of
// those who have to wait, nine of ten should wait no longer than the bound,
// and half no longer than the median.
func TestEstimateError(t *testing.T) {
	t.Parallel()
	for _, d := range days {
		t.Run(d.name, func(t *testing.T) { t.Parallel(); d.measure(t) })
	}
}

func (d day) measure(t *testing.T) {
	var all []told
	for seed := range uint64(4) {
		all = append(all, d.run(t, seed)...)
	}
	within, below, off, waited, width := 0, 0, 0.0, 0.0, 0.0
	for _, x := range all {
		if x.actual <= x.wait.Upper+time.Second {
			within++
		}
		if x.actual <= x.wait.Median {
			below++
		}
		off += (x.wait.Median - x.actual).Seconds()
		waited += x.actual.Seconds()
		width += x.wait.Upper.Seconds()
	}
	n := float64(len(all))
	cover, half, bias := float64(within)/n*100, float64(below)/n*100, off/n/d.mean.Seconds()
	t.Logf("%-24s %5d waited, %4.0f s on average; bound %4.0f s holds for %4.1f %%, median for %4.1f %%; median off by %+.2f of a mean handling, %+.0f %% of the wait",
		d.name, len(all), waited/n, width/n, cover, half, bias, off/waited*100)
	d.words(t, all)
	if len(all) < 200 {
		t.Errorf("%s: only %d had to wait", d.name, len(all))
	}
	if cover < 80 || cover > 97 {
		t.Errorf("%s: the bound holds for %.1f %%", d.name, cover)
	}
	if half < 35 || half > 65 {
		t.Errorf("%s: the median holds for %.1f %%", d.name, half)
	}
}

// words measures what is told in words: how many are told anything, for how many
// it holds, and by how much the estimate is off.
func (d day) words(t *testing.T, all []told) {
	said, holds, off := 0, 0, 0.0
	for _, x := range all {
		off += math.Abs((x.wait.Median - x.actual).Seconds())
		w, ok := domain.TellWait(x.wait.Median, x.wait.Upper)
		if !ok {
			continue
		}
		said++
		if x.actual >= w.Low && x.actual <= w.High {
			holds++
		}
	}
	share := float64(holds) / float64(max(said, 1)) * 100
	t.Logf("%-24s mean absolute error %4.0f s; told in words to %4.1f %%, which held for %4.1f %% of them", d.name, off/float64(len(all)), float64(said)/float64(len(all))*100, share)
	if share < 80 {
		t.Errorf("%s: what was told in words holds for %.1f %%, want 80", d.name, share)
	}
}

// TestEstimateBehindOneAgent: with one agent, who is busy with one item, and
// nobody in front, a wait is about the rest of what that item takes: shorter
// the longer it has taken, neither nothing nor hours.
func TestEstimateBehindOneAgent(t *testing.T) {
	t.Parallel()
	const mean = 4 * time.Minute
	for _, activity := range []domain.Activity{domain.ActivityAvailable, domain.ActivityBusy} {
		for _, count := range []int{1, 5, 500} {
			handling := assign.Handling{Count: count, Mean: mean.Seconds(), Square: math.Pow(mean.Seconds()/3, 2)}
			last := mean + time.Second
			for _, taken := range []time.Duration{0, time.Minute, 2 * time.Minute, 3 * time.Minute} {
				b := assign.NewBoard(carePolicy(domain.Queue{}))
				a := worker("ana", time.Hour)
				a.Activity = activity
				b.AgentSet(a)
				w := work("w1")
				w.State, w.Agent, w.AssignedAt = domain.WorkAssigned, "ana", noon.Add(-taken)
				b.ItemSet(w)
				got := b.Estimate(noon, assign.EstimateParams{Item: domain.WorkItem{Queue: "care", Kind: domain.Review, Priority: 50}, Handling: handling})
				what := fmt.Sprintf("%s, %d known, after %v", activity, count, taken)
				if !got.Known || got.Agents != 1 || got.Ahead != 0 {
					t.Errorf("%s: %+v", what, got)
					continue
				}
				rest := mean - taken
				if got.Median < rest/2 || got.Median > rest*2 || got.Upper > 4*mean {
					t.Errorf("%s: %v, at most %v; %v are left on average", what, got.Median, got.Upper, rest)
				}
				if got.Median >= last {
					t.Errorf("%s: %v, and %v a minute before", what, got.Median, last)
				}
				last = got.Median
			}
		}
	}
}
