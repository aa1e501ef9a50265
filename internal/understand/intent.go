package understand

// weighing adds up what speaks for each intent, one group of evidence after the
// other. Each group reads what those before it left: their order counts.
type weighing struct {
	rd   *reading
	lang string
	s    [inCount]float64

	pos, neg  float64
	matter    float64 // the best of what the writer may want from a shop
	specific  float64 // the best of all that is no talk
	addressed bool    // to us, or to somebody
	refs      int
	form      float64 // how plainly it is built as a question
	asks      float64 // how plainly it asks, by its words too
}

// intentScores weighs a text for each intent.
func (rd *reading) intentScores(lang string, pos, neg float64) [inCount]float64 {
	w := weighing{rd: rd, lang: lang, pos: pos, neg: neg, refs: rd.references(), addressed: rd.leadingM > 0 || rd.ev.feats[featSecond] > 0}
	w.words()
	w.question()
	w.feelings()
	w.chatter()
	w.unclear()
	w.spam()
	return w.s
}

// words takes what the lexicons' phrases say.
func (w *weighing) words() {
	for i := range w.s {
		w.s[i] = w.rd.ev.intents[i].total()
		if i <= inTechnical || i == inLegalSafety || i == inServiceComplaint {
			w.specific = max(w.specific, w.s[i])
		}
		if i <= inTechnical && i != inServiceComplaint {
			w.matter = max(w.matter, w.s[i])
		}
	}
	if where := w.rd.whereabouts(w.matter); where > 0 {
		w.s[inOrderStatus] += where
		w.specific, w.matter = max(w.specific, where), max(w.matter, where)
	}
	if w.rd.support && w.rd.shape.urls == 0 {
		w.s[inChatter] *= 0.6 // small talk and advertising seldom go to a help desk
		w.s[inSpam] *= 0.75
	}
}

// question weighs what asks, by its form, its marks and its words.
func (w *weighing) question() {
	rd, sh, f := w.rd, &w.rd.shape, &w.rd.ev.feats
	w.form = rd.plainForm(w.matter, w.neg, w.addressed)
	w.asks = max(float64(f[featQuestion]), 0.9*w.form)
	if sh.questions > 0 {
		w.asks += 0.5
	}
	if sh.questionEnd && rd.support {
		w.asks += 0.2
	}
	w.s[inQuestion] += w.asks + max(0, 1.1*w.form-0.5*w.s[inQuestion])
	if f[featWish] > 0 {
		w.s[inQuestion] += 1.6
	}
	if rd.namesOnly(w.lang, w.matter, w.asks, w.neg) {
		for i := range w.s[:inTechnical+1] {
			w.s[i] *= 0.5
		}
	}
}

// feelings weighs anger, mockery, praise and what endangers people.
func (w *weighing) feelings() {
	f := &w.rd.ev.feats
	if w.neg > 0 {
		// Anger alone is a complaint about the service; anger about a matter is
		// that matter.
		about := min(0.75*w.neg, 1.5)
		switch {
		case w.matter > 1:
			about *= 0.3
		case w.addressed && f[featFirst] > 0:
			about *= 1.5 // the writer's own experience, told to us
		}
		w.s[inServiceComplaint] += about
		w.s[inQuestion] -= 0.3 * min(w.neg, 1.5)
	}
	if f[featSarcasm] > 0 {
		w.s[inPraise] *= 0.15
		w.s[inServiceComplaint] += 1.6
	} else if w.rd.wentWrong() && w.s[inPraise] < 4 && w.matter >= 2.2 {
		w.s[inPraise] *= 0.35 // "well done, three weeks and no delivery"
	} else if w.pos > 0.6 && w.pos > w.neg {
		w.s[inPraise] += 0.45 * (w.pos - w.neg)
	}
	if w.matter > 1.5 && f[featClosing] > 0 {
		w.s[inPraise] -= 0.5 // thanks beside a matter are politeness
	}
	if w.s[inLegalSafety] >= 2.5 {
		w.s[inLegalSafety] += 0.7 // goes before what else is in the text
	}
}

// chatter is what remains when nobody is asked for anything.
func (w *weighing) chatter() {
	rd, f := w.rd, &w.rd.ev.feats
	ch := 0.75
	if !w.addressed {
		ch += 0.45
	}
	if rd.support {
		ch -= 0.45
	}
	if rd.mentions == 0 {
		ch += 0.15
	}
	if f[featNews] > 0 {
		ch += float64(f[featNews])
	}
	if !spokenByLexicon(w.lang) {
		ch -= 0.7 // what we cannot read is not small talk
	}
	ch += 1.7 * rd.closing(w.matter, w.asks, w.refs)
	if f[featStaff] > 0 {
		ch += 2 * float64(f[featStaff])
	}
	if f[featHelp] > 0 || f[featReply] > 0 || f[featLack] > 0 {
		ch -= 0.5
	}
	if rd.thin(w.lang) {
		ch -= 0.6
	}
	if w.pos > 0.5 {
		ch += 0.25
	}
	ch -= 0.5 * max(min(w.asks, 1), w.form)
	ch += rd.crowd(&w.s, w.matter, w.neg)
	w.s[inChatter] += ch
}

// unclear is a word to us whose matter stands elsewhere.
func (w *weighing) unclear() {
	rd, sh, f := w.rd, &w.rd.shape, &w.rd.ev.feats
	un := 0.35
	if w.addressed || rd.mentions == 0 && sh.words < 6 {
		un += 0.25
	}
	if rd.leadingM > 0 && f[featReply] == 0 && sh.words < 12 && w.neg < 0.5 && w.pos < 0.5 && w.asks == 0 {
		un += 0.35
	}
	if rd.support && w.asks < 0.5 {
		un += 0.3
	}
	if !spokenByLexicon(w.lang) {
		un += 0.8 // somebody who reads it has to look
	}
	un += float64(f[featReply]) + 0.8*float64(f[featHelp])
	if rd.thin(w.lang) {
		un += 0.6
	}
	if f[featLack] > 0 && sh.words <= maxLacking {
		un += 1.2
	}
	switch {
	case w.refs > 0 && sh.words-w.refs <= 6:
		un += 1.4
	case w.refs > 0 && sh.words <= 24 && f[featNews] == 0 && f[featAd] == 0:
		un += 0.7 // data for a matter that stands elsewhere
	}
	if sh.words <= 2 && rd.mentions <= 1 {
		un += 0.4
	}
	if f[featPerson] > 0 || f[featCall] > 0 {
		un += 0.9
	}
	switch {
	case w.matter > 1.5:
		un *= 0.35
	case w.specific > 1:
		un *= 0.5
	}
	w.s[inUnclear] += un
}

// thin reports a writer's own words in a language whose lexicon is small, of
// which no phrase was found: that says little about what they are.
func (rd *reading) thin(lang string) bool {
	f := &rd.ev.feats
	if lang != "es" && lang != "de" && lang != "fr" || rd.shape.words < 4 || f[featFirst]+f[featSecond] == 0 || rd.ev.pos.total() > 0 {
		return false
	}
	for i := range rd.ev.intents {
		if rd.ev.intents[i].n > 0 {
			return false
		}
	}
	return true
}

// spam weighs advertising, and what is only passed on.
func (w *weighing) spam() {
	sh, f := &w.rd.shape, &w.rd.ev.feats
	if f[featAd] > 0 {
		w.s[inSpam] += float64(f[featAd])
		if sh.urls > 0 {
			w.s[inSpam] += 0.7
		}
		if f[featFirst] > 0 {
			w.s[inSpam] -= 0.3
		}
	}
	if sh.retweet || f[featNews] >= 2 {
		for i := range w.s {
			if i != inChatter && i != inSpam {
				w.s[i] *= 0.5
			}
		}
	}
}

// closing is how much the thanks in the text end the matter: less when they
// only round off a request, or stand behind a story.
func (rd *reading) closing(matter, asks float64, refs int) float64 {
	f := &rd.ev.feats
	c := float64(f[featClosing])
	if c == 0 {
		return 0
	}
	if matter > 1 || asks >= 0.5 || f[featHelp] > 0 || refs > 0 || rd.ev.neg.total() >= 0.8 {
		c *= 0.2
	}
	if rd.shape.words > 18 {
		c *= 0.6
	}
	if at := int(rd.ev.featAt[featClosing]); at > 4 && int(rd.ev.featEnd[featClosing]) >= len(rd.toks)-2 {
		c *= 0.3
	}
	return c
}
