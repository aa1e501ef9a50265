package understand

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// partOfDay is a stretch of a day in hours.
type partOfDay struct{ from, to int }

var dayParts = map[string]partOfDay{
	"morning": {8, 12}, "mornings": {8, 12}, "afternoon": {12, 17}, "afternoons": {12, 17}, "evening": {17, 21}, "evenings": {17, 21},
	"tonight": {18, 22}, "night": {18, 22}, "lunchtime": {12, 14}, "lunch": {12, 14}, "noon": {12, 13}, "midday": {12, 13},
	"tarde": {13, 20}, "tardes": {13, 20}, "noche": {20, 22}, "mediodia": {12, 15},
	"vormittag": {8, 12}, "vormittags": {8, 12}, "nachmittag": {12, 17}, "nachmittags": {12, 17}, "abend": {17, 21}, "abends": {17, 21},
	"mittags": {12, 14}, "morgens": {8, 12}, "mananas": {8, 13}, "noches": {20, 22}, "matins": {8, 12}, "soirs": {18, 21}, "mittag": {12, 14}, "matin": {8, 12}, "apresmidi": {12, 18}, "midi": {12, 14}, "soir": {18, 21}, "soiree": {18, 21},
}

// weekdays hold the plain words; init adds what means every such day.
var weekdays = map[string]int{
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
	"sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6,
	"domingo": 0, "lunes": 1, "martes": 2, "miercoles": 3, "jueves": 4, "viernes": 5, "sabado": 6,
	"sonntag": 0, "montag": 1, "dienstag": 2, "mittwoch": 3, "donnerstag": 4, "freitag": 5, "samstag": 6, "sonnabend": 6,
	"dimanche": 0, "lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6,
}

func init() {
	for _, w := range []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
		"sonntag", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "domingo", "sabado", "dimanche", "lundi", "mardi", "jeudi", "vendredi", "samedi"} {
		weekdays[w+"s"] = weekdays[w]
	}
}

// The words in front of a clock time.
const (
	boundAt = iota
	boundAfter
	boundBefore
	boundBetween
)

var clockBounds = map[string]int{
	"after": boundAfter, "from": boundAfter, "past": boundAfter, "since": boundAfter, "ab": boundAfter, "nach": boundAfter,
	"partir": boundAfter, "despues": boundAfter, "apres": boundAfter, "desde": boundAfter,
	"before": boundBefore, "until": boundBefore, "till": boundBefore, "by": boundBefore, "vor": boundBefore, "bis": boundBefore,
	"antes": boundBefore, "hasta": boundBefore, "avant": boundBefore,
	"between": boundBetween, "zwischen": boundBetween, "entre": boundBetween,
}

// preferredTime reads when the customer wants to be called, or does not: a time
// that is ruled out counts only if no other is named. Outside a text about
// calling it takes only a short answer that is nothing but a time. A no that
// is only about some hours is no refusal: it clears u.CallConsent.
func (rd *reading) preferredTime(u *domain.Understanding) *domain.PreferredTime {
	yes, no := rd.namedTimes(u.CallConsent)
	t, slack := &yes, 4
	if yes.hints == 0 {
		t, slack = &no, 6
	}
	if t.hints == 0 {
		return nil
	}
	calling := u.CallConsent != domain.Unasked || rd.ev.feats[featTime] > 0
	// "Mornings don't work" reads like a fault elsewhere.
	matter := rd.askWeight() > 1 && t != &no
	if !calling && (rd.shape.words > t.last-t.first+slack || matter || rd.ev.feats[featClosing] > 0) {
		return nil
	}
	if u.CallConsent == domain.Refused {
		// "Don't call me, tomorrow I am away" refuses; "not now, call after six"
		// and "not in the morning" do not.
		called := rd.ev.feats[featCall] >= 0.5 && rd.callWords() > 1
		switch {
		case t == &yes && !called && !t.bounded:
			return nil
		case t == &yes && called:
			u.CallConsent = domain.Granted
		default:
			u.CallConsent = domain.Unasked
		}
	}
	a, b := rd.toks[t.first].start, rd.toks[t.last].end
	if b < a {
		return nil
	}
	p := t.at
	p.Not = t == &no
	p.Text = rd.text[a:b]
	rd.add(domain.EntityTime, a, b, p.Text, 0.8)
	u.Entities = rd.takeEntities()
	return &p
}

// callWords counts the words for calling.
func (rd *reading) callWords() (n int) {
	for i := range rd.toks {
		if contextWords[string(rd.normAt(i))] == ctxPhone {
			n++
		}
	}
	return n
}

// named is a time as far as it was read.
type named struct {
	at          domain.PreferredTime
	first, last int
	clocks      int
	hints       int
	bounded     bool // "after", "before", "between"
}

func newNamed() named { return named{at: domain.PreferredTime{Weekday: -1}, first: -1, last: -1} }

func (n *named) note(i int) {
	if n.first < 0 {
		n.first = i
	}
	n.last = max(n.last, i)
}

// namedTimes reads the times a text names: those asked for and those ruled out.
func (rd *reading) namedTimes(consent domain.Answer) (yes, no named) {
	yes, no = newNamed(), newNamed()
	bound, boundTok := boundAt, -1
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind != kindWord && t.kind != kindNumber || t.hash || rd.taken(t.start, t.end) {
			continue
		}
		w := string(rd.normAt(i))
		if b, ok := clockBounds[w]; ok {
			if rd.clockOrDay(i + 1) {
				bound, boundTok = b, i
			}
			continue
		}
		start := i
		if boundTok >= 0 && i-boundTok <= 3 {
			start = boundTok
		}
		n := &yes
		neg := rd.negatedBefore(start, consent)
		if neg >= 0 {
			n = &no
		}
		width := 0
		if h, wide := rd.clock(i, bound != boundAt || n.clocks > 0); wide > 0 {
			n.at.FromHour, n.at.ToHour = clockRange(bound, h, n.clocks, n.at)
			n.clocks++
			width = wide
		} else if rd.dayWord(i, w, &n.at) {
			width = 1
		} else if n.clocks == 0 && dayPart(rd, i, w, &n.at) {
			width = 1
			if start < i {
				n.at.FromHour, n.at.ToHour = boundedPart(bound, w, n.at)
			}
		}
		if width == 0 {
			continue
		}
		if neg >= 0 {
			n.note(neg)
		}
		n.note(start)
		n.note(i + width - 1)
		n.bounded = n.bounded || start < i
		n.hints++
		if bound != boundBetween || n.clocks > 1 {
			boundTok = -1
		}
	}
	if no.hints == 0 && yes.hints > 0 {
		if after := rd.negatedAfter(yes.last); after >= 0 {
			yes, no = no, yes
			no.note(after)
		}
	}
	return yes, no
}

// Words that rule out the time next to them.
var timeNegators = map[string]bool{
	"not": true, "dont": true, "cant": true, "cannot": true, "never": true, "no": true, "wont": true, "doesnt": true, "isnt": true, "arent": true,
	"except": true, "nicht": true, "nie": true, "niemals": true, "kein": true, "keine": true, "keinen": true, "ausser": true,
	"nunca": true, "excepto": true, "salvo": true, "menos": true, "pas": true, "jamais": true, "sauf": true,
}

// clauseEnds stand between one half of "not now, but tomorrow" and the other.
var clauseEnds = map[string]bool{
	"but": true, "only": true, "just": true, "rather": true, "instead": true, "until": true, "till": true, "sondern": true, "nur": true, "erst": true,
	"lieber": true, "sino": true, "solo": true, "mejor": true, "mais": true, "seulement": true, "plutot": true, "because": true,
}

// negatedBefore finds the word in front of token i that rules out the time
// there, -1 if none does. It stands further away in "don't call me in the …".
func (rd *reading) negatedBefore(i int, consent domain.Answer) int {
	reach := 3
	switch consent {
	case domain.Granted:
		reach = 2
	case domain.Refused:
		reach = 6
	}
	for j := i - 1; j >= 0 && j >= i-reach; j-- {
		w := string(rd.normAt(j))
		if w == "but" && strings.HasPrefix(string(rd.normAt(j-1)), "any") {
			return j // "anytime but Monday"
		}
		if rd.toks[j].kind != kindWord || breaks(rd.text[rd.toks[j].end:rd.toks[j+1].start]) || clauseEnds[w] || rd.timeWord(j) {
			return -1
		}
		if timeNegators[w] {
			return j
		}
	}
	return -1
}

// negatedAfter is negatedBefore for "mornings don't work".
func (rd *reading) negatedAfter(i int) int {
	for j := i + 1; j < len(rd.toks) && j <= i+5; j++ {
		w := rd.normAt(j)
		if rd.toks[j].kind != kindWord || breaks(rd.text[rd.toks[j-1].end:rd.toks[j].start]) || clauseEnds[string(w)] {
			return -1
		}
		if !timeNegators[string(w)] {
			continue
		}
		switch string(rd.normAt(j + 1)) {
		case "before", "earlier", "sooner", "later", "vorher", "eher", "fruher", "spater", "antes", "avant", "apres", "problem", "worries":
			return -1
		}
		return j
	}
	return -1
}

func (rd *reading) timeWord(i int) bool {
	w := string(rd.normAt(i))
	_, part := dayParts[w]
	_, day := weekdays[w]
	var p domain.PreferredTime
	return part || day || rd.dayWord(i, w, &p)
}

func breaks(gap string) bool { return strings.ContainsAny(gap, ",;.!?:()\n–—") }

// clockOrDay reports whether a time follows a word such as "after".
func (rd *reading) clockOrDay(i int) bool {
	for j := i; j < i+3 && j < len(rd.toks); j++ {
		w := string(rd.normAt(j))
		if _, n := rd.clock(j, true); n > 0 && !rd.taken(rd.toks[j].start, rd.toks[j].end) {
			return true
		}
		if _, ok := dayParts[w]; ok {
			return true
		}
		if _, ok := weekdays[w]; ok {
			return true
		}
		if w != "de" && w != "las" && w != "la" && w != "les" && w != "a" && w != "about" {
			return false
		}
	}
	return false
}

// boundedPart is "before noon" and "after lunch".
func boundedPart(bound int, w string, p domain.PreferredTime) (from, to int) {
	switch {
	case bound == boundBefore:
		return 0, p.FromHour
	case bound == boundAfter && strings.HasPrefix(w, "lunch"):
		return p.ToHour, 24
	case bound == boundAfter:
		return p.FromHour, 24
	}
	return p.FromHour, p.ToHour
}

func clockRange(bound, h, clocks int, p domain.PreferredTime) (from, to int) {
	switch {
	case clocks > 0:
		if h <= p.FromHour && h+12 <= 24 {
			h += 12 // "between 2 and 4pm" reads its half day from the last
		}
		return p.FromHour, h
	case bound == boundAfter:
		return h, 24
	case bound == boundBefore:
		return 0, h
	}
	return h, min(h+1, 24)
}

// clock reads an hour at token i: "5pm", "5 pm", "17:00", "17h", "17 Uhr";
// with bare, also "after 5". It returns the hour and the tokens it took.
func (rd *reading) clock(i int, bare bool) (hour, width int) {
	if i >= len(rd.toks) {
		return 0, 0
	}
	t := &rd.toks[i]
	w := string(rd.normAt(i))
	n := 0
	for n < len(w) && digit(w[n]) {
		n++
	}
	if n == 0 || n > 2 {
		return 0, 0
	}
	h, suffix := digitsValue(w[:n]), w[n:]
	width = 1
	if suffix == "" && t.end+2 < len(rd.text) && rd.text[t.end] == ':' && i+1 < len(rd.toks) && rd.toks[i+1].start == t.end+1 && rd.toks[i+1].digits == 2 {
		suffix = strings.TrimLeft(string(rd.normAt(i+1)), "0123456789")
		width, bare = 2, true
	}
	if suffix == "" {
		switch next := string(rd.normAt(i + width)); next {
		case "am", "pm", "uhr", "h", "hs", "oclock", "heures":
			suffix = next
			width++
		}
	}
	switch suffix {
	case "am", "uhr", "h", "hs", "hrs", "heures":
		if suffix == "am" && h == 12 {
			h = 0
		}
	case "pm":
		if h < 12 {
			h += 12
		}
	case "oclock":
		if h < 8 {
			h += 12
		}
	case "":
		if !bare || unitWords[string(rd.normAt(i+width))] {
			return 0, 0
		}
		if h < 8 && width == 1 {
			h += 12 // nobody asks for a call "after 5" in the morning
		}
	default:
		return 0, 0
	}
	if h > 24 {
		return 0, 0
	}
	return h, width
}

func (rd *reading) dayWord(i int, w string, p *domain.PreferredTime) bool {
	switch w {
	case "tomorrow", "tmrw", "tmr", "tomo", "demain":
		p.DayOffset = 1
		return true
	case "manana":
		prev := string(rd.normAt(i - 1))
		if prev == "la" || prev == "esta" {
			p.FromHour, p.ToHour = 8, 13
		} else {
			p.DayOffset = 1
		}
		return true
	case "morgen":
		if _, isDay := weekdays[string(rd.normAt(i-1))]; isDay {
			p.FromHour, p.ToHour = 8, 12
		} else {
			p.DayOffset = 1
		}
		return true
	case "fruh":
		if string(rd.normAt(i-1)) == "morgen" {
			p.FromHour, p.ToHour = 8, 12
			return true
		}
	case "today", "hoy", "heute", "aujourdhui":
		return true
	}
	if d, ok := weekdays[w]; ok {
		switch w {
		case "sun", "sat", "mon", "wed": // words of their own, and French "mon"
			if rd.toks[i].start > 0 && !isUpper(rd.text[rd.toks[i].start]) {
				return false
			}
		}
		p.Weekday = d
		return true
	}
	return false
}

func dayPart(rd *reading, i int, w string, p *domain.PreferredTime) bool {
	if w == "apres" && string(rd.normAt(i+1)) == "midi" {
		p.FromHour, p.ToHour = 12, 18
		return true
	}
	if w == "midi" && string(rd.normAt(i-1)) == "apres" {
		return true
	}
	d, ok := dayParts[w]
	if !ok || w == "morning" && string(rd.normAt(i-1)) == "good" || w == "lunch" && string(rd.normAt(i-1)) != "at" {
		return false
	}
	p.FromHour, p.ToHour = d.from, d.to
	return true
}
