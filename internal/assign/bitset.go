package assign

import (
	"math/bits"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// bitset is a set of agents by slot. All sets of a board have the same length.
type bitset []uint64

func (s bitset) set(i int, on bool) {
	if on {
		s[i>>6] |= 1 << (i & 63)
	} else {
		s[i>>6] &^= 1 << (i & 63)
	}
}

// trait names agents who have something in common: they work in a queue, have
// a skill at a level or a higher one, or speak a language.
type trait struct {
	kind  byte // 'q', 's' or 'l'
	name  string
	level int
}

// having returns the set of a trait, an empty one if nobody has it.
func (b *Board) having(t trait) *bitset {
	s := b.traits[t]
	if s == nil {
		s = new(make(bitset, len(b.free)))
		b.traits[t] = s
	}
	return s
}

// grow makes all sets long enough for a slot.
func (b *Board) grow(slot int) {
	for slot>>6 >= len(b.free) {
		b.free = append(b.free, 0)
		for _, s := range b.traits {
			*s = append(*s, 0)
		}
	}
}

// describe enters an agent into the sets of their traits, or takes them out.
func (b *Board) describe(a *agent, on bool) {
	for _, q := range a.state.Queues {
		b.having(trait{kind: 'q', name: q}).set(a.slot, on)
	}
	for name, level := range a.state.Skills {
		for l := 1; l <= min(level, domain.MaxProficiency); l++ {
			b.having(trait{'s', name, l}).set(a.slot, on)
		}
	}
	langs := a.state.Langs
	if len(langs) == 0 {
		langs = []string{b.policy.DefaultLang}
	}
	for _, l := range langs {
		b.having(trait{kind: 'l', name: baseLang(l)}).set(a.slot, on)
	}
}

// baseLang is a language without its region.
func baseLang(l string) string {
	l, _, _ = strings.Cut(l, "-")
	return strings.ToLower(l)
}

// ask is what is asked of an agent at one step of a demand: to work in any of
// some queues, and to have all of some other traits.
type ask struct {
	any   []*bitset
	all   []*bitset
	lines []*line // that have items
	index int     // its place among the board's asks that have lines
}

func (k *ask) fits(slot int) bool { return k.word(slot>>6, ^uint64(0))>>(slot&63)&1 == 1 }

// word returns those of w, the i-th word of a set, who have what is asked.
func (k *ask) word(i int, w uint64) uint64 {
	here := uint64(0)
	for _, s := range k.any {
		here |= (*s)[i]
	}
	w &= here
	for _, s := range k.all {
		w &= (*s)[i]
	}
	return w
}

// reach counts the agents with room who have what is asked. words are the
// places in the set of the free where there may be some.
func (k *ask) reach(free bitset, words []int) int {
	n := 0
	for _, i := range words {
		if w := free[i]; w != 0 {
			n += bits.OnesCount64(k.word(i, w))
		}
	}
	return n
}
