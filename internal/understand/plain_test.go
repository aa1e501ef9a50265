package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestPlainWords reads short posts in four languages that leave no doubt to a
// person: where an order is, that somebody is in despair, mocking thanks,
// double charges, greetings, praise, and the wish for a person.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	read := func(text string) domain.Understanding { return r.Understand(text, "") }
	for intent, texts := range map[domain.Intent][]string{
		domain.IntentOrderStatus: {
			"where is A-1001", "@advocate where is A-1001?", "status of A-1001", "when will A-1001 arrive", "@acme any news on A-10234?",
			"A-10234 where is it", "what's up with A-10234", "track A-10234", "how is A-10234 doing", "where is JD014600001234567890",
			"wo ist A-10234", "Status von A-10234?", "was ist mit A-10234", "gibt es was Neues zu A-10234?",
			"¿dónde está A-10234?", "estado de A-10234", "¿qué pasa con A-10234?", "alguna novedad sobre A-10234",
			"où est A-10234 ?", "où en est A-10234", "statut de A-10234", "des nouvelles de A-10234 ?",
			"@acme great, another week without my parcel A-10400. well done", "well done @acme, three weeks and still no delivery",
			"bravo, encore une semaine sans mon colis", "genial, otra semana sin mi paquete. enhorabuena",
		},
		domain.IntentItemProblem:  {"A-10234 arrived broken", "A-10234 ist kaputt angekommen"},
		domain.IntentRefundReturn: {"where is my refund for A-10234?", "quiero devolver A-10234"},
		domain.IntentCancelChange: {"please cancel A-10234", "annuler A-10234"},
		domain.IntentLegalSafety: {
			"@advocate I can't cope any more, I feel like ending it all", "I want to die", "i don't want to live anymore", "I'm going to kill myself",
			"there is no point in living", "nobody would miss me if I was gone", "I just want to end it all",
			"ich will nicht mehr leben", "ich bringe mich um", "ich möchte mir das Leben nehmen", "ich denke an Selbstmord",
			"no quiero vivir más", "me quiero morir", "voy a suicidarme", "pienso en quitarme la vida",
			"je veux mourir", "je veux me suicider", "je ne veux plus vivre", "j'ai envie de mettre fin à mes jours",
		},
		domain.IntentServiceComplaint: {
			"thanks for nothing", "thanks a lot for ruining Christmas", "great job losing my parcel again", "thank you for wasting my whole day",
			"danke für nichts", "vielen Dank, dass ihr mir Weihnachten versaut habt", "gracias por nada", "merci pour rien", "merci d'avoir gâché mon Noël",
		},
		domain.IntentBilling: {
			"I've been charged twice", "@advocate I've been charged twice!!", "I was billed twice this month", "my card was charged two times",
			"ich wurde zweimal belastet", "mir wurde doppelt abgebucht", "me han cobrado dos veces", "j'ai été débité deux fois",
		},
		domain.IntentPraise: {
			"the mugs are gorgeous and came a day early. thank you!", "I love it, best shop ever!", "my parcel arrived early, great job!",
			"die Tassen sind wunderschön und kamen einen Tag früher. Danke!", "ich liebe es, bester Laden überhaupt!",
			"las tazas son preciosas y llegaron un día antes, ¡gracias!", "les tasses sont magnifiques et arrivées en avance, merci !",
		},
		domain.IntentUnclear: {"hello", "hi there", "@acme hello?", "hallo", "hola", "bonjour", "guten Tag"},
	} {
		for _, text := range texts {
			u := read(text)
			if u.Intent != intent {
				t.Errorf("%q: %s %.2f, want %s", text, u.Intent, u.IntentConfidence, intent)
			}
			switch {
			case u.NeedsAgent == (intent == domain.IntentPraise):
				t.Errorf("%q: needs somebody: %v", text, u.NeedsAgent)
			case intent == domain.IntentLegalSafety && !slices.Contains(u.Topics, domain.TopicVulnerable):
				t.Errorf("%q: topics %v", text, u.Topics)
			case intent == domain.IntentPraise && (u.IntentConfidence < 0.6 || len(u.Topics) > 0):
				t.Errorf("%q: praise %.2f, topics %v: no thanks would be sent", text, u.IntentConfidence, u.Topics)
			case intent == domain.IntentUnclear && len(u.Topics) > 0:
				t.Errorf("%q: topics %v", text, u.Topics)
			}
		}
	}
	for _, text := range []string{
		"I want to speak to a human", "no. I want a person", "get me a real person", "ich will einen Menschen sprechen",
		"kann ich mit jemandem reden?", "kein Bot bitte", "quiero hablar con una persona", "póngame con alguien",
		"je veux parler à un humain", "passez-moi un conseiller",
	} {
		if u := read(text); !u.WantsPerson || !u.NeedsAgent {
			t.Errorf("%q: wants a person: %v", text, u.WantsPerson)
		}
	}
	for _, text := range []string{
		"I'm dying laughing at this ad", "I would die for these shoes", "ich sterbe vor Lachen", "me muero de risa", "je meurs de rire", "the suicide squad game won't start",
	} {
		if u := read(text); u.Intent == domain.IntentLegalSafety || slices.Contains(u.Topics, domain.TopicVulnerable) {
			t.Errorf("%q: %s, topics %v", text, u.Intent, u.Topics)
		}
	}
}
