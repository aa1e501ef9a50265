package assign

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// demand is what items of one queue ask of an agent: the same skills and
// language. What is asked weakens with waiting, so a demand has one ask for
// each step of its queue.
type demand struct {
	key    string
	queue  string
	skills []domain.Skill // by name, each once
	lang   string         // without region, lower case
	refs   int            // items that ask for it
	after  []time.Duration
	asks   []*ask // by step; made when an item reaches it
}

// demandOf reads what an item asks for. A skill that cannot be read asks for
// nothing: an item that nobody may ever take helps no customer.
func demandOf(w *domain.WorkItem) demand {
	levels := map[string]int{}
	for _, s := range w.Skills {
		if k, err := domain.ParseSkill(s); err == nil {
			levels[k.Name] = max(levels[k.Name], k.Level)
		}
	}
	d := demand{queue: w.Queue}
	d.lang = baseLang(w.Lang)
	var key strings.Builder
	key.WriteString(strconv.Quote(w.Queue) + strconv.Quote(d.lang))
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		d.skills = append(d.skills, domain.Skill{Name: name, Level: levels[name]})
		key.WriteString(strconv.Quote(name) + strconv.Itoa(levels[name]))
	}
	d.key = key.String()
	return d
}

// steps lists the waiting times at which a queue asks for less, ascending.
func steps(q *domain.Queue) []time.Duration {
	var out []time.Duration
	for _, r := range q.Relax {
		out = append(out, max(r.After, 0))
	}
	for _, o := range q.Overflow {
		out = append(out, max(o.After, 0))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// askAt returns what a demand has come down to at a step: every relaxation
// whose time has come counts, the largest number of levels of them.
func (b *Board) askAt(d *demand, step int) *ask {
	if k := d.asks[step]; k != nil {
		return k
	}
	waited := time.Duration(0)
	if step > 0 {
		waited = d.after[step-1]
	}
	q := b.policy.Queue(d.queue)
	levels, anySkill, anyLang := 0, false, d.lang == ""
	for _, r := range q.Relax {
		if max(r.After, 0) <= waited {
			levels, anySkill, anyLang = max(levels, r.Levels), anySkill || r.Any, anyLang || r.AnyLang
		}
	}
	k := &ask{any: []*bitset{b.having(trait{kind: 'q', name: d.queue})}}
	for _, o := range q.Overflow {
		if max(o.After, 0) <= waited {
			k.any = append(k.any, b.having(trait{kind: 'q', name: o.Queue}))
		}
	}
	if !anySkill {
		for _, s := range d.skills {
			k.all = append(k.all, b.having(trait{'s', s.Name, max(s.Level-levels, 1)}))
		}
	}
	if !anyLang {
		k.all = append(k.all, b.having(trait{kind: 'l', name: d.lang}))
	}
	d.asks[step] = k
	return k
}

// proficiency is how good an agent is at the skills of a demand.
func (d *demand) proficiency(g *domain.Agent) int {
	sum := 0
	for _, s := range d.skills {
		sum += g.Skills[s.Name]
	}
	return sum
}

// sameProfile reports whether two states of an agent fit the same items.
func sameProfile(a, b *domain.Agent) bool {
	return slices.Equal(a.Queues, b.Queues) && slices.Equal(a.Langs, b.Langs) && maps.Equal(a.Skills, b.Skills)
}

// micros is a time as items and agents are ordered by it.
func micros(t time.Time) int64 { return t.UnixMicro() }

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// soonest returns the earlier of two times, where zero is never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
