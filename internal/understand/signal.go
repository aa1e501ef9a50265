package understand

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// signals reads what steers the advocate itself. It runs before judge.
func (rd *reading) signals(u *domain.Understanding) {
	f := &rd.ev.feats
	u.Stop = f[featStop] >= 0.5
	u.WantsPerson = f[featPerson] >= 0.5
	switch {
	case f[featNoCall] >= 0.5:
		u.CallConsent = domain.Refused
	case f[featCall] >= 0.5:
		u.CallConsent = domain.Granted
	}
	u.Continues = rd.shape.openEnd && rd.shape.words > 3 || f[featOpen] >= 0.5 || rd.partOf()
	u.Thanks = f[featClosing] >= 0.75 && f[featSarcasm] == 0 && rd.shape.questions == 0 && !u.WantsPerson && rd.ev.neg.total() < 0.5 && rd.askWeight() < 1.5
	u.Lacks = f[featLack] > 0 && rd.shape.words <= maxLacking && rd.references() == 0
	rd.shape.retweet = strings.HasPrefix(rd.text, "RT @") || strings.HasPrefix(rd.text, "RT: ")
	if f[featTime] > 0 || u.CallConsent != domain.Unasked || rd.shape.words <= 8 {
		u.Preferred = rd.preferredTime(u)
	}
}

// maxLacking is how many words say no more than that something is not at hand.
const maxLacking = 12

// askWeight is the strongest evidence of an open matter.
func (rd *reading) askWeight() float64 {
	w := 0.0
	for i := 0; i <= inTechnical; i++ {
		w = max(w, rd.ev.intents[i].total())
	}
	return max(w, float64(rd.ev.feats[featHelp]))
}

// partOf finds "1/3", "(2/4)", "1/n" and "1/" where more parts follow. A
// last part ("3/3") does not continue.
func (rd *reading) partOf() bool {
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.kind != kindNumber || t.end-t.start > 2 || t.end >= len(rd.text) || rd.text[t.end] != '/' {
			continue
		}
		edge := i <= 1 || i >= len(rd.toks)-3 || strings.TrimSpace(rd.text[t.end+1:]) == ""
		if !edge || t.start > 0 && wordByte(rd.text[t.start-1]) || t.start > 0 && strings.IndexByte("/£$€.-", rd.text[t.start-1]) >= 0 {
			continue
		}
		rest := rd.text[t.end+1:]
		n := 0
		for n < len(rest) && wordByte(rest[n]) {
			n++
		}
		word := rest[:n]
		if n < len(rest) && rest[n] == '/' { // a date
			continue
		}
		a := digitsValue(rd.text[t.start:t.end])
		switch {
		case word == "" && (strings.Trim(rest, " )]") == ""), strings.EqualFold(word, "n"), strings.EqualFold(word, "x"):
			return true
		case word == "" || len(word) > 2 || !allDigits(word):
			continue
		default:
			if b := digitsValue(word); a >= 1 && a < b && b <= 20 && !rd.fraction(t.start, t.end+1+n) {
				return true
			}
		}
	}
	return false
}

// fraction reports a number pair that is more likely a date or a half: it
// stands bare inside the sentence rather than at its edge.
func (rd *reading) fraction(start, end int) bool {
	before, after := strings.TrimSpace(rd.text[:start]), strings.TrimSpace(rd.text[end:])
	if strings.HasSuffix(before, "(") || strings.HasSuffix(before, "[") {
		return false
	}
	lead := before == "" || strings.HasPrefix(before, "@") && !strings.Contains(strings.TrimLeft(before, "@"), " ")
	tail := after == "" || after == "." || strings.HasPrefix(after, "http")
	if tail && !lead {
		return strings.HasSuffix(before, "on") || strings.HasSuffix(before, "the") || strings.HasSuffix(before, "got")
	}
	return !lead
}

func digitsValue(s string) int {
	n := 0
	for i := 0; i < len(s) && i < 6; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
