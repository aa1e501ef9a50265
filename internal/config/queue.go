package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Queue is where work waits, when it is worked on, and how. What is left out
// is domain.Policy.Queue's to fill in.
type Queue struct {
	TimeZone     string        `yaml:"time_zone"`
	Hours        []string      `yaml:"hours"`
	Holidays     []string      `yaml:"holidays"`
	Target       time.Duration `yaml:"target"`
	TargetShare  int           `yaml:"target_share"`
	OfferFor     time.Duration `yaml:"offer_for"`
	WrapFor      time.Duration `yaml:"wrap_for"`
	StickyFor    time.Duration `yaml:"sticky_for"`
	StaleAfter   time.Duration `yaml:"stale_after"`
	CallAttempts int           `yaml:"call_attempts"`
	CallSpacing  time.Duration `yaml:"call_spacing"`
	Relax        []Relaxation  `yaml:"relax"`
	Overflow     []Overflow    `yaml:"overflow"`
	Dispositions []Disposition `yaml:"dispositions"`
}

// Relaxation weakens what is asked of an agent once work has waited.
type Relaxation struct {
	After    time.Duration `yaml:"after"`
	Levels   int           `yaml:"levels"`
	AnySkill bool          `yaml:"any_skill"`
	AnyLang  bool          `yaml:"any_lang"`
}

// Overflow lets another queue's agents help once work has waited.
type Overflow struct {
	After time.Duration `yaml:"after"`
	Queue string        `yaml:"queue"`
}

// Disposition is a way for work to end.
type Disposition struct {
	Name  string                `yaml:"name"`
	Label string                `yaml:"label"`
	Means string                `yaml:"means"`
	Kinds []domain.WorkItemKind `yaml:"kinds"`
	Note  bool                  `yaml:"note"`
}

// domain makes the queue that the engine knows. Hours that cannot be read are
// left out: Parse has reported them, and nothing runs with them.
func (q *Queue) domain(name string) domain.Queue {
	out := domain.Queue{
		Name: name, TimeZone: q.TimeZone, Holidays: q.Holidays,
		Target: q.Target, TargetShare: q.TargetShare, OfferFor: q.OfferFor, WrapFor: q.WrapFor, StickyFor: q.StickyFor,
		StaleAfter: q.StaleAfter, CallAttempts: q.CallAttempts, CallSpacing: q.CallSpacing,
	}
	for _, h := range q.Hours {
		hours, err := ParseHours(h)
		if err != nil {
			continue
		}
		out.Hours = append(out.Hours, hours...)
	}
	for _, r := range q.Relax {
		out.Relax = append(out.Relax, domain.Relaxation{After: r.After, Levels: r.Levels, Any: r.AnySkill, AnyLang: r.AnyLang})
	}
	for _, o := range q.Overflow {
		out.Overflow = append(out.Overflow, domain.Overflow{After: o.After, Queue: o.Queue})
	}
	for _, d := range q.Dispositions {
		out.Dispositions = append(out.Dispositions, domain.Disposition{Name: d.Name, Label: d.Label, Means: d.Means, Kinds: d.Kinds, Note: d.Note})
	}
	return out
}

func (d *decoder) checkQueues(p *Policy) {
	names := slices.Sorted(maps.Keys(p.Queues))
	if len(names) == 0 {
		d.problem("policy.queues", "at least one queue", "", "is empty")
		return
	}
	if _, ok := p.Queues[p.DefaultQueue]; !ok {
		d.problem("policy.default_queue", oneOf(names), domain.Nearest(p.DefaultQueue, names), "is %q, which is no queue", domain.Clip(p.DefaultQueue, 60))
	}
	for _, name := range names {
		q, path := p.Queues[name], "policy.queues."+name
		if !nameOK.MatchString(name) {
			d.problem(path, "small letters, digits, \"_\" and \"-\"", "", "is no name for a queue")
		}
		d.checkHours(path, &q)
		d.checkWork(path, &q)
		d.checkSteps(path, name, &q, names)
		d.checkDispositions(path, q.Dispositions)
	}
}

func (d *decoder) checkHours(path string, q *Queue) {
	if q.TimeZone != "" {
		d.zone(path+".time_zone", q.TimeZone)
	}
	for i, h := range q.Hours {
		if _, err := ParseHours(h); err != nil {
			d.problem(fmt.Sprintf("%s.hours[%d]", path, i), hoursWant, "", "cannot be read: %v", err)
		}
	}
	for i, h := range q.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			d.problem(fmt.Sprintf("%s.holidays[%d]", path, i), "a date such as 2026-12-25", "", "is %q", domain.Clip(h, 60))
		}
	}
}

// checkWork looks at the numbers that are given; 0 stands for the default.
func (d *decoder) checkWork(path string, q *Queue) {
	const day = 24 * time.Hour
	for _, x := range []struct {
		name      string
		value     time.Duration
		low, high time.Duration
	}{
		{"target", q.Target, time.Second, 7 * day}, {"offer_for", q.OfferFor, 5 * time.Second, time.Hour},
		{"wrap_for", q.WrapFor, 10 * time.Second, 4 * time.Hour}, {"sticky_for", q.StickyFor, time.Second, day},
		{"stale_after", q.StaleAfter, time.Minute, 30 * day}, {"call_spacing", q.CallSpacing, time.Minute, 30 * day},
	} {
		if x.value != 0 {
			d.within(path+"."+x.name, x.value, x.low, x.high)
		}
	}
	if q.TargetShare != 0 {
		d.between(path+".target_share", q.TargetShare, 1, 100)
	}
	if q.CallAttempts != 0 {
		d.between(path+".call_attempts", q.CallAttempts, 1, 20)
	}
}

// checkSteps looks at what changes with waiting: each step comes later than
// the one before it.
func (d *decoder) checkSteps(path, name string, q *Queue, names []string) {
	const most = 7 * 24 * time.Hour
	last := time.Duration(0)
	for i, r := range q.Relax {
		at := fmt.Sprintf("%s.relax[%d]", path, i)
		d.within(at+".after", r.After, last+time.Second, most)
		last = r.After
		d.between(at+".levels", r.Levels, 0, domain.MaxProficiency-1)
		if r.Levels == 0 && !r.AnySkill && !r.AnyLang {
			d.problem(at, "levels, any_skill or any_lang", "", "weakens nothing")
		}
	}
	last = 0
	for i, o := range q.Overflow {
		at := fmt.Sprintf("%s.overflow[%d]", path, i)
		d.within(at+".after", o.After, last+time.Second, most)
		last = o.After
		if !slices.Contains(names, o.Queue) || o.Queue == name {
			others := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == name })
			d.problem(at+".queue", oneOf(others), domain.Nearest(o.Queue, others), "is %q, which is no other queue", domain.Clip(o.Queue, 60))
		}
	}
}

func (d *decoder) checkDispositions(path string, list []Disposition) {
	taken := map[string]bool{}
	var kinds []string
	for _, kind := range domain.WorkItemKinds {
		kinds = append(kinds, string(kind))
	}
	for i, x := range list {
		at := fmt.Sprintf("%s.dispositions[%d]", path, i)
		d.named(at, x.Name, taken)
		if x.Means != "" {
			d.word(at+".means", x.Means, domain.Dispositions...)
		}
		for k, kind := range x.Kinds {
			d.word(fmt.Sprintf("%s.kinds[%d]", at, k), string(kind), kinds...)
		}
	}
}
