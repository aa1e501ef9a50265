package social

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// ellipsis ends a text that had to be cut.
const ellipsis = "…"

// Split makes of a text at most parts messages, each beginning with prefix: a
// mention that the network needs. It takes as few as it can, or one more where
// that keeps paragraphs or sentences whole; else it breaks between words, and
// inside of a word, of what is copied as one, or of a link only where that is
// too long for a message. What is too long even so is shortened and ends in an
// ellipsis. A text without content gives nothing.
//
// Parts are not numbered: each answers the one before, which networks show, and
// "(2/3)" would cost room and be read aloud by screen readers in mid-thought.
func (l Length) Split(text, prefix string, parts int) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if l.Fits(prefix + text) {
		return []string{prefix + text}
	}
	s := &splitter{l: l, text: text, prefix: prefix, breaks: breaksOf(text)}
	if least := s.needs(0, max(parts, 1)); least < parts {
		parts = least + 1
	}
	var out []string
	for from := 0; from < len(text); {
		left := max(parts, 1) - len(out) - 1
		i := s.best(from, left)
		if i < 0 {
			return out // not even one character fits beside the prefix
		}
		last := left == 0 && s.breaks[i].at < len(text)
		out = append(out, s.piece(from, i, last))
		if left == 0 {
			return out
		}
		from = s.next(i)
	}
	return out
}

// manyParts is more than any network is configured with: nothing is spared
// then.
const manyParts = 100

type splitter struct {
	l            Length
	text, prefix string
	breaks       []breakAt // ascending; the last is the text's end
}

// piece is the message from a place to a break.
func (s *splitter) piece(from, i int, cut bool) string {
	body := strings.TrimRightFunc(s.text[from:s.breaks[i].at], unicode.IsSpace)
	if cut {
		body = closed(body)
	}
	return s.prefix + body
}

func (s *splitter) fits(from, i int, last bool) bool {
	return s.l.Fits(s.piece(from, i, last && s.breaks[i].at < len(s.text)))
}

// next is where the message after a break begins.
func (s *splitter) next(i int) int {
	at := s.breaks[i].at
	return at + len(s.text[at:]) - len(strings.TrimLeftFunc(s.text[at:], unicode.IsSpace))
}

// closed ends a text that goes no further: not a link, which the ellipsis
// would become a part of, nor a sentence, which it would deny.
func closed(body string) string {
	body = strings.TrimRight(body, ",;:-–—،、；： ")
	links := linkPattern.FindAllStringIndex(body, -1)
	if n := len(links); n > 0 && links[n-1][1] == len(body) || strings.HasSuffix(strings.TrimRight(body, `"')”’»`), ".") ||
		strings.HasSuffix(body, "!") || strings.HasSuffix(body, "?") || strings.HasSuffix(body, "؟") {
		return body + " " + ellipsis
	}
	return body + ellipsis
}

// furthest returns the last break from a place on that fits, -1 for none.
func (s *splitter) furthest(from int, last bool) int {
	first := 0
	for high := len(s.breaks); first < high; {
		if mid := (first + high) / 2; s.breaks[mid].at <= from {
			first = mid + 1
		} else {
			high = mid
		}
	}
	// Counts grow with the text, but where a link begins; so the search is by
	// leaps, from the near end, and looks back at the end.
	low, step := first, 1
	for low+step < len(s.breaks) && s.fits(from, low+step, last) {
		low, step = low+step, step*2
	}
	high := min(low+step, len(s.breaks))
	for low+1 < high {
		if mid := (low + high) / 2; s.fits(from, mid, last) {
			low = mid
		} else {
			high = mid
		}
	}
	for ; low >= first; low-- {
		if low < len(s.breaks) && s.fits(from, low, last) {
			return low
		}
	}
	return -1
}

// word returns the last break between words that fits, or the best there is.
func (s *splitter) word(from int, last bool) int {
	far := s.furthest(from, last)
	if far < 0 || s.breaks[far].at == len(s.text) {
		return far
	}
	if i := s.back(from, far, breakWord, 3, last); i >= 0 {
		return i
	}
	if s.breaks[far].kind == breakLink { // the whole of it may fit the next message
		for i := far; i >= 0 && s.breaks[i].at > from; i-- {
			if s.breaks[i].kind > breakLink && s.fits(from, i, last) {
				return i
			}
		}
	}
	return far
}

// back looks from a break backwards for one of a kind, where at most all but
// one of so many shares of the room is lost.
func (s *splitter) back(from, far int, kind breakKind, shares int, last bool) int {
	least := from + (s.breaks[far].at-from)/shares
	for i := far; i >= 0 && s.breaks[i].at > from && s.breaks[i].at >= least; i-- {
		if s.breaks[i].kind >= kind && s.fits(from, i, last) {
			return i
		}
	}
	return -1
}

// best returns the break to end a message at that begins at from, if so many
// may follow it.
func (s *splitter) best(from, left int) int {
	last := left == 0
	far := s.word(from, last)
	if far < 0 || s.breaks[far].at == len(s.text) {
		return far
	}
	if last { // what is cut here is lost: a good end is worth a third of the room
		for kind := breakParagraph; kind > breakWord; kind-- {
			if i := s.back(from, far, kind, 3, last); i >= 0 && 3*(s.breaks[i].at-from) >= 2*(s.breaks[far].at-from) {
				return i
			}
		}
		return far
	}
	for kind := breakParagraph; kind > breakWord; kind-- {
		if i := s.back(from, far, kind, 3, last); i >= 0 && s.needs(s.next(i), left) <= left {
			return i
		}
	}
	return far
}

// needs counts the messages that the rest takes, broken between words: most+1
// if it is more than most.
func (s *splitter) needs(from, most int) int {
	if most > manyParts {
		return most
	}
	for n := 0; ; n++ {
		if from >= len(s.text) || n > most {
			return n
		}
		i := s.word(from, false)
		if i < 0 {
			return n
		}
		from = s.next(i)
	}
}

type breakKind int

const (
	breakLink      breakKind = iota // inside a link
	breakCharacter                  // inside a word, or a number in groups
	breakWord
	breakSentence
	breakParagraph
)

type breakAt struct {
	at   int // bytes
	kind breakKind
}

// breaksOf lists where a text may be broken, ascending.
func breaksOf(text string) []breakAt {
	var out []breakAt
	links := linkPattern.FindAllStringIndex(text, -1)
	at, state := 0, -1
	rest := text
	for len(rest) > 0 {
		var cluster string
		var boundaries int
		cluster, rest, boundaries, state = uniseg.StepString(rest, state)
		at += len(cluster)
		for len(links) > 0 && at >= links[0][1] {
			links = links[1:]
		}
		kind := breakCharacter
		switch {
		case len(links) > 0 && at > links[0][0]:
			kind = breakLink
		case strings.HasSuffix(text[:at], "\n"):
			kind = breakParagraph
		case boundaries&uniseg.MaskLine == uniseg.LineDontBreak || joined(text[:at], rest):
		case boundaries&uniseg.MaskSentence != 0:
			kind = breakSentence
		default:
			kind = breakWord
		}
		out = append(out, breakAt{at, kind})
	}
	return out
}

// Abbreviations that belong to what follows, of the languages that replies are
// written in; a single letter and a short number ("3. März", "1. Open …") are
// such as well. One that is missing here costs a break in a less good place.
var abbreviation = regexp.MustCompile(`(?i)(^|[\s("'«„“])(\pL|\d{1,2}|mrs?|ms|dr|prof|st|no|nr|núm|tel|art|abs|ca|approx|vs|bzw|ggf|evtl|inkl|zzgl|str|mio|sra?|srta|uds?|vds?|dña|ej|pág|ee)\.\s+$`)

// joined reports whether a place where a line might end is inside of what is
// read or copied as one: after an abbreviation, in a number in groups, before
// its currency, in an order's number with a hyphen.
func joined(before, after string) bool {
	trimmed := strings.TrimRight(before, " ")
	l, _ := utf8.DecodeLastRuneInString(trimmed)
	r, _ := utf8.DecodeRuneInString(after)
	switch {
	case len(trimmed) == len(before):
		return strings.ContainsRune("-/‐_.", l)
	case l == '.':
		return after != "" && abbreviation.MatchString(before[max(len(before)-24, 0):])
	}
	return unicode.IsDigit(l) && (unicode.IsDigit(r) || r == '%' || unicode.Is(unicode.Sc, r)) || unicode.Is(unicode.Sc, l) && unicode.IsDigit(r)
}
