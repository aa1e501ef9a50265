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
	"mittags": {12, 14}, "mittag": {12, 14}, "matin": {8, 12}, "apresmidi": {12, 18}, "midi": {12, 14}, "soir": {18, 21}, "soiree": {18, 21},
}

var weekdays = map[string]int{
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
	"sun": 0, "mon": 1, "tue": 2, "tues": 2, "wed": 3, "thu": 4, "thur": 4, "thurs": 4, "fri": 5, "sat": 6,
	"domingo": 0, "lunes": 1, "martes": 2, "miercoles": 3, "jueves": 4, "viernes": 5, "sabado": 6,
	"sonntag": 0, "montag": 1, "dienstag": 2, "mittwoch": 3, "donnerstag": 4, "freitag": 5, "samstag": 6, "sonnabend": 6,
	"dimanche": 0, "lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6,
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

// preferredTime reads when the customer wants to be called. Outside a text
// about calling it takes only a short answer that is nothing but a time.
func (rd *reading) preferredTime(u *domain.Understanding) *domain.PreferredTime {
	p := domain.PreferredTime{Weekday: -1}
	first, last, clocks, hints := -1, -1, 0, 0
	bound := boundAt
	note := func(i int) {
		if first < 0 {
			first = i
		}
		last = i
	}
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind != kindWord && t.kind != kindNumber || t.hash || rd.inReference(t.start, t.end) {
			continue
		}
		w := string(rd.normAt(i))
		if b, ok := clockBounds[w]; ok {
			if rd.clockOrDay(i + 1) {
				bound = b
				note(i)
			}
			continue
		}
		if h, width := rd.clock(i, bound != boundAt || clocks > 0); width > 0 {
			p.FromHour, p.ToHour = clockRange(bound, h, clocks, p)
			clocks++
			note(i)
			last = i + width - 1
			hints++
			continue
		}
		if rd.dayWord(i, w, &p) || clocks == 0 && dayPart(rd, i, w, &p) {
			note(i)
			hints++
		}
	}
	if hints == 0 || first < 0 {
		return nil
	}
	calling := u.CallConsent == domain.Granted || rd.ev.feats[featTime] > 0
	if !calling && (rd.shape.words > last-first+4 || rd.askWeight() > 1 || rd.ev.feats[featClosing] > 0) {
		return nil
	}
	if u.CallConsent == domain.Refused && !strings.Contains(strings.ToLower(rd.text), "after") {
		return nil
	}
	a, b := rd.toks[first].start, rd.toks[last].end
	if b < a {
		return nil
	}
	p.Text = rd.text[a:b]
	rd.add(domain.EntityTime, a, b, p.Text, 0.8)
	u.Entities = rd.takeEntities()
	return &p
}

func (rd *reading) inReference(a, b int) bool { return rd.taken(a, b) }

// clockOrDay reports whether a time follows a word such as "after".
func (rd *reading) clockOrDay(i int) bool {
	for j := i; j < i+3 && j < len(rd.toks); j++ {
		w := string(rd.normAt(j))
		if _, n := rd.clock(j, true); n > 0 && !rd.inReference(rd.toks[j].start, rd.toks[j].end) {
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
