package playbook

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

func templateOf(t testing.TB, text string) *Playbook {
	t.Helper()
	return mustCompile(t, "playbook: p\nrules: []\ntemplates:\n  x:\n    en: |\n      "+text+"\n")
}

func TestRender(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Hi {customer.first_name}, {order.id} comes {day(order.eta)} at {time(order.eta)}.`: "Hi Jane, A-10234 comes Thursday at 12:00.",
		`by {due}; promised {date(order.promised)}`:                                         "by 17:00 today; promised 23 November",
		`{money(order.total, order.currency)} for {order.items}`:                            "€59.90 for Red kettle, Mug (at)everyone evil. com",
		`ends in {number}`: "ends in •••567",
		`[[if order.late]]late[[else]]fine[[end]] [[if !order.late]]no[[end]]!`: "late !",
		`a {{b}} [[[c]]`: "a {b} [[c]]",
		`{answer.knowledge.title}: {answer.knowledge.url}`:   "How to return: https://help.example.com/returns",
		`{answer.knowledge.n} {order.days_late}`:             "3 1",
		`{company} [[if known(order.delivered_at)]]x[[end]]`: "our team",
		`{join(order.items)} {lower(order.carrier)}`:         "Red kettle, Mug (at)everyone evil. com dhl",
		`{order.late ? "late" : "in time"}`:                  "late",
	} {
		r, err := templateOf(t, text).Render("x", "en", testView())
		if err != nil || r.Text != want {
			t.Errorf("%s:\n got %q, %v\nwant %q", text, r.Text, err, want)
		}
	}
}

func TestRenderPicksTheLanguage(t *testing.T) {
	t.Parallel()
	p := mustCompile(t, `
playbook: p
rules: []
templates:
  x: {en: "{due}", es: "{due}", de: "{date(order.eta)} {money(order.total, order.currency)}", pt-BR: ola}
  y: {fr: oui, it: si}
`)
	for _, c := range [][3]string{{"x", "es-MX", "hoy 17:00"}, {"x", "de", "26. November 59,90 €"}, {"x", "pt-br", "ola"}, {"x", "ja", "17:00 today"}, {"x", "", "17:00 today"}, {"y", "ja", "oui"}, {"y", "it", "si"}} {
		if r, err := p.Render(c[0], c[1], testView()); err != nil || r.Text != c[2] {
			t.Errorf("%s %s: %q, %v", c[0], c[1], r.Text, err)
		}
	}
	v := testView()
	v.Zone = time.FixedZone("JST", 9*3600)
	if r, _ := p.Render("x", "en", v); r.Text != "02:00 tomorrow" {
		t.Errorf("in another zone: %q", r.Text)
	}
	v.Snapshot.Customer.TimeZone = ""
	if r, _ := p.Render("x", "en", v); r.Text != "02:00 tomorrow (JST)" {
		t.Errorf("to somebody whose zone is not known: %q", r.Text)
	}
	if _, err := p.Render("nothing", "en", v); err == nil {
		t.Error("rendered a template that does not exist")
	}
}

func TestRenderedOrders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{order.status}": "A-10234", "{answer.orders.carrier}": "A-10234", "{case.order_refs}": "A-10234", "{customer.orders}": "A-10234",
		"{event.type}x": "B-1", "{customer.first_name}": "", "[[if order.late]]x[[else]]y[[end]]": "A-10234", "{due}": "",
		"[[if false]]{order.id}[[end]]x": "",
	} {
		v := testView()
		v.Event = &domain.Event{Type: "order.delayed", OrderID: "B-1"}
		r, err := templateOf(t, text).Render("x", "en", v)
		if err != nil || strings.Join(r.Orders, ",") != want {
			t.Errorf("%s: %v, %v; want %q", text, r.Orders, err, want)
		}
	}
	p := templateOf(t, "[[if false]]{order.id}[[end]]x")
	if !p.NeedsOrder("x") || p.NeedsOrder("verify") {
		t.Error("NeedsOrder is wrong")
	}
}

// TestRenderedDue: a message names the due time where it writes it, not where it
// only asks about it.
func TestRenderedDue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"by {due}": true, "{time(due)}": true, "x[[if known(due)]] by {day(due)}[[end]]": true,
		"x": false, "[[if known(due)]]x[[end]]": false, "x[[if false]]{due}[[end]]": false,
	} {
		if r, err := templateOf(t, text).Render("x", "en", testView()); err != nil || r.Due != want {
			t.Errorf("%s: %v, %v; want %v", text, r.Due, err, want)
		}
	}
}

// An unproven writer is told nothing of the profile.
func TestProfileStaysWithTheProven(t *testing.T) {
	t.Parallel()
	p := templateOf(t, "Hi {customer.name}|{customer.tier}|{customer.ref}|{customer.orders}|")
	v := testView()
	v.Identity.Evidence = nil
	r, err := p.Render("x", "en", v)
	if err != nil || r.Text != "Hi Jane M||||" || len(r.Orders) > 0 {
		t.Errorf("%q %v, %v", r.Text, r.Orders, err)
	}
	_, rule := oneRule(t, "post", `customer.tier == "gold"`, "resolve: {}")
	if ok, _, err := rule.Eval(v); !ok || err != nil {
		t.Errorf("conditions may read the tier: %v, %v", ok, err)
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Jane @everyone":         "Jane (at)everyone",
		"＠x":                     "(at)x",
		"see https://evil.com/x": "see https: /evil. com/x",
		"evil.com":               "evil. com",
		"Dr.Martens 3.5":         "Dr. Martens 3.5",
		"<b>x</b>":               "‹b›x‹/b›",
		"a\r\n\n b\u2028c\x07":   "a b c",
		"[x](y)":                 "x (y)",
		"#hashtag #12":           "hashtag #12",
		"a\u202eb\u200bc":        "abc",
		"AT&T &lt; &#64;":        "AT&T & lt; & #64;",
		"javascript:alert(1)":    "javascript: alert(1)",
		strings.Repeat("é", 500): strings.Repeat("é", 400) + "…",
		"👩‍👩‍👧 familia":          "👩‍👩‍👧 familia",
		"mailto:a@b.co":          "mailto: a(at)b. co",
	} {
		if got := harmless(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for _, bad := range []string{"javascript:alert(1)", "https://a.b/ x", "//x.y", "https://u:p@x.y", "ftp://x.y", "https://x.y/\"onload"} {
		if isPlainLink(bad) {
			t.Errorf("%q counts as a link", bad)
		}
	}
}

func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	v := testView()
	v.PostText = strings.Repeat("ñ", 16000)
	r, err := templateOf(t, strings.Repeat("{post.text}", 60)).Render("x", "en", v)
	if err != nil || len(r.Text) > maxMessage || !utf8.ValidString(r.Text) {
		t.Errorf("%d bytes, %v", len(r.Text), err)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	v := testView()
	v.Case.Trackings = []string{"1Z999AA10998877665"}
	for text, want := range map[string]string{
		"@jane_m we'd like to help, please send us a private message.":             "",
		"We're open until 17:00 on 24 November, or 2026-11-24.":                    "",
		"Sorry about your order! Write to us.":                                     "",
		"Hi Jane, thank you!":                                                      "",
		"You can return anything within 60 days: https://help.example.com/returns": "",
		"Hi Jane Miller":                   "the customer's full name",
		"Dear JANE  MILLER, sorry":         "the customer's full name",
		"order a-10234 is fine":            "an order reference",
		"A 10234":                          "an order reference",
		"ref XY-99812":                     "an order reference",
		"JD01 4600 0012":                   "a tracking number",
		"1Z999AA10998877665":               "an order reference",
		"that red kettle":                  "what was ordered",
		"59.90 it was":                     "an amount of money",
		"you get €12":                      "an amount of money",
		"12,50 EUR":                        "an amount of money",
		"write to bob@example.org":         "an e-mail address",
		"bob (at) example.org":             "an e-mail address",
		"jane@example.com":                 "the customer's e-mail address",
		"call +1 (555) 123-4567":           "the customer's phone number",
		"call 020 7946 0018":               "a phone number",
		"call 0\u200b20 7946 00\u200b18":   "a phone number",
		"SW1A 1AA":                         "the order's postcode",
		"at 12 Baker Street":               "a postal address",
		"Calle Mayor 12":                   "a postal address",
		"Hauptstraße 5":                    "a postal address",
		"12 rue de Rivoli":                 "a postal address",
		"https://acme.example/c/abc123":    "a link to a customer's own page",
		"https://acme.example/x?token=abc": "a link to a customer's own page",
		"acme.example/c/abc123":            "a link to a customer's own page",
		"https://acme.example/%63/abc123":  "a link to a customer's own page",
		"acme.example:8080/desk/c/abc123":  "a link to a customer's own page",
		"localhost/c/abc":                  "a link to a customer's own page",
		"acme.example/x?key=abc":           "a link to a customer's own page",
		"write to bob＠example.org":         "an e-mail address",
		"write to bob@bücher.example":      "an e-mail address",
		"пишите: вася@почта.рф":            "an e-mail address",
		"call ٠٢٠٧٩٤٦٠٠١٨":                 "a phone number",
		"call ०२० ७९४६ ००१८":               "a phone number",
		"call 𝟎𝟐𝟎 𝟕𝟗𝟒𝟔 𝟎𝟎𝟏𝟖": "a phone number",
		"120 zł do zwrotu":                 "an amount of money",
		"vi betalar 120 kr.":               "an amount of money",
		"вернём 1 200 руб":                 "an amount of money",
		"R$ 120":                           "an amount of money",
		"1.200 ₽":                          "an amount of money",
		"PLN 120":                          "an amount of money",
		"Nous remboursons 45 francs":       "an amount of money",
		"24/7 support, 3 tries, 2 krakens": "",
		"8/c/ is no link, and/or c/o":      "",
		"We try 3 times, at 20 % off":      "",
		"Your parcel has been delivered":   "the state of an order",
		"Tu pedido va con retraso":         "the state of an order",
	} {
		if got := Guard(text, v); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := Guard("call 020 7946 0018", nil); got == "" {
		t.Error("a nil view must be guarded as well")
	}
}

// TestGuardKnowsNames: people have more than two names, and write them in
// either order.
func TestGuardKnowsNames(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string]map[string]bool{
		"María García López": {"Hola María García": true, "para María López.": true, "López, María": true, "García López": true, "Gracias, María": false},
		"Dr. Anna Schmidt":   {"Frau Anna Schmidt": true, "Dr. Schmidt und Anna": true, "Anna, danke": false},
		"Carmen de la Cruz":  {"Carmen de la Cruz": true, "la Cruz": true, "una de la tienda": false},
		"An Li":              {"hello An Li": true, "an apple, Li": false},
		"Jane":               {"Hi Jane Jane": false},
	} {
		v := testView()
		v.Snapshot.Customer.Name = name
		for text, want := range texts {
			if got := Guard(text, v) == "the customer's full name"; got != want {
				t.Errorf("%q of %s: a name is found: %v, want %v", text, name, got, want)
			}
		}
	}
}

// TestDigitsOfAllScripts: each is worth what it says.
func TestDigitsOfAllScripts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡"} {
		if got := plainly(s); got != "0123456789" && got != "01234567890123456789" {
			t.Errorf("%s: %s", s, got)
		}
	}
}

func TestEngineTemplates(t *testing.T) {
	t.Parallel()
	p := mustCompile(t, "playbook: p\nrules: []\n")
	v := testView()
	for _, name := range EngineTemplates {
		for _, lang := range []string{"en", "es", "de", "fr"} {
			r, err := p.Render(name, lang, v)
			if err != nil || r.Lang != lang || r.Text == "" {
				t.Errorf("%s %s: %q %v", name, lang, r.Text, err)
			}
			if len(r.Orders) > 0 && name != "closing-order" { // sent where the order is proven
				t.Errorf("%s %s speaks of orders %v", name, lang, r.Orders)
			}
			if publicEngineTemplates[name] && (r.Personal || Guard(r.Text, v) != "") {
				t.Errorf("%s %s is not fit for the public: %q", name, lang, Guard(r.Text, v))
			}
		}
	}
	if got := len(engineTemplates()); got != len(EngineTemplates) {
		t.Errorf("%d built-in texts for %d names", got, len(EngineTemplates))
	}
	// What goes out in public by default must pass the second net.
	d := mustCompile(t, string(Default()))
	for _, lang := range []string{"en", "es"} {
		if r, err := d.Render("thanks-public", lang, v); err != nil || r.Personal || Guard(r.Text, v) != "" {
			t.Errorf("thanks-public: %v %v", r, err)
		}
	}
	if !slices.Contains(EngineTemplates, "verify") {
		t.Error("the verify template is gone")
	}
}
