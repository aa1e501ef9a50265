package knowledge

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// sure is the score from which the playbook of a new installation sends an
// article to a customer.
const sure = 0.6

// TestShop asks the examples' articles what customers ask. An article that is
// sent must be the right one; where none answers, none may be sure of itself.
func TestShop(t *testing.T) {
	t.Parallel()
	k := open(t, Config{Dir: "../../../examples/data/articles"})
	if p := k.Problems(); len(p) > 0 {
		t.Fatal(p)
	}
	for _, c := range []struct{ lang, query, want string }{
		{"en", "@acme how do I return something?", "How do I return something?"},
		{"en", "how do I return a table?", "How do I return something?"},
		{"en", "what is your return policy?", "How do I return something?"},
		{"en", "can I send something back?", "How do I return something?"},
		{"en", "how long do I have to return something?", "How do I return something?"},
		{"en", "how can I exchange an item?", "How do I return something?"},
		{"en", "what are your opening hours?", "Opening hours and how to reach a person"},
		{"en", "when do you open?", "Opening hours and how to reach a person"},
		{"en", "what time do you close on Saturdays", "Opening hours and how to reach a person"},
		{"en", "are your stores open on Monday?", "Opening hours and how to reach a person"},
		{"en", "what payment methods do you take?", "Which payment methods do you take?"},
		{"en", "can I pay with PayPal?", "Which payment methods do you take?"},
		{"en", "do you accept visa", "Which payment methods do you take?"},
		{"en", "when do I get my refund?", "When do I get my refund?"},
		{"en", "how long does a refund take?", "When do I get my refund?"},
		{"en", "when will I get my money back", "When do I get my refund?"},
		{"en", "can I cancel my order?", "Can I cancel or change my order?"},
		{"en", "is it possible to change the address?", "Can I cancel or change my order?"},
		{"en", "how long does shipping take?", "How long does delivery take?"},
		{"en", "how long is the warranty?", "Warranty and spare parts"},
		{"en", "where do I get spare parts", "Warranty and spare parts"},
		{"en", "where can I find my invoice?", "Payment, invoices and promotion codes"},
		{"en", "I can't sign in", "I cannot sign in"},
		{"en", "how do I reset my password?", "I cannot sign in"},

		{"de", "wie lange habe ich Rückgaberecht?", "Wie kann ich etwas zurückgeben?"},
		{"de", "Wie kann ich etwas zurückgeben?", "Wie kann ich etwas zurückgeben?"},
		{"de", "wie läuft die Rücksendung?", "Wie kann ich etwas zurückgeben?"},
		{"de", "kann ich die Ware umtauschen", "Wie kann ich etwas zurückgeben?"},
		{"de", "wie lange dauert die lieferung", "Wie lange dauert die Lieferung?"},
		{"de", "Wie lange ist die Lieferzeit?", "Wie lange dauert die Lieferung?"},
		{"es", "¿cuánto tarda el envío?", "¿Cuánto tarda el envío?"},
		{"es", "cuanto tarda la entrega", "¿Cuánto tarda el envío?"},
		{"es", "¿cómo puedo devolver algo?", "¿Cómo puedo devolver algo?"},
		{"es", "cual es la politica de devoluciones?", "¿Cómo puedo devolver algo?"},
		{"fr", "comment retourner un article ?", "Comment retourner un article ?"},
		{"fr", "comment faire un retour ?", "Comment retourner un article ?"},
		{"fr", "combien de temps prend la livraison ?", "Combien de temps prend la livraison ?"},
		{"fr", "quels sont les délais de livraison", "Combien de temps prend la livraison ?"},

		// Nobody wrote about these. Common words and words of the trade alone
		// make no answer, nor does a word that an article only mentions.
		{"en", "what is my order?", ""},
		{"en", "what about my order, is it the one?", ""},
		{"en", "when is my parcel here", ""},
		{"en", "do you have vegan leather?", ""},
		{"en", "do you sell gift cards?", ""},
		{"en", "is there parking at the store?", ""},
		{"en", "do you ship to Canada?", ""},
		{"en", "which carrier do you use?", ""},
		{"en", "can I search by colour?", ""},
		{"en", "are you hiring? what hours would I work and whom do I write to about the job", ""},
		{"de", "haben Sie auch vegane Schuhe?", ""},
		{"de", "wie lange habt ihr heute auf?", ""},
		{"de", "gibt es einen Rabatt für Studenten?", ""},
		{"de", "nehmen Sie Klarna?", ""},
		{"es", "¿tienen aparcamiento?", ""},
		{"es", "¿cuánto cuesta el pedido?", ""},
		{"fr", "avez-vous un magasin à Lyon ?", ""},
		{"fr", "quelle est la taille de la table ?", ""},
	} {
		a := query(t, k, domain.Lookup{Query: c.query, Lang: c.lang})
		got := ""
		if a != nil && a.Score >= sure {
			got = a.Title
		}
		if got != c.want {
			t.Errorf("%s %q: %+v, want %q", c.lang, c.query, a, c.want)
		}
	}
}

// TestExcerpt sees that an excerpt is whole sentences, about what was asked,
// and does not say the title again.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	k := open(t, Config{Dir: folder(t, map[string]string{
		"long.md": "---\ntitle: Garden chairs\n---\n# Garden chairs\n\n" + strings.Repeat("They are made of teak approx. five kilos each. ", 30) +
			"Oil them once a year.\n\n## Cleaning\n\n- Use soap and water\n- Never use a jet!\n",
		"word.md": "# Endless\n\n" + strings.Repeat("teapots ", 100),
	})})
	for _, c := range []struct{ query, want string }{
		{"how do I oil garden chairs", "They are made of teak approx. five kilos each. Oil them once a year."},
		{"garden chairs", strings.TrimSpace(strings.Repeat("They are made of teak approx. five kilos each. ", 6))},
	} {
		a := query(t, k, domain.Lookup{Query: c.query, Lang: "en"})
		if a == nil || !strings.Contains(a.Excerpt, c.want) || len(a.Excerpt) > maxExcerpt || strings.Contains(a.Excerpt, "Garden") || strings.Contains(a.Excerpt, "…") {
			t.Errorf("%q: %+v, want %q", c.query, a, c.want)
		}
	}
	if a := query(t, k, domain.Lookup{ID: "word"}); a == nil || !strings.HasSuffix(a.Excerpt, "teapots …") {
		t.Errorf("a sentence without an end: %+v", a)
	}
}
