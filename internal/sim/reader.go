package sim

import (
	"regexp"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// reader understands the few sentences of the simulated customers, and
// nothing else. The real reading of text has measures of its own; here it
// must only be certain.
type reader struct{}

var (
	orderPattern    = regexp.MustCompile(`\bA-\d+\b`)
	emailPattern    = regexp.MustCompile(`[a-z0-9]+@[a-z0-9.]+[a-z]`)
	postcodePattern = regexp.MustCompile(`\bPC\d+ZZ1\b`)
	phonePattern    = regexp.MustCompile(`\+1555\d{7}`)
)

// Understand implements engine.Understander.
func (reader) Understand(text, _ string) domain.Understanding {
	low := strings.ToLower(text)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(low, w) {
				return true
			}
		}
		return false
	}
	u := domain.Understanding{
		Model: "sim/1", Lang: "en", LangConfidence: 1, Intent: domain.IntentUnclear, IntentConfidence: 0.9, NeedsAgent: true,
		NeedsAgentConfidence: 0.9, Sentiment: domain.Neutral, Urgency: domain.UrgencyNormal,
	}
	switch {
	case has("fire"):
		u.Intent, u.Urgency, u.Topics = domain.IntentLegalSafety, domain.UrgencyHigh, []domain.Topic{domain.TopicSafety}
	case has("refund"):
		u.Intent, u.Topics = domain.IntentRefundReturn, []domain.Topic{domain.TopicRefund}
	case has("where is", "late"):
		u.Intent, u.Topics = domain.IntentOrderStatus, []domain.Topic{domain.TopicLate}
	case has("how do i"):
		u.Intent, u.Topics = domain.IntentQuestion, nil
	case has("you are great"):
		u.Intent, u.Sentiment, u.NeedsAgent = domain.IntentPraise, domain.Positive, false
	case has("lunch"):
		u.Intent, u.NeedsAgent = domain.IntentChatter, false
	}
	if has("angry", "terrible") {
		u.Sentiment = domain.Negative
	}
	u.Stop, u.WantsPerson = has("stop writing"), has("a person please")
	if u.Thanks = has("thanks, it came"); u.Thanks {
		u.NeedsAgent = false
	}
	switch {
	case has("do not call"):
		u.CallConsent = domain.Refused
	case has("call me"):
		u.CallConsent = domain.Granted
	}
	for _, k := range [...]struct { // in one order, for those that begin at one place
		kind domain.EntityKind
		re   *regexp.Regexp
	}{{domain.EntityOrder, orderPattern}, {domain.EntityEmail, emailPattern}, {domain.EntityPostcode, postcodePattern}, {domain.EntityPhone, phonePattern}} {
		for _, at := range k.re.FindAllStringIndex(text, -1) {
			s := text[at[0]:at[1]]
			u.Entities = append(u.Entities, domain.Entity{Kind: k.kind, Text: s, Value: s, Start: at[0], End: at[1], Confidence: 1})
		}
	}
	sortEntities(u.Entities)
	return u
}

func sortEntities(es []domain.Entity) {
	for i := range es { // a handful at most
		for j := i; j > 0 && es[j].Start < es[j-1].Start; j-- {
			es[j], es[j-1] = es[j-1], es[j]
		}
	}
}
