package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Who does not have what we asked for says so in a few words.
func TestLacks(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]bool{
		"I don't have it": true, "I don't have the number": true, "Sorry, I can't find the order number": true, "no idea": true, "no": true,
		"I lost the email": true, "habe ich nicht": true, "die Nummer habe ich leider nicht": true, "finde ich nicht": true, "keine Ahnung": true, "nein": true,
		"no lo tengo": true, "no encuentro el número": true, "no lo sé": true, "je ne l'ai pas": true, "je ne trouve pas le numéro": true, "aucune idée": true,
		"A-10234": false, "thanks, that helps": false, "where is my parcel?": false, "I do not have all day, where is my order A-10234?": false,
	} {
		u := r.Understand(text, "")
		if u.Lacks != want || want && !u.NeedsAgent {
			t.Errorf("%q: lacks %v, needed %v; want %v", text, u.Lacks, u.NeedsAgent, want)
		}
	}
}

// Who answers somebody is told from who begins a conversation.
func TestReply(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]bool{
		"@acme Yes and yes.": true, "@acme Done! Hope to see a positive response.": true, "@acme my case number is 1234567": true,
		"@acme hello": false, "@acme help please": false, "@acme any advice?": false, "@acme where is my order": false,
	} {
		if u := r.Understand(text, ""); u.Reply != want {
			t.Errorf("%q: %s, reply %v, want %v", text, u.Intent, u.Reply, want)
		}
	}
}

func TestTakeover(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{
		"someone is using my uber", "my confirmation email came in a different language so I think someone is using my account", "my account was hacked",
		"I got an order confirmation for something I never ordered", "jemand benutzt mein Konto", "mein Konto wurde gehackt", "alguien está usando mi cuenta",
		"me han hackeado la cuenta", "quelqu'un utilise mon compte", "mon compte a été piraté",
	} {
		if u := r.Understand(text, ""); u.Intent != domain.IntentAccountAccess || !slices.Contains(u.Topics, domain.TopicFraud) || !u.NeedsAgent {
			t.Errorf("%q: %s %v, needed %v", text, u.Intent, u.Topics, u.NeedsAgent)
		}
	}
}

// Thanks for goods and deliveries are praise; mocking ones are not.
func TestPraiseOfGoods(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]domain.Intent{
		"love my new sofa, thank you so much!!": domain.IntentPraise, "thank you, the new lamp is beautiful": domain.IntentPraise,
		"merci pour la livraison rapide !": domain.IntentPraise, "love the new mugs": domain.IntentPraise, "our new table looks amazing @acme": domain.IntentPraise,
		"danke für die schnelle Lieferung!": domain.IntentPraise, "gracias por la entrega tan rápida": domain.IntentPraise,
		"me encanta mi nuevo sofá, muchas gracias": domain.IntentPraise,
		"oh great, another email…":                 domain.IntentServiceComplaint,
		"na toll, schon wieder eine E-Mail":        domain.IntentServiceComplaint, "qué bien, otro correo más": domain.IntentServiceComplaint,
		"super, encore un mail": domain.IntentServiceComplaint,
	} {
		u := r.Understand(text, "")
		if u.Intent != want || want == domain.IntentPraise && (u.Sentiment != domain.Positive || u.IntentConfidence < 0.5 || u.NeedsAgent) {
			t.Errorf("%q: %s %.2f, %s, needed %v; want %s", text, u.Intent, u.IntentConfidence, u.Sentiment, u.NeedsAgent, want)
		}
	}
}

// What real posts taught: who is asked about, and who has said it all before.
func TestTold(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, c := range []struct {
		text   string
		intent domain.Intent
		topic  domain.Topic
	}{
		{"@acme I already HAVE, four times", "", domain.TopicNoReply},
		{"das habe ich euch schon dreimal geschrieben", "", domain.TopicNoReply},
		{"ya os lo he dicho cuatro veces", "", domain.TopicNoReply},
		{"je vous l'ai déjà dit trois fois", "", domain.TopicNoReply},
		{"the mast has been playing up for 3 weeks", domain.IntentTechnical, ""},
		{`@acme The "change flight" search option on your website is broken once again`, domain.IntentTechnical, ""},
		{"@acme Looks like you chargd me on local, I don't think I used 500 1/n", domain.IntentBilling, ""},
		{"can you deliver on Saturdays?", domain.IntentQuestion, ""},
		{"¿entregáis los sábados?", domain.IntentQuestion, ""},
		{"pouvez-vous livrer le samedi ?", domain.IntentQuestion, ""},
	} {
		u := r.Understand(c.text, "")
		if c.intent != "" && u.Intent != c.intent || c.topic != "" && !slices.Contains(u.Topics, c.topic) || !u.NeedsAgent {
			t.Errorf("%q: %s %v, needed %v", c.text, u.Intent, u.Topics, u.NeedsAgent)
		}
	}
}

// A ticket, a code or a name is no order.
func TestOtherReferences(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, other := range map[string]string{
		"@acme Hey this is gamingdoctor101 that is my account and I can't get on": "", "Pls look into ticket 27509899 & get back to me": "27509899",
		"I have received UPC code IM729428": "IM729428", "Repair note number: 6742984": "6742984", "meine Kundennummer ist 1234567": "1234567",
		"mi número de caso es 1234567": "1234567", "mon dossier 1234567": "1234567",
	} {
		u := r.Understand(text, "")
		got := ""
		if v := u.Values(domain.EntityOther); len(v) > 0 {
			got = v[0]
		}
		if len(u.Values(domain.EntityOrder)) > 0 || got != other {
			t.Errorf("%q: orders %v, other %q, want %q", text, u.Values(domain.EntityOrder), got, other)
		}
	}
}
