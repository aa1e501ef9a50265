package understand

import (
	"bytes"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// node is a state of the phrase automaton: a trie over symbols in which a
// gap may stand for a few tokens.
type node struct {
	edges []edge
	gap   int32   // node reached over a gap, or 0
	out   []int32 // rules whose phrase ends here
}

type edge struct {
	sym int32
	to  int32
}

// Bounds on the work at one token and on what one post may yield; a text
// that exceeds them is hostile, and the rest of its evidence is not needed.
const (
	maxOpen    = 48
	maxMatches = 400
	gapTokens  = 3
)

// openPhrase is a phrase that has begun.
type openPhrase struct {
	node  int32
	start int32
	gap   int8 // tokens that may still be skipped here
}

// match is one phrase found: toks[start:end].
type match struct {
	rule       int32
	start, end int32
}

func (l *lexicon) step(from, sym int32) int32 {
	if to, ok := l.made[[2]int32{from, sym}]; ok {
		return to
	}
	l.nodes = append(l.nodes, node{})
	to := int32(len(l.nodes) - 1)
	l.nodes[from].edges = append(l.nodes[from].edges, edge{sym, to})
	l.made[[2]int32{from, sym}] = to
	return to
}

func (l *lexicon) gapFrom(from int32) int32 {
	if l.nodes[from].gap == 0 {
		l.nodes = append(l.nodes, node{})
		l.nodes[from].gap = int32(len(l.nodes) - 1)
	}
	return l.nodes[from].gap
}

// finish sorts the edges and lays out the root as an array.
func (l *lexicon) finish() {
	l.made = nil
	l.root = make([]int32, l.nsym+1)
	for i := range l.nodes {
		slices.SortFunc(l.nodes[i].edges, func(a, b edge) int { return int(a.sym - b.sym) })
	}
	for _, e := range l.nodes[0].edges {
		l.root[e.sym] = e.to
	}
}

func (l *lexicon) follow(n, sym int32) int32 {
	es := l.nodes[n].edges
	if len(es) <= 8 {
		for _, e := range es {
			if e.sym == sym {
				return e.to
			}
		}
		return 0
	}
	lo, hi := 0, len(es)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if es[m].sym < sym {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(es) && es[lo].sym == sym {
		return es[lo].to
	}
	return 0
}

// lookUp appends the symbols that a token stands for and counts what its
// word says about the language.
func (rd *reading) lookUp(t *token) {
	switch t.kind {
	case kindBegin:
		rd.syms = append(rd.syms, symBegin)
		return
	case kindEnd:
		rd.syms = append(rd.syms, symEnd)
		return
	case kindURL:
		rd.syms = append(rd.syms, symURL)
		return
	case kindMention:
		rd.syms = append(rd.syms, symAny, symMention)
		return
	case kindEmail:
		rd.syms = append(rd.syms, symAny, symEmail)
		return
	case kindNumber:
		rd.syms = append(rd.syms, symNum)
	case kindEmoji:
		rd.syms = append(rd.syms, symEmoji)
	}
	rd.syms = append(rd.syms, symAny)
	w := rd.norm[t.normA:t.normB]
	if len(w) == 0 {
		return
	}
	e := rd.lex.vocab[string(w)]
	if e == nil && t.stretched {
		w = squeeze(w)
		t.normB = t.normA + len(w)
		e = rd.lex.vocab[string(w)]
	}
	if e != nil {
		rd.syms = append(rd.syms, e.syms...)
		if t.kind == kindWord {
			rd.ev.countLang(e)
		}
	}
	rd.stems(w)
	if n := rd.elided(t, w); n > 0 { // "l'avocat" is "avocat" too
		if e := rd.lex.vocab[string(w[n:])]; e != nil {
			rd.syms = append(rd.syms, e.syms...)
		}
		rd.stems(w[n:])
	}
}

// elided returns how many letters of a French article or pronoun stand before
// the apostrophe of a token, 0 if none do.
func (rd *reading) elided(t *token, w []byte) int {
	n := 1
	if len(w) > 3 && w[0] == 'q' && w[1] == 'u' {
		n = 2
	} else if bytes.IndexByte([]byte("cdjlmnst"), w[0]) < 0 {
		return 0
	}
	if len(w) < n+3 || t.start+n >= len(rd.text) {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(rd.text[t.start+n:]); !isApostrophe(r) {
		return 0
	}
	return n
}

// stems appends the symbols of the stems that a word begins with.
func (rd *reading) stems(w []byte) {
	if len(w) < 3 {
		return
	}
	for lens := rd.lex.stemLen[[3]byte(w[:3])]; lens != 0; lens &= lens - 1 {
		n := bits.TrailingZeros32(lens)
		if n > len(w) {
			break
		}
		rd.syms = append(rd.syms, rd.lex.stems[string(w[:n])]...)
	}
}

// squeeze removes doubled letters in place: "soo" → "so".
func squeeze(w []byte) []byte {
	out := w[:1]
	for _, c := range w[1:] {
		if c != out[len(out)-1] || c >= 0x80 {
			out = append(out, c)
		}
	}
	return out
}

// scan finds every phrase of the lexicons that may speak.
func (l *lexicon) scan(rd *reading) {
	for i := range rd.toks {
		t := &rd.toks[i]
		if i > 0 && t.sentence != rd.toks[i-1].sentence && t.kind != kindEnd && rd.toks[i-1].kind != kindBegin {
			rd.open = rd.open[:0]
		}
		rd.next = rd.next[:0]
		for _, o := range rd.open {
			for _, s := range rd.syms[t.symA:t.symB] {
				if to := l.follow(o.node, s); to != 0 {
					l.arrive(rd, to, o.start, i)
				}
			}
			if o.gap > 0 && len(rd.next) < maxOpen {
				rd.next = append(rd.next, openPhrase{o.node, o.start, o.gap - 1})
			}
		}
		for _, s := range rd.syms[t.symA:t.symB] {
			if to := l.root[s]; to != 0 {
				l.arrive(rd, to, int32(i), i)
			}
		}
		rd.open, rd.next = rd.next, rd.open
	}
}

func (l *lexicon) arrive(rd *reading, to, start int32, i int) {
	n := &l.nodes[to]
	for _, r := range n.out {
		if len(rd.matches) < maxMatches && l.rules[r].lang&rd.langs != 0 {
			rd.matches = append(rd.matches, match{r, start, int32(i + 1)})
		}
	}
	if len(n.edges) > 0 && len(rd.next) < maxOpen {
		rd.next = append(rd.next, openPhrase{node: to, start: start})
	}
	if n.gap != 0 && len(rd.next) < maxOpen {
		rd.next = append(rd.next, openPhrase{n.gap, start, gapTokens})
	}
}
