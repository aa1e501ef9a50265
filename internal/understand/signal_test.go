package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestSignals(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	type want struct {
		stop, person, cont, thanks bool
		call                       domain.Answer
	}
	for _, c := range []struct {
		text string
		want
	}{
		{"STOP", want{stop: true}},
		{"Stop.", want{stop: true}},
		{"stop 🛑", want{stop: true}},
		{"STOP 🙏🙏", want{stop: true}},
		{"@advocate STOP 🛑", want{stop: true}},
		{"stop, thanks", want{stop: true}},
		{"stop pls", want{stop: true}},
		{"arrête", want{stop: true}},
		{"arrêtez", want{stop: true}},
		{"hör auf", want{stop: true}},
		{"hören Sie auf 🙏", want{stop: true}},
		{"basta", want{stop: true}},
		{"basta ya", want{stop: true}},
		{"stop this order please, I ordered twice", want{}},
		{"para mi hermana", want{}},
		{"@acme stop messaging me", want{stop: true}},
		{"please don't contact me again", want{stop: true}},
		{"no me escriban más", want{stop: true}},
		{"bitte schreibt mir nicht mehr", want{stop: true}},
		{"@acme stop losing my parcels", want{}},
		{"Stop sending me the wrong item!", want{}},
		{"thanks! but where's the other one?", want{}},
		{"my parcels never stop getting lost", want{}},
		{"@acme a human please", want{person: true}},
		{"can I speak to someone about this?", want{person: true}},
		{"I want to talk to a real person", want{person: true}},
		{"quiero hablar con una persona", want{person: true}},
		{"ich möchte mit einem Menschen sprechen", want{person: true}},
		{"I spoke to someone yesterday, no help", want{}},
		{"talked to a person at the desk who was rude", want{}},
		{"please call me", want{call: domain.Granted}},
		{"ring me on +44 20 7946 0958", want{call: domain.Granted}},
		{"can someone call me tomorrow?", want{call: domain.Granted}},
		{"llamame mañana por la tarde", want{call: domain.Granted}},
		{"bitte rufen Sie mich morgen an", want{call: domain.Granted}},
		{"rappelez-moi après 17h svp", want{call: domain.Granted}},
		{"don't call me", want{call: domain.Refused}},
		{"please do not call, email is fine", want{call: domain.Refused}},
		{"no calls please", want{call: domain.Refused}},
		{"your staff called me names", want{}},
		{"they said they would call me back and never did", want{}},
		{"call me crazy but this app is good", want{}},
		{"so I ordered a sofa and 1/3", want{cont: true}},
		{"1/2 my order came broken", want{cont: true}},
		{"2/2 and nobody helped me", want{}},
		{"and then I called you...", want{cont: true}},
		{"I waited all day (cont)", want{cont: true}},
		{"I paid 1/2 of the price", want{}},
		{"thanks, it arrived", want{thanks: true}},
		{"all sorted now, thanks", want{thanks: true}},
		{"Thank you!", want{thanks: true}},
		{"gracias, ya llegó", want{thanks: true}},
		{"thanks but my order is still missing", want{}},
		{"thanks for nothing", want{}},
	} {
		u := r.Understand(c.text, "")
		got := want{u.Stop, u.WantsPerson, u.Continues, u.Thanks, u.CallConsent}
		if got != c.want {
			t.Errorf("%q: got %+v, want %+v", c.text, got, c.want)
		}
	}
}

func TestPreferredTime(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, c := range []struct {
		text                   string
		from, to, weekday, day int
	}{
		{"call me after 5pm", 17, 24, -1, 0},
		{"after 5", 17, 24, -1, 0},
		{"please call tomorrow morning", 8, 12, -1, 1},
		{"tomorrow morning", 8, 12, -1, 1},
		{"ring me on Tuesday between 2 and 4pm", 14, 16, 2, 0},
		{"call me before 10am", 0, 10, -1, 0},
		{"you can call me at 17:30", 17, 18, -1, 0},
		{"llamame mañana por la tarde", 13, 20, -1, 1},
		{"ruft mich bitte ab 18 Uhr an", 18, 24, -1, 0},
		{"morgen früh bitte", 8, 12, -1, 1},
		{"rappelez-moi demain matin", 8, 12, -1, 1},
		{"call me friday", 0, 0, 5, 0},
	} {
		u := r.Understand(c.text, "")
		p := u.Preferred
		if p == nil {
			t.Errorf("%q: no preferred time", c.text)
			continue
		}
		if p.FromHour != c.from || p.ToHour != c.to || p.Weekday != c.weekday || p.DayOffset != c.day {
			t.Errorf("%q: got %+v, want %d–%d, weekday %d, in %d days", c.text, *p, c.from, c.to, c.weekday, c.day)
		}
	}
	for _, text := range []string{
		"my flight was delayed until 5pm and nobody told us anything about it", "where is my order, it was due tomorrow",
		"good morning", "ordered at 6, it's 8 now, no driver", "hate monday mornings, your train is late again",
	} {
		if p := r.Understand(text, "").Preferred; p != nil {
			t.Errorf("%q: took %+v for a time to call", text, *p)
		}
	}
}

// TestGraveTopics has what must never be missed, and what only sounds like it.
func TestGraveTopics(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]domain.Topic{
		"I'm going to sue you":                                          domain.TopicLegalThreat,
		"you will hear from my lawyer":                                  domain.TopicLegalThreat,
		"see you in court":                                              domain.TopicLegalThreat,
		"reporting this to trading standards":                           domain.TopicLegalThreat,
		"I am filing a police report":                                   domain.TopicLegalThreat,
		"ich schalte meinen Anwalt ein":                                 domain.TopicLegalThreat,
		"voy a poner una denuncia":                                      domain.TopicLegalThreat,
		"je vais porter plainte":                                        domain.TopicLegalThreat,
		"someone used my card on your site":                             domain.TopicFraud,
		"there is an unauthorised charge on my account":                 domain.TopicFraud,
		"got a phishing email from you":                                 domain.TopicFraud,
		"your staff refused me because I'm black":                       domain.TopicDiscrimination,
		"racist behaviour from the driver":                              domain.TopicDiscrimination,
		"the charger caught fire":                                       domain.TopicSafety,
		"my son had an allergic reaction to your cake":                  domain.TopicSafety,
		"found a piece of glass in my salad":                            domain.TopicSafety,
		"your food made my whole family sick":                           domain.TopicSafety,
		"I slipped on your wet floor and broke my wrist":                domain.TopicSafety,
		"your driver threatened me":                                     domain.TopicSafety,
		"she ended up in hospital after using your cream":               domain.TopicSafety,
		"I will come to your store and burn it down":                    domain.TopicSafety,
		"la batería explotó y me quemó":                                 domain.TopicSafety,
		"mein Kind wurde verletzt":                                      domain.TopicSafety,
		"my mother passed away and I need to close her account":         domain.TopicVulnerable,
		"my insulin is in that parcel":                                  domain.TopicVulnerable,
		"the baby formula I ordered hasn't come, I have nothing left":   domain.TopicVulnerable,
		"I'm disabled and can't carry it upstairs":                      domain.TopicVulnerable,
		"I feel like killing myself over this":                          domain.TopicVulnerable,
		"I don't want to live any more":                                 domain.TopicVulnerable,
		"my 87 year old mother lives alone and has no heating":          domain.TopicVulnerable,
		"mi padre falleció y quiero cancelar su contrato":               domain.TopicVulnerable,
		"your delivery van hit my son, he is in hospital":               domain.TopicSafety,
		"there is smoke coming out of the router":                       domain.TopicSafety,
		"I got food poisoning from your restaurant":                     domain.TopicSafety,
		"my attorney will contact you":                                  domain.TopicLegalThreat,
		"your agent called me a racial slur":                            domain.TopicDiscrimination,
		"my dad died last week, how do I close his account":             domain.TopicVulnerable,
		"order A-1 is my father's wheelchair, he can't move without it": domain.TopicVulnerable,
	} {
		u := r.Understand(text, "")
		if !slices.Contains(u.Topics, want) {
			t.Errorf("%q: topics %v, want %s", text, u.Topics, want)
		}
		if !u.NeedsAgent {
			t.Errorf("%q: nobody would look at it", text)
		}
	}
	grave := []domain.Topic{domain.TopicLegalThreat, domain.TopicFraud, domain.TopicDiscrimination, domain.TopicSafety, domain.TopicVulnerable}
	for _, text := range []string{
		"this app is killing me", "I'm dying laughing", "killer deal @acme", "my phone died again", "my battery is dead",
		"I'm so sick of this", "these new shoes are fire", "your app keeps crashing", "amazon fire tv stick won't load",
		"the heat in here is to die for", "my account was disabled", "I'm heartbroken, my order was cancelled",
		"dying to try the new burger", "you guys are killing it", "a fire truck went past our lyft", "pain in the neck, this website",
		"Black Friday deals please", "my laptop keeps dying after the update", "I'm dead 😂", "shoot me a DM",
		"my phone has died on the first day", "ordered two by accident, cancel one please", "if I recall correctly it was monday",
		"where is my knife set", "the bath bomb arrived broken", "the wheel fell off my suitcase", "sorry, it slipped my mind",
		"my order is still at the depot, driver needs a new map", "you stole my heart", "the app crashed again", "fire your social media team",
		"sick beat, love the playlist", "the price gave me a heart attack lol prices",
	} {
		u := r.Understand(text, "")
		for _, g := range grave {
			if slices.Contains(u.Topics, g) {
				t.Errorf("%q: taken for %s", text, g)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]string{
		"where is my order, it has not arrived yet":            "en",
		"¿dónde está mi pedido? todavía no ha llegado":         "es",
		"wo bleibt meine Bestellung, ich warte seit Montag":    "de",
		"où est ma commande, je n'ai rien reçu":                "fr",
		"minha conta é antiga e não fiz a migração no período": "pt",
		"amazonのfireTVstickが見れない":                              "ja",
		"Ну что, прошло два дня с установки":                   "ru",
		"أين طلبي؟":  "ar",
		"QX7TRM":     "und",
		"":           "und",
		"😀😀":         "und",
		"9876543210": "und",
	} {
		if u := r.Understand(text, ""); u.Lang != want {
			t.Errorf("%q: %s (%.2f), want %s", text, u.Lang, u.LangConfidence, want)
		}
	}
	if u := r.Understand("GEX8LD", "de-AT"); u.Lang != "de" {
		t.Errorf("hint not used: %s", u.Lang)
	}
	if u := r.Understand("where is my order, it has not arrived yet", "de"); u.Lang != "en" {
		t.Errorf("hint overrode the text: %s", u.Lang)
	}
}

func TestIntentInOtherLanguages(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for text, want := range map[string]domain.Intent{
		"¿dónde está mi pedido? todavía no ha llegado":                    domain.IntentOrderStatus,
		"quiero un reembolso, el producto no me gusta":                    domain.IntentRefundReturn,
		"no puedo entrar en mi cuenta, olvidé la contraseña":              domain.IntentAccountAccess,
		"seit Montag warte ich auf meine Bestellung, immer noch nicht da": domain.IntentOrderStatus,
		"der Artikel ist kaputt angekommen":                               domain.IntentItemProblem,
		"ich möchte meine Bestellung stornieren":                          domain.IntentCancelChange,
		"mon colis est perdu, le transporteur ne répond pas":              domain.IntentOrderStatus,
		"je veux un remboursement de ma commande":                         domain.IntentRefundReturn,
		"merci beaucoup pour votre aide, super service":                   domain.IntentPraise,
	} {
		if u := r.Understand(text, ""); u.Intent != want {
			t.Errorf("%q: %s (%.2f, then %s), want %s", text, u.Intent, u.IntentConfidence, u.SecondIntent, want)
		}
	}
}

func TestDoubtIsSaid(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{"@acme hmm", "blah bleh blip", "", "🤷", "@acme Embassy Suites", "Ну что"} {
		if u := r.Understand(text, ""); u.IntentConfidence > 0.6 {
			t.Errorf("%q: %s with %.2f; nobody could know", text, u.Intent, u.IntentConfidence)
		}
	}
}
