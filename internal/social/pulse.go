package social

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Pulse gathers a connector's Health. Where posts come by several ways, such as
// a stream and a list that is asked for, each tells of itself, so that one that
// goes well hides no other that does not. The zero value is ready; it is safe
// for concurrent use.
type Pulse struct {
	mu   sync.Mutex
	h    Health // its Mode and Trouble are those of all ways together
	ways map[string]way
}

// way is how one way goes; that of the name "" is the main one.
type way struct {
	mode, trouble string
	fault         Fault
}

// Health implements Healthy.
func (p *Pulse) Health() Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.h
	h.Quotas = slices.Clone(h.Quotas)
	return h
}

// Began notes that posts come by the main way from now on, and its mode. It
// reports whether they did not before: Ended had been noted.
func (p *Pulse) Began(mode string, now time.Time) bool { return p.WayBegan("", mode, now) }

// Ended notes that no posts come by the main way for now, and why.
func (p *Pulse) Ended(why error, now time.Time) { p.WayEnded("", why, now) }

// WayBegan is Began for a way besides the main one, named as an operator would
// know it: "direct messages". Its mode is "" if it does not bring what the main
// way does, and so cannot stand in for it.
func (p *Pulse) WayBegan(name, mode string, now time.Time) (back bool) {
	p.change(func(h *Health) {
		back = p.ways[name].trouble != ""
		p.put(name, way{mode: mode}, now)
		h.LastEvent = now
	})
	return back
}

// WayEnded is Ended for a way besides the main one.
func (p *Pulse) WayEnded(name string, why error, now time.Time) {
	p.change(func(h *Health) {
		if p.ways[name].mode != "" {
			h.Lost++
		}
		safe, fault := told(why)
		p.put(name, way{trouble: safe, fault: fault}, now)
	})
}

// put joins the ways: the mode is that of the first that has one, the main way
// before others; the trouble is that of all.
func (p *Pulse) put(name string, w way, now time.Time) {
	if p.ways == nil {
		p.ways = map[string]way{}
	}
	p.ways[name] = w
	mode, main := "", p.ways[""].trouble
	var troubles []string
	if main != "" {
		troubles = append(troubles, main)
	}
	for _, name := range slices.Sorted(maps.Keys(p.ways)) { // "" is the first
		w := p.ways[name]
		mode = cmp.Or(mode, w.mode)
		if name != "" && w.trouble != "" && w.trouble != main { // what fails all of them is said once
			troubles = append(troubles, name+": "+w.trouble)
		}
	}
	if p.h.Mode != mode {
		p.h.Mode, p.h.Since = mode, now
	}
	p.h.Trouble, p.h.Fault = strings.Join(troubles, "; "), p.fault()
}

// fault is whose the trouble is: the operator's where any of it is, since that
// part does not pass by itself.
func (p *Pulse) fault() Fault {
	var out Fault
	for _, name := range slices.Sorted(maps.Keys(p.ways)) {
		if w := p.ways[name]; w.fault == FaultOperator || out == "" {
			out = cmp.Or(w.fault, out)
		}
	}
	return out
}

// Alive notes a sign of life, and how old what it brought was when it came; a
// negative age says nothing.
func (p *Pulse) Alive(now time.Time, age time.Duration) {
	p.change(func(h *Health) {
		h.LastEvent = now
		if age >= 0 {
			h.Lag = age
		}
	})
}

// Quota notes what the network has said of one quota.
func (p *Pulse) Quota(q Quota) {
	p.change(func(h *Health) {
		for i := range h.Quotas {
			if h.Quotas[i].Name == q.Name {
				h.Quotas[i] = q
				return
			}
		}
		h.Quotas = append(h.Quotas, q)
		slices.SortFunc(h.Quotas, func(a, b Quota) int { return cmp.Compare(a.Name, b.Name) })
	})
}

// Expires notes when the credentials end; zero for never.
func (p *Pulse) Expires(at time.Time) { p.change(func(h *Health) { h.Expires = at }) }

func (p *Pulse) change(f func(*Health)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.h)
}
