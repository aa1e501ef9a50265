package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Activity is what an agent is doing, as far as being offered work goes.
type Activity string

const (
	ActivityAvailable Activity = "available" // may be offered work, as long as there is room
	ActivityBusy      Activity = "busy"      // working on what is held, or on something else; no offers
	ActivityBreak     Activity = "break"
	ActivityOffline   Activity = "offline"
	// ActivityWrapping is after-contact work. An agent does not choose it: it
	// is shown while a held item wraps and takes the room of its work.
	ActivityWrapping Activity = "after_contact_work"
)

// Activities are those that an agent may choose.
var Activities = []Activity{ActivityAvailable, ActivityBusy, ActivityBreak, ActivityOffline}

// Limits on what an agent may be given.
const (
	MaxProficiency   = 5
	MaxAgentSkills   = 100
	MaxAgentCapacity = 20
)

// Agent is somebody who works on work items: what they can do, where they
// work, and what they are doing. Its ID is the person's login, which command
// authors and owners of cases are named by too.
type Agent struct {
	ID            string         `json:"id"`
	Name          string         `json:"name,omitempty"`
	Queues        []string       `json:"queues,omitempty"`
	Skills        map[string]int `json:"skills,omitempty"` // proficiency, 1 to MaxProficiency
	Langs         []string       `json:"langs,omitempty"`  // languages spoken; none: the company's own
	Capacity      int            `json:"capacity"`         // work items at once
	Activity      Activity       `json:"activity"`
	ActivityWhy   string         `json:"activity_reason,omitempty"` // "missed offers", or the agent's word
	ActivitySince time.Time      `json:"activity_since"`
	Missed        int            `json:"missed,omitempty"` // offers in a row that ran out
	Disabled      bool           `json:"disabled,omitempty"`
	Version       int64          `json:"version"`
}

// Skill is what an item of work asks for: a word, and how well.
type Skill struct {
	Name  string
	Level int // the least proficiency, 1 to MaxProficiency
}

// ParseSkill reads "orders" (level 1) or "orders:3".
func ParseSkill(s string) (Skill, error) {
	name, level, leveled := strings.Cut(s, ":")
	out := Skill{Name: strings.TrimSpace(name), Level: 1}
	if out.Name == "" || len(out.Name) > 64 {
		return Skill{}, Errorf(CodeInvalid, "skill %.70q: want a word of up to 64 bytes, with or without a level, as in \"orders:3\"", s)
	}
	if leveled {
		n, err := strconv.Atoi(strings.TrimSpace(level))
		if err != nil || n < 1 || n > MaxProficiency {
			return Skill{}, Errorf(CodeInvalid, "skill %.70q: the level is not one of 1 to %d", s, MaxProficiency)
		}
		out.Level = n
	}
	return out, nil
}

// Speaks reports whether an agent speaks a language; fallback is what those
// who name none speak. A language matches with and without its region.
func (a *Agent) Speaks(lang, fallback string) bool {
	base, _, _ := strings.Cut(lang, "-")
	if base == "" {
		return true
	}
	if len(a.Langs) == 0 {
		own, _, _ := strings.Cut(fallback, "-")
		return strings.EqualFold(own, base)
	}
	return slices.ContainsFunc(a.Langs, func(l string) bool {
		l, _, _ = strings.Cut(l, "-")
		return strings.EqualFold(l, base)
	})
}

// Validate reports what is wrong with an agent that somebody typed in; queues
// are those that there are.
func (a *Agent) Validate(queues map[string]Queue) error {
	switch {
	case a.ID == "" || len(a.ID) > MaxPostField:
		return FieldErrorf("id", "is %.70q; want a person's login", a.ID)
	case a.Capacity < 1 || a.Capacity > MaxAgentCapacity:
		return FieldErrorf("capacity", "is %d; want 1 to %d work items at once", a.Capacity, MaxAgentCapacity)
	case len(a.Skills) > MaxAgentSkills:
		return FieldErrorf("skills", "has %d entries; at most %d are kept", len(a.Skills), MaxAgentSkills)
	case !slices.Contains(Activities, a.Activity):
		return FieldErrorf("activity", "is %.40q; want available, busy, break or offline", a.Activity)
	}
	for name, level := range a.Skills {
		if name == "" || len(name) > 64 || strings.ContainsRune(name, ':') {
			return FieldErrorf("skills", "names %.70q; want a word of up to 64 bytes without \":\"", name)
		}
		if level < 1 || level > MaxProficiency {
			return FieldErrorf("skills", "gives %q the proficiency %d; want 1 to %d", name, level, MaxProficiency)
		}
	}
	for _, q := range a.Queues {
		if _, ok := queues[q]; !ok {
			return FieldErrorf("queues", "names %.70q, and there is no such queue", q)
		}
	}
	return nil
}
