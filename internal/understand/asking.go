package understand

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// asking is how plainly a text asks for information by its grammar, whatever
// it asks about: 1 for a sentence that is built as a question and marked as
// one, less for one of the two, 0 for none. "Why" reproaches as often as it
// asks, and "could you" asks for a deed; neither counts.
func (rd *reading) asking(lang string) float64 {
	g := grammars[lang]
	best := 0.0
	for from := 1; from < len(rd.toks); {
		to := from + 1
		for to < len(rd.toks) && rd.toks[to].sentence == rd.toks[from].sentence && rd.toks[to].kind != kindEnd {
			to++
		}
		if rd.toks[from].kind != kindEnd {
			best = max(best, rd.asks(g, from, to))
		}
		from = to
	}
	return best
}

// asks judges one sentence.
func (rd *reading) asks(g *grammar, from, to int) float64 {
	marked := rd.toks[to-1].asked
	for j := from; j < to; j++ {
		word := rd.wordAt(j)
		if second := rhetoricPairs[string(word)]; rhetoric[string(word)] || second != "" && string(rd.wordAt(j+1)) == second {
			return 0
		}
	}
	if g == nil {
		if marked && to-from >= 3 {
			return 0.6
		}
		return 0
	}
	i := from
	for i < to && g.opener[string(rd.wordAt(i))] && !g.wh[string(rd.wordAt(i))] {
		i++
	}
	if rd.masked(i) && rd.masked(i+1) {
		return 0 // "how are you"
	}
	built := rd.built(g, i, to, marked)
	for j := i + 1; j < to-1 && marked && !built; j++ { // "I want to return a chair, how does that work?"
		built = rd.afterComma(j) && g.wh[string(rd.wordAt(j))] && rd.built(g, j, to, marked)
	}
	switch {
	case built && marked:
		return 1
	case built:
		return 0.8
	case marked && to-from >= 3 && told[string(rd.wordAt(i))]:
		return 0.6 // "you ship to Canada?"
	}
	return 0
}

func (rd *reading) masked(i int) bool {
	return i < len(rd.marks) && rd.marks[i]&markMasked != 0
}

// afterComma reports whether a comma stands before token i.
func (rd *reading) afterComma(i int) bool {
	return strings.Contains(rd.text[rd.toks[i-1].end:rd.toks[i].start], ",")
}

// built reports whether the sentence that begins at token i has a question's
// word order.
func (rd *reading) built(g *grammar, i, to int, marked bool) bool {
	if i+1 >= to {
		return false
	}
	first, second := string(rd.wordAt(i)), string(rd.wordAt(i+1))
	switch {
	case first == "have" && second == "you":
		return offered[string(rd.wordAt(i+2))]
	case g.wh[first]:
		if strings.HasSuffix(first, "s") && first != "whose" && g.wh[first[:len(first)-1]] {
			return true // "where's"
		}
		for j := i + 1; j < min(i+5, to); j++ {
			switch w := rd.wordAt(j); {
			case g.verb[string(w)]:
				return true
			case j == i+1 && g.subject[string(w)] && !marked:
				return false // "what you did", "when it came"
			}
		}
		return marked
	case rd.request(i):
		return false
	case g.verb[first] && g.loose:
		return marked || rd.hyphened(i)
	case g.verb[first]:
		// "do your job" and "have this" are commands.
		command := (first == "do" || first == "have") && (second == "your" || second == "ur" || second == "this" || second == "that")
		return marked || g.subject[second] && !command
	}
	return rd.hyphened(i)
}

// ofTrade reports whether the text speaks of what shops are asked about.
func (rd *reading) ofTrade() bool {
	for i := range rd.toks {
		if trade[string(rd.wordAt(i))] {
			return true
		}
	}
	return false
}

// request reports "could you …" and its kin: a deed is asked for.
func (rd *reading) request(i int) bool {
	if i+2 >= len(rd.toks) {
		return false
	}
	next := string(rd.wordAt(i + 2))
	switch string(rd.wordAt(i)) {
	case "can", "could", "would", "kann", "konnen", "konnt", "pueden", "puede", "pouvez":
		if services[next] {
			return false
		}
	case "will":
		if !deeds[next] {
			return false
		}
	default:
		return false
	}
	switch string(rd.wordAt(i + 1)) {
	case "you", "u", "ya", "yall", "someone", "somebody", "anyone", "please", "pls", "ihr", "sie", "mir", "jemand", "vous", "me":
		return next != "be" && next != "have"
	}
	return false
}

// plainForm is what remains of the form beside what else the text says: a
// matter of the writer's is that matter however it is put, anger asks for
// nothing, and a question that names neither us nor what shops are asked
// about may be meant for anybody.
func (rd *reading) plainForm(matter, neg float64, addressed bool) float64 {
	form := rd.form
	switch {
	case neg >= 0.6:
		form *= 0.2
	case matter > 1.5:
		form = 0
	case matter > 1:
		form *= 0.6
	}
	if !rd.toUs(addressed) {
		form *= 0.3
	}
	return form
}

// toUs reports that a question is put to us, as far as its words show.
func (rd *reading) toUs(addressed bool) bool { return addressed || rd.support || rd.ofTrade() }

// general reports a question about how things are done, put by somebody who
// has no matter of their own in it: whoever asks gets the same answer.
func (rd *reading) general(neg float64) bool {
	addressed := rd.leadingM > 0 || rd.ev.feats[featSecond] > 0
	if rd.form < 0.8 || neg >= 0.6 || rd.shape.words > maxGeneral || rd.references() > 0 || !rd.toUs(addressed) {
		return false
	}
	for i := range rd.toks {
		if own[string(rd.wordAt(i))] {
			return false
		}
	}
	return true
}

// maxGeneral is how many words a general question has at most; longer ones
// tell a story.
const maxGeneral = 30

// hyphened reports a French verb with its subject behind: "livrez-vous".
func (rd *reading) hyphened(i int) bool {
	if i+1 >= len(rd.toks) || rd.toks[i].end >= len(rd.text) || rd.text[rd.toks[i].end] != '-' {
		return false
	}
	switch string(rd.wordAt(i + 1)) {
	case "vous", "tu", "on", "je", "il", "ils", "elle", "elles", "nous", "t", "ce":
		return true
	}
	return false
}

// wordAt is a token's folded word, empty for what is none.
func (rd *reading) wordAt(i int) []byte {
	if i < 0 || i >= len(rd.toks) || rd.toks[i].kind != kindWord {
		return nil
	}
	return rd.norm[rd.toks[i].normA:rd.toks[i].normB]
}

// maxStatus is how many words a question after an order's whereabouts has at
// most.
const maxStatus = 14

// whereabouts is how plainly a text that names an order or a parcel asks where
// it is: the number stands for "my order", which the lexicons' phrases need.
func (rd *reading) whereabouts(matter float64) float64 {
	f := &rd.ev.feats
	if matter > 1.4 || rd.shape.words > maxStatus || f[featPerson] > 0 || f[featCall] > 0 || f[featClosing] > 0 || rd.ev.pos.total() > 0.3 {
		return 0
	}
	named := 0
	for _, e := range rd.ents {
		if e.Kind == domain.EntityOrder || e.Kind == domain.EntityTracking {
			named++
		}
	}
	if named == 0 {
		return 0
	}
	for i := range rd.toks {
		word := rd.wordAt(i)
		if second := placePairs[string(word)]; places[string(word)] || second != nil && second[string(rd.wordAt(i+1))] {
			return 2.4
		}
	}
	return 0
}

// places are words that ask where something is or when it comes, once it is
// named.
var places = words(`where wheres when whens track tracking status news update updates arrive arrives arriving coming shipped ship dispatched
	delivered delivery eta whereabouts happened happening late delayed
	wo wann bleibt kommt status neues neuigkeiten unterwegs lieferung versendet verschickt angekommen geliefert
	donde cuando llega llegara llego estado novedad novedades noticias seguimiento enviado entregado
	ou quand arrive arrivee arrivera statut nouvelles suivi expediee expedie livree livre`)

// placePairs are two words that ask so only together.
var placePairs = map[string]map[string]bool{
	"whats": words("up with the happening"), "hows": words("it my the"), "how": words("is are"), "check": words("on"), "what": words("about"),
	"was": words("ist los"), "ist": words("mit mein meine"), "que": words("pasa ha hay paso"), "quoi": words("de"), "en": words("est"),
	"up": words("with"), "no": words("sign"),
}
