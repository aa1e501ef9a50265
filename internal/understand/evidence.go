package understand

import (
	"math/bits"

	"github.com/contact-advocate/advocate/internal/domain"
)

// evidence is what the phrases of one text add up to.
type evidence struct {
	lang     [len(lexiconLangs)]float64
	intents  [14]stack
	topics   [18]float32
	pos, neg stack
	urgent   float32
	agent    float32
	feats    [featCount]float32
	featAt   [featCount]int32 // first token of the feature's first match
	featEnd  [featCount]int32
}

func init() {
	var e evidence
	if len(domain.Intents) != len(e.intents) || len(domain.Topics) != len(e.topics) {
		panic("understand: evidence has not the size of domain.Intents and domain.Topics")
	}
}

// stack adds up weights with diminishing returns; overlapping phrases that
// say the same count once.
type stack struct {
	n     int8
	spans [4]span
	minus float32
}

type span struct {
	start, end int32
	weight     float32
}

func (s *stack) add(start, end int32, w float32) {
	if w < 0 {
		s.minus += w
		return
	}
	for i := range s.spans[:s.n] {
		p := &s.spans[i]
		if start < p.end && p.start < end {
			p.weight = max(p.weight, w)
			p.start, p.end = min(p.start, start), max(p.end, end)
			return
		}
	}
	if int(s.n) < len(s.spans) {
		s.spans[s.n] = span{start, end, w}
		s.n++
		return
	}
	low := 0
	for i := range s.spans {
		if s.spans[i].weight < s.spans[low].weight {
			low = i
		}
	}
	if s.spans[low].weight < w {
		s.spans[low] = span{start, end, w}
	}
}

// total is the strongest weight and parts of the others.
func (s *stack) total() float64 {
	var top [4]float32
	for _, p := range s.spans[:s.n] {
		w := p.weight
		for i := range top {
			if w > top[i] {
				top[i], w = w, top[i]
			}
		}
	}
	return float64(top[0] + 0.5*top[1] + 0.3*top[2] + 0.2*top[3] + s.minus)
}

func (e *evidence) countLang(v *vocabEntry) {
	if v.stop != 0 {
		w := 1 / float64(bits.OnesCount16(v.stop))
		for b := v.stop; b != 0; b &= b - 1 {
			e.lang[bits.TrailingZeros16(b)] += w
		}
		return
	}
	if v.content != 0 {
		w := 0.3 / float64(bits.OnesCount16(v.content))
		for b := v.content; b != 0; b &= b - 1 {
			e.lang[bits.TrailingZeros16(b)] += w
		}
	}
}

const (
	markMasked = 1 << iota
	markNegator
)

// negationReach is how many tokens after a negator are denied.
const negationReach = 3

// applyMatches turns the phrases found into evidence. Figures of speech
// ("killing me", "killer deal") mask the tokens they cover first.
func (rd *reading) applyMatches() {
	for range rd.toks {
		rd.marks = append(rd.marks, 0)
	}
	for _, m := range rd.matches {
		for _, e := range rd.lex.rules[m.rule].effects {
			switch {
			case e.kind == effMask:
				for i := m.start; i < m.end; i++ {
					rd.marks[i] |= markMasked
				}
			case e.kind == effFeature && feature(e.index) == featNegator:
				rd.marks[m.start] |= markNegator
			}
		}
	}
	for _, m := range rd.matches {
		r := &rd.lex.rules[m.rule]
		if rd.isMasked(m) && !r.masks() {
			continue
		}
		negated := rd.negated(m)
		if negated && r.unneg && rd.denied(m) {
			continue
		}
		for _, e := range r.effects {
			rd.ev.apply(e, m, negated)
		}
	}
}

func (r *rule) masks() bool {
	for _, e := range r.effects {
		if e.kind == effMask {
			return true
		}
	}
	return false
}

func (rd *reading) isMasked(m match) bool {
	for i := m.start; i < m.end; i++ {
		if rd.marks[i]&markMasked != 0 {
			return true
		}
	}
	return false
}

func (rd *reading) negated(m match) bool {
	for i := m.start - 1; i >= 0 && i >= m.start-negationReach; i-- {
		if rd.toks[i].sentence != rd.toks[m.start].sentence {
			return false
		}
		if rd.marks[i]&(markNegator|markMasked) == markNegator {
			return true
		}
	}
	return false
}

// denied is negated for what must not be missed: a denial does not reach over
// a conjunction, and "can't believe it burned" and "not only smoked" deny
// nothing.
func (rd *reading) denied(m match) bool {
	for i := m.start - 1; i >= 0 && i >= m.start-negationReach; i-- {
		switch {
		case rd.toks[i].sentence != rd.toks[m.start].sentence, undenying[string(rd.wordAt(int(i)))]:
			return false
		case rd.marks[i]&(markNegator|markMasked) == markNegator:
			return true
		}
	}
	return false
}

// undenying are words behind which a negator says nothing of what follows.
var undenying = words(`and but then so because when while after until believe imagine only just even stop stopped understand wait longer before
	und aber dann weil als nur glauben fassen bis bevor nachdem mehr
	y pero cuando porque solo creer creo ni antes hasta despues
	et mais quand car parce seulement croire crois avant apres plus`)

func (e *evidence) apply(f effect, m match, negated bool) {
	switch f.kind {
	case effIntent:
		if negated && f.index == inPraise { // "not very helpful"
			e.neg.add(m.start, m.end, 0.7)
			e.intents[inServiceComplaint].add(m.start, m.end, 0.5*f.weight)
			return
		}
		e.intents[f.index].add(m.start, m.end, f.weight)
	case effTopic:
		e.topics[f.index] = max(e.topics[f.index], f.weight)
		if f.weight < 0 {
			e.topics[f.index] = f.weight
		}
	case effPos:
		if negated {
			e.neg.add(m.start, m.end, 0.7*f.weight)
		} else {
			e.pos.add(m.start, m.end, f.weight)
		}
	case effNeg:
		e.neg.add(m.start, m.end, f.weight)
	case effUrgent:
		e.urgent = max(e.urgent, f.weight)
	case effAgent:
		e.agent += f.weight
	case effFeature:
		if e.feats[f.index] == 0 {
			e.featAt[f.index], e.featEnd[f.index] = m.start, m.end
		}
		e.feats[f.index] = max(e.feats[f.index], f.weight)
	}
}
