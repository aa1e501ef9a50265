package builtin

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// enoughHandled is how many work items of the last day make a rate.
const enoughHandled = 5

// maxWait is the longest wait we name: a week.
const maxWait = 7 * 24 * time.Hour

// QueueAnswer is the data of a queues answer.
type QueueAnswer struct {
	Name    string    `json:"name"`
	Open    bool      `json:"open"`
	OpensAt time.Time `json:"opens_at,omitzero"` // while closed; zero if not within two months
	Waiting int       `json:"waiting"`
	// WaitMinutes is how long something new would wait from now, closed hours
	// included, and Estimate says what it rests on:
	//   "desk"   who is there and at work on what, and how long such work takes
	//   "rate"   at least 5 items were completed in the last day: everything
	//            that waits, and the new one, at that day's pace per open hour
	//   "oldest" there is no pace to go by: as long as the one that has waited
	//            longest has waited, or as items took lately, if that is more
	//   "none"   nothing waits and nothing was handled: 0, and not a promise
	WaitMinutes int    `json:"wait_minutes"`
	Estimate    string `json:"estimate"`
	// With "desk", the spread of it: half wait no longer than Median, nine in ten
	// no longer than Upper.
	Median int64 `json:"median_seconds,omitempty"`
	Upper  int64 `json:"upper_seconds,omitempty"`
	Agents int   `json:"agents,omitempty"` // who are there for it
}

// outlookFresh is how old the desk's word may be. It is given at least once a
// minute while a desk works.
const outlookFresh = 3 * time.Minute

type queues struct {
	view   View
	policy func() *domain.Policy
}

var _ component.Component = queues{}

// Queues answers how long work waits. Lookup.ID (or Query) is a queue's name;
// without one it is the policy's default queue. policy is asked each time,
// since publishing a playbook may change it.
func Queues(v View, policy func() *domain.Policy) component.Component { return queues{v, policy} }

func (queues) Name() string { return "queues" }

func (c queues) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	policy := c.policy()
	name := strings.TrimSpace(q.ID)
	if name == "" {
		name = strings.TrimSpace(q.Query)
	}
	if name == "" {
		name = policy.DefaultQueue
	}
	queue, ok := policy.Queues[name]
	if !ok {
		if queue, ok = policy.Queues[strings.ToLower(name)]; !ok {
			return ans, ctxErr(ctx, c.Name())
		}
		name = strings.ToLower(name)
	}
	now := asker.Now
	stats, outlook := store.QueueStats{}, desk.Outlook{}
	err := read(ctx, c.view, c.Name(), func(r store.Reader) error {
		all, err := r.QueueStats(now)
		for _, s := range all {
			if s.Queue == name {
				stats = s
			}
		}
		if err != nil {
			return err
		}
		looks, err := desk.Outlooks(r)
		for _, o := range looks {
			if o.Queue == name {
				outlook = o
			}
		}
		return err
	})
	if err != nil {
		return ans, err
	}
	data := estimate(name, newHours(queue, policy.TimeZone), stats, now)
	data.look(outlook, now)
	if ans.Data, err = encode(c.Name(), data); err != nil {
		return domain.ComponentAnswer{Lookup: q}, err
	}
	ans.Found = true
	return ans, nil
}

// look lets the desk's word, if it has just given one, stand for the reckoning
// from the day's pace.
func (a *QueueAnswer) look(o desk.Outlook, now time.Time) {
	if !o.Known || now.Sub(o.At) > outlookFresh || o.At.Sub(now) > outlookFresh || o.Median < 0 || o.Upper < o.Median {
		return
	}
	a.Estimate, a.Median, a.Upper, a.Agents = "desk", o.Median, o.Upper, o.Agents
	a.WaitMinutes = int(min(math.Ceil(float64(o.Median)/60), float64(maxWait/time.Minute)))
}

func estimate(name string, h hours, s store.QueueStats, now time.Time) QueueAnswer {
	a := QueueAnswer{Name: name, Waiting: s.Waiting, Open: h.open(now), Estimate: "none"}
	var work time.Duration // open time until something new is reached
	switch {
	case s.Handled >= enoughHandled:
		a.Estimate = "rate"
		day := h.openWithin(now.Add(-24*time.Hour), now)
		if day < time.Hour { // worked outside its hours; the day is all we know
			day = 24 * time.Hour
		}
		work = time.Duration(min(float64(day)/float64(s.Handled)*float64(s.Waiting+1), float64(maxWait)))
	case s.Waiting > 0 || s.Handled > 0:
		a.Estimate = "oldest"
		work = s.MeanWait
		if s.Waiting > 0 {
			work = max(work, s.Oldest)
		}
	}
	work = min(max(work, 0), maxWait)
	from := now
	if !a.Open {
		if a.OpensAt = h.next(now); a.OpensAt.IsZero() {
			a.WaitMinutes = int(maxWait / time.Minute)
			return a
		}
		from = a.OpensAt
	}
	wait := min(from.Add(work).Sub(now), maxWait)
	if a.Estimate == "rate" { // measured in open time, so closed hours come on top
		wait = min(h.after(from, work).Sub(now), maxWait)
	}
	a.WaitMinutes = int(math.Ceil(wait.Minutes()))
	a.OpensAt = a.OpensAt.UTC()
	return a
}
