package understand

// manyMentions is how many accounts a post is addressed to before it is a
// round of people talking, in which the company is one of those named.
const manyMentions = 8

// namedOnly is the most evidence that the name of a thing gives by itself.
const namedOnly = 1.4

// crowd weighs what shows that the writer speaks to others than the company,
// or of others' matters. It lowers what the text would else be taken for and
// returns how much more it looks like chatter. Who asks for help, says what
// is theirs or gives a number is never talked over by it.
func (rd *reading) crowd(s *[inCount]float64, matter, neg float64) (chatter float64) {
	f := &rd.ev.feats
	if f[featHelp] > 0 || f[featPerson] > 0 || f[featCall] > 0 || rd.references() > 0 {
		return 0
	}
	if matter <= 1.5 && (rd.leadingM >= manyMentions || f[featCrowd] > 0 && rd.mentions == 0 && f[featSecond] == 0) {
		chatter += 1.3
		s[inQuestion] *= 0.5
	}
	if f[featHearsay] > 0 && matter < 1 && s[inServiceComplaint] < 2 && s[inLegalSafety] < 1 {
		chatter += 1.1 // gossip: nobody waits for an answer to it
		s[inServiceComplaint] *= 0.4
		if neg > 0.6 {
			s[inQuestion] *= 0.6
		}
	}
	if f[featReassure] > 0 && f[featFirst] == 0 && rd.leadingM == 0 && rd.form == 0 {
		chatter += 2 // told to other readers, however bad the matter is
		s[inTechnical] *= 0.5
		s[inOrderStatus] *= 0.5
	}
	return chatter
}

// namesOnly reports that a thing is named and nothing is said to be the matter
// with it, in a post that speaks to nobody in particular.
func (rd *reading) namesOnly(lang string, matter, asks, neg float64) bool {
	f := &rd.ev.feats
	return matter > 0 && matter <= namedOnly && asks == 0 && neg < 0.3 && rd.leadingM != 1 &&
		f[featFirst] == 0 && f[featHelp] == 0 && f[featNegator] == 0 && rd.references() == 0 && spokenByLexicon(lang)
}
