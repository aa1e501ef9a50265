package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestBareQuestions: what is built as a question and put to a shop is one,
// with or without a mark, a greeting or a name in front, and in any of the
// languages.
func TestBareQuestions(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, least := range map[string]float64{
		"how long do I have to return something?":       0.5,
		"do you ship to canada?":                        0.5,
		"what are your opening hours":                   0.5,
		"@acme what are your opening hours":             0.5,
		"where is your nearest shop?":                   0.5,
		"is parking free?":                              0.5,
		"are dogs allowed in your cafe?":                0.5,
		"hi, quick question: do you repair watches?":    0.5,
		"@acme which size should I take? I'm 1.80m":     0.5,
		"will you restock the blue kettle?":             0.5,
		"@acme does the blue kettle come in red?":       0.5,
		"whats the delivery time to germany":            0.4,
		"have you got the kettle in blue?":              0.5,
		"you ship to canada?":                           0.4,
		"habt ihr sonntags geöffnet?":                   0.5,
		"liefern Sie nach Österreich?":                  0.5,
		"Was kostet der Versand in die Schweiz?":        0.5,
		"livrez-vous en Belgique ?":                     0.5,
		"combien coûte la livraison ?":                  0.5,
		"¿A qué hora abren?":                            0.5,
		"¿cuánto cuesta el envío?":                      0.5,
		"quels sont vos horaires d'ouverture":           0.35,
		"@acme is there parking at your Leeds store???": 0.5,
	} {
		u := r.Understand(text, "")
		if u.Intent != domain.IntentQuestion || u.IntentConfidence < least || !u.NeedsAgent {
			t.Errorf("%q: %s %.2f, needed %v; want a question with %.2f", text, u.Intent, u.IntentConfidence, u.NeedsAgent, least)
		}
	}
}

// TestGeneralQuestions tells what everybody may ask from what is the writer's
// own matter, whatever the intent is.
func TestGeneralQuestions(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]bool{
		"how long do I have to return something?":                  true,
		"what's your return policy?":                               true,
		"can I return shoes without the box?":                      true,
		"how do I return an item?":                                 true,
		"wie lange habe ich Zeit für die Rücksendung?":             true,
		"¿Cuánto tiempo tengo para devolver algo?":                 true,
		"do gift cards expire?":                                    true,
		"@acme where is my order?":                                 false,
		"@acme when are you going to refund me? it's been 3 weeks": false,
		"@acme is my refund coming or not?":                        false,
		"how do I return order A-10234?":                           false,
		"I ordered shoes and they are too small, can I return it?": false,
		"@acme how is this even possible?":                         false,
		"can I swap the colour on the order I just placed?":        false,
		"I accidentally signed up twice. How do I cancel one?":     false,
		"what is love?":                false,
		"@acme how are you today?":     false,
		"@acme could you please help?": false,
	} {
		if u := r.Understand(text, ""); u.GeneralQuestion != want {
			t.Errorf("%q: general %v (%s %.2f), want %v", text, u.GeneralQuestion, u.Intent, u.IntentConfidence, want)
		}
	}
}

// TestNotAsked: the form of a question is not always one.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{
		"@acme are you kidding me?", "@acme is this what you call service??", "@acme how are you today?",
		"@acme where is my order?", "@acme why is my order late?", "@acme is anyone there?", "@acme can you help me please?",
		"do your job @acme", "how you treat customers is disgusting", "when you finally get your order lol",
		"have a great day!", "what a day!", "@acme how many times do I have to ask?",
		"Que asco de servicio", "Cuando llegue mi pedido os aviso", "Was für ein Service", "Quelle honte", "A demain",
	} {
		if u := r.Understand(text, ""); u.Intent == domain.IntentQuestion && u.IntentConfidence >= 0.4 {
			t.Errorf("%q: %s %.2f", text, u.Intent, u.IntentConfidence)
		}
	}
}

// TestAmongOthers: who talks to everyone who reads along, or of what others
// say, waits for nobody; a matter of the writer's own is one all the same.
func TestAmongOthers(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, needed := range map[string]bool{
		"folks, what are good laptops for students around $600?":                   false,
		"hey everyone, which phone should I get?":                                  false,
		"anyone know a good plumber?":                                              false,
		"@a @b @c @d @e @f @g @acme so who do you fancy for the cup tonight?":      false,
		"@acme I heard your new soup is terrible?! Is that why nobody is there?":   false,
		"Don't panic, @acme is down but they are working on it #acmedown":          false,
		"no hay pánico, se ha caído @acme":                                         false,
		"@b @c @acme clean your own kitchen before selling internet":               false,
		"The new @acme has the best 5G network in the country":                     false,
		"hey guys my order is late":                                                true,
		"hey guys do you have this in size 9?":                                     true,
		"can anyone help me with my order?":                                        true,
		"@acme everyone else got theirs, mine never came":                          true,
		"@acme I heard that you closed my account?":                                true,
		"@acme I heard you do refunds, how do I get one?":                          true,
		"they are working on it, but my broadband is still down @acme":             true,
		"@acme they said they're working on it but it's been 3 days without power": true,
		"Don't panic but my order is missing @acme":                                true,
		"@acme don't panic, but the website is down":                               true,
		"@a @b @c @d @e @f @g @acme where is my parcel":                            true,
		"@acme battery":                                                      true,
		"your wifi on the train never works":                                 true,
		"@acme se ha caído vuestra web y no puedo pagar":                     true,
		"@acme rumor has it my package is lost":                              true,
		"@acme I heard your service is awful and now I know, waited 2 hours": true,
		"everyone at the shop got ill from your food":                        true,
	} {
		if u := r.Understand(text, ""); u.NeedsAgent != needed {
			t.Errorf("%q: needed %v (%s %.2f), want %v", text, u.NeedsAgent, u.Intent, u.IntentConfidence, needed)
		}
	}
}

// TestDangerInAQuestion: a question does not hide what may hurt somebody.
func TestDangerInAQuestion(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{
		"@acme is it normal that the kettle smells of burning?",
		"@acme how is this acceptable? my son got sick from your food",
		"do you know that my daughter is ill after eating your soup?",
		"can I keep using the heater if it smells like gas?",
	} {
		if u := r.Understand(text, ""); !slices.Contains(u.Topics, domain.TopicSafety) || !u.NeedsAgent {
			t.Errorf("%q: topics %v, needed %v", text, u.Topics, u.NeedsAgent)
		}
	}
}
