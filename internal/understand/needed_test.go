package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestNeeded holds what real posts taught: who waits for us, and who only
// talks.
func TestNeeded(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, c := range []struct {
		text   string
		needed bool
		intent domain.Intent // "" where it does not matter
	}{
		// Currency signs are words.
		{"@acme any way to get my $ back?", true, domain.IntentRefundReturn},
		{"@acme i want my £ back", true, domain.IntentRefundReturn},
		// A battery is charged, a customer too.
		{"my laptop won't stay charged", true, domain.IntentTechnical},
		{"@acme my watch says its 100% charged but dies at once", true, domain.IntentTechnical},
		{"@acme you charged me 100 twice", true, domain.IntentBilling},
		// Blame that sounds like praise, and praise beside blame.
		{"@acme you guys are not very helpful, unlike other shops", true, ""},
		{"@acme customer service is top notch, thank you!", false, domain.IntentPraise},
		{"@acme thank you so much for all you did for my mum", false, domain.IntentPraise},
		{"@acme the first waiter was lovely. The second one? He sucks.", true, ""},
		{"@acme thank you for your help, but where is my suitcase, it is still missing", true, domain.IntentItemProblem},
		// A polite request is no praise and no advertisement.
		{"@acmehelp if you could please DM me about this I would greatly appreciate it", true, ""},
		{"@acme can you please take my picture off your page", true, ""},
		// A turn of a conversation that stands elsewhere.
		{"@acme 4411 to Leeds", true, ""},
		{"@acme we have a return ticket from the station", true, ""},
		{"yes", true, ""},
		{"у меня уже два дня не открывается экран", true, ""}, // not read: somebody looks
		// Talk that wants no answer.
		{"It's #monday !!!! #coffee #relax", false, ""},
		{"letting people sell masks at these prices is profiteering, shame", false, domain.IntentChatter},
		{"@acme now accepting cards at all its stalls https://example.com/n", false, domain.IntentChatter},
		{"it's fixed now, thanks", false, ""},
	} {
		u := r.Understand(c.text, "")
		sure := u.NeedsAgent && !(u.Intent == domain.IntentUnclear && u.NeedsAgentConfidence < 0.7)
		if sure != c.needed || c.intent != "" && u.Intent != c.intent {
			t.Errorf("%q: %s, needed %v (%.2f); want %s, %v", c.text, u.Intent, u.NeedsAgent, u.NeedsAgentConfidence, c.intent, c.needed)
		}
	}
}

// TestUnread holds that nobody is surely free to leave alone what is written in
// a language that is hardly read.
func TestUnread(t *testing.T) {
	t.Parallel()
	u := newRules(Options{}).Understand("RT @acme: 月曜日 #coffee", "")
	if u.NeedsAgent || u.NeedsAgentConfidence > 0.6 {
		t.Errorf("%s, needed %v (%.2f)", u.Lang, u.NeedsAgent, u.NeedsAgentConfidence)
	}
}

// TestFigures tells danger from figures of speech.
func TestFigures(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, danger := range map[string]bool{
		"laughter is the best medicine":                             false,
		"when you're starving and the pizza is late":                false,
		"this is endangering the animals of the forest":             false,
		"these prices are hurting customers":                        false,
		"the soup makes me sick just looking at it":                 false,
		"your soup made us sick, my son was vomiting all night":     true,
		"I need my medicine, it was in that parcel":                 true,
		"the charger gave my daughter an electric shock":            true,
		"your driver nearly killed me at the crossing":              true,
		"my kids are hungry and the card you sent is still blocked": true,
	} {
		u := r.Understand(text, "")
		if got := slices.Contains(u.Topics, domain.TopicSafety) || slices.Contains(u.Topics, domain.TopicVulnerable); got != danger {
			t.Errorf("%q: topics %v, danger %v, want %v", text, u.Topics, got, danger)
		}
	}
}
