package understand

import (
	"math"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Indexes into domain.Intents.
const (
	inOrderStatus = iota
	inItemProblem
	inRefundReturn
	inCancelChange
	inBilling
	inAccountAccess
	inTechnical
	inServiceComplaint
	inPraise
	inQuestion
	inLegalSafety
	inChatter
	inSpam
	inUnclear
	inCount
)

// judge adds the evidence up.
func (rd *reading) judge(u *domain.Understanding) {
	pos, neg := rd.feelings()
	rd.form = rd.asking(u.Lang)
	scores := rd.intentScores(u.Lang, pos, neg)
	best, second := 0, -1
	for i := 1; i < inCount; i++ {
		if scores[i] > scores[best] {
			best = i
		}
	}
	for i := range scores {
		if i != best && (second < 0 || scores[i] > scores[second]) {
			second = i
		}
	}
	u.Intent = domain.Intents[best]
	u.IntentConfidence = rd.intentConfidence(scores, best, u.Lang)
	if scores[second] > 0.8 && scores[second] > 0.4*scores[best] {
		u.SecondIntent = domain.Intents[second]
	}
	rd.topics(u)
	rd.sentiment(u, best, pos, neg)
	rd.needsAgent(u, best, scores, pos, neg)
	rd.urgency(u, best)
	u.GeneralQuestion = u.NeedsAgent && rd.general(neg)
	u.Reply = best == inUnclear && u.NeedsAgent && rd.elsewhere()
}

// wentWrong reports that the text says by its words what is wrong with a
// delivery.
func (rd *reading) wentWrong() bool {
	if rd.ev.feats[featMended] > 0 || rd.ev.feats[featNegator] == 0 && rd.ev.neg.total() < 0.15 {
		return false
	}
	for i, w := range rd.ev.topics {
		switch domain.Topics[i] {
		case domain.TopicLate, domain.TopicLost, domain.TopicDamaged, domain.TopicMissing, domain.TopicWrongItem:
			if w >= 0.5 {
				return true
			}
		}
	}
	return false
}

// feelings are the weights of what is said warmly and what is said in anger.
func (rd *reading) feelings() (pos, neg float64) {
	pos, neg = rd.ev.pos.total(), rd.ev.neg.total()
	if rd.ev.feats[featSarcasm] > 0 {
		pos = 0
		rd.ev.feats[featClosing] = 0
	}
	s := &rd.shape
	if neg > 0 || pos < 0.5 {
		if s.exclaims > 2 {
			neg += 0.25
		}
		if s.questions > 2 {
			neg += 0.4
		}
		if s.upperWords > 3 && s.upperWords*2 > s.words {
			neg += 0.4
		}
	}
	return pos, neg
}

// answersUs reports that a text without a matter of its own is a turn of a
// conversation with us: it asks for help, answers or supplies something.
func (rd *reading) answersUs(u *domain.Understanding) bool {
	f, sh := &rd.ev.feats, &rd.shape
	plain := sh.urls == 0 && sh.hashes == 0 && sh.emojis == 0
	switch {
	case f[featHelp] > 0, f[featPerson] > 0, f[featCall] > 0, f[featNoCall] > 0:
	case f[featLack] > 0 && sh.words <= maxLacking, rd.thin(u.Lang):
	case f[featReply] > 0 && (rd.leadingM == 1 || f[featReply] > 1):
	case rd.references() > 0, rd.ev.urgent > 0, !spokenByLexicon(u.Lang), u.Continues:
	case sh.questions > 0, f[featQuestion] > 0:
	case sh.words == 0: // a bare mention or a picture
	case rd.support && rd.leadingM == 1 && f[featFirst]+f[featSecond] > 0:
	case rd.leadingM == 1 && f[featFirst] > 0 && sh.words <= 14 && plain:
	case (rd.leadingM > 0 || rd.mentions == 0) && sh.words <= 6 && plain && rd.ev.neg.total() < 0.5 && rd.ev.pos.total() < 0.5:
	default:
		return false
	}
	return true
}

// elsewhere reports that a text without a matter of its own is a turn of a
// conversation that began somewhere else: it answers, or supplies what somebody
// asked for. A greeting or a call for help may well begin one.
func (rd *reading) elsewhere() bool {
	f, sh := &rd.ev.feats, &rd.shape
	if sh.words == 0 && rd.references() == 0 || sh.questions > 0 || f[featPerson] > 0 || f[featCall] > 0 || f[featNoCall] > 0 {
		return false
	}
	return (f[featReply] > 0 || f[featLack] > 0 || rd.references() > 0) && !rd.greets()
}

// greets reports a bare greeting.
func (rd *reading) greets() bool {
	for i := range rd.toks {
		if word := rd.wordAt(i); word != nil {
			return rd.shape.words <= 3 && greetings[string(word)]
		}
	}
	return false
}

// references counts entities that answer "which order, which number".
func (rd *reading) references() int {
	n := 0
	for _, e := range rd.ents {
		switch e.Kind {
		case domain.EntityOrder, domain.EntityTracking, domain.EntityPhone, domain.EntityEmail, domain.EntityPostcode,
			domain.EntityOther:
			n++
		}
	}
	return n
}

// intentConfidence is the share of the best score among all, on a scale
// that was fitted to labelled posts (see TestReliability).
func (rd *reading) intentConfidence(s [inCount]float64, best int, lang string) float64 {
	const sharpness = 1.25
	sum := 0.0
	for _, x := range s {
		sum += math.Exp(sharpness * (x - s[best]))
	}
	c := 1 / sum
	if s[best] < 1 {
		c *= 0.75 // thin evidence
	}
	if best == inPraise && rd.leadingM > 1 && rd.ev.feats[featSecond] == 0 {
		c = min(c, 0.4) // said between others
	}
	if !spokenByLexicon(lang) {
		c = min(0.6*c, 0.35) // we hardly read that language
	}
	return round2(clamp01(0.08 + 0.88*c))
}

func spokenByLexicon(lang string) bool {
	switch lang {
	case "en", "es", "de", "fr", "und":
		return true
	}
	return false
}

func (rd *reading) topics(u *domain.Understanding) {
	for i, w := range rd.ev.topics {
		if w >= 0.5 {
			u.Topics = append(u.Topics, domain.Topics[i])
		}
	}
	slices.Sort(u.Topics)
}

// negPrior is how often a post of an intent vents besides reporting.
var negPrior = [inCount]float64{
	inOrderStatus: 0.3, inItemProblem: 0.2, inRefundReturn: 0.15, inBilling: 0.15, inServiceComplaint: 0.7,
	inLegalSafety: 0.35, inPraise: -1, inQuestion: -0.25, inUnclear: -0.2, inSpam: -0.8, inTechnical: 0.05,
	inCancelChange: -0.1,
}

func (rd *reading) sentiment(u *domain.Understanding, best int, pos, neg float64) {
	n := neg + negPrior[best]
	p := pos
	if best == inPraise {
		p += 0.6
	}
	if rd.ev.feats[featClosing] > 0 {
		p += 0.2
	}
	if neg > 0.5 {
		p *= 0.6 // sarcasm and politeness beside a grievance
	}
	const bar = 0.48
	switch {
	case n >= bar && n >= p:
		u.Sentiment = domain.Negative
		u.SentimentConfidence = round2(0.55 + 0.4*(1-math.Exp(-(n-max(p, bar)))))
	case p >= bar:
		u.Sentiment = domain.Positive
		u.SentimentConfidence = round2(0.5 + 0.42*(1-math.Exp(-(p-max(n, bar)))))
	default:
		u.Sentiment = domain.Neutral
		u.SentimentConfidence = round2(0.5 + 0.4*clamp01(bar-max(n, p)))
	}
}

// agentPrior is how often someone should act on a post of an intent, in log
// odds.
var agentPrior = [inCount]float64{
	inOrderStatus: 2.4, inItemProblem: 2.4, inRefundReturn: 2.6, inCancelChange: 2, inBilling: 2, inAccountAccess: 2.6,
	inTechnical: 2, inServiceComplaint: 1.4, inPraise: -2.4, inQuestion: 2.2, inLegalSafety: 2, inChatter: -1.6,
	inSpam: -3, inUnclear: 2.2,
}

func (rd *reading) needsAgent(u *domain.Understanding, best int, s [inCount]float64, pos, neg float64) {
	f := &rd.ev.feats
	// Phrases that overlap say the same more than once.
	x := agentPrior[best] + min(max(float64(rd.ev.agent), -2), 2)
	if f[featWish] > 0 {
		x -= 3 * float64(f[featWish])
	}
	if f[featLeaving] > 0 {
		x -= 1.6 * float64(f[featLeaving])
	}
	if f[featNews] > 0 {
		x -= 1.5 * float64(f[featNews])
	}
	if f[featStaff] > 0 {
		x -= 3
	}
	if f[featMended] > 0 {
		x -= 2.5
	}
	if f[featHelp] > 0 || f[featPerson] > 0 || f[featCall] > 0 {
		x += 1
	}
	if best == inChatter && rd.support && !u.Thanks && f[featClosing] == 0 {
		x += 0.7
	}
	if best == inServiceComplaint && rd.leadingM == 0 && f[featSecond] == 0 && f[featFirst] == 0 {
		x -= 0.7
	}
	if u.Thanks && best != inUnclear {
		x -= 0.8
	}
	if best == inPraise && neg >= 0.88 && f[featClosing] == 0 {
		x += 2.8 // one was great, the other was not
	}
	if best == inUnclear && !rd.answersUs(u) {
		x -= 1.7 // nothing is asked and nothing supplied: nobody may be waiting
	}
	p := 1 / (1 + math.Exp(-x))
	// What concerns people's safety or rights is never left alone by a rule.
	for _, t := range u.Topics {
		if t.Grave() && f[featNews] < 1 && f[featStaff] == 0 {
			p = max(p, 0.6)
		}
	}
	u.NeedsAgent = p >= 0.5
	u.NeedsAgentConfidence = round2(clamp01(0.04 + 0.92*max(p, 1-p)))
	if !u.NeedsAgent && !spokenByLexicon(u.Lang) {
		u.NeedsAgentConfidence = min(u.NeedsAgentConfidence, 0.6) // we hardly read that language
	}
}

func (rd *reading) urgency(u *domain.Understanding, best int) {
	x := float64(rd.ev.urgent)
	for _, t := range u.Topics {
		switch t {
		case domain.TopicSafety, domain.TopicVulnerable, domain.TopicFraud:
			x += 1
		case domain.TopicLegalThreat, domain.TopicDiscrimination:
			x += 0.7
		case domain.TopicNoReply:
			x += 0.4
		}
	}
	if u.Sentiment == domain.Negative && rd.shape.exclaims > 2 {
		x += 0.3
	}
	switch {
	case x >= 0.9:
		u.Urgency = domain.UrgencyHigh
	case !u.NeedsAgent, best == inPraise, best == inQuestion && x < 0.3, best == inChatter:
		u.Urgency = domain.UrgencyLow
	default:
		u.Urgency = domain.UrgencyNormal
	}
}

func clamp01(x float64) float64 { return min(max(x, 0), 1) }

func round2(x float64) float64 { return math.Round(x*100) / 100 }
