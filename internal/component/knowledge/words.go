package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxTerms    = 24
	maxWords    = 4000    // different ones, of an article
	maxWord     = 40      // bytes
	maxQuestion = 8 << 10 // bytes that are read of one
)

// common are words that say nothing of what a text is about, folded.
var common = set(`
a about after again all also always am an and any anyone anything are arent as at back be because been before being but by can cannot cant
come could couldnt did didnt do does doesnt doing done dont down each else ever every exactly find for from get getting give go goes going
good got had happen happens has have havent having he hello help her here hey hi his hiya how hows i id if ill im in into is isnt it its
ive just know let like ll long look make many may me mean mine more most much must my need needs no not now of off often ok okay on once
one only or our out over please pls possible question quick re really regarding s same say see she should so some somebody someone
something soon still such sure t take takes tell than thank thanks that the their them then there these they thing things this those
though time to too try u up us use usually ve very want wanted wants was way we well went were what whats when where wheres which while
who whom whose why will wish with within without wont would you your yours

aber als also am an auf aus bei beim bin bis bitte da dann das dass dein dem den denn der des dich die dir doch du ein eine einem einen
einer eines er es etwas euch euer eure fur geht gern gerne gibt guten habe haben hallo hat hatte hi ich ihr ihre ihren im in irgendwie ist
ja jemand kann kein keine keinen konnen konnt konnte lang lange lauft mal man mehr mein meine meinem meinen meiner mich mir mit mochte
muss mussen nach nicht noch nur ob oder schon sein seine sich sie sind so soll sollte tag uber um und uns unser unter viel vom von vor
wann war waren warum was welche welchen welcher welches wenn wer werden wie wieder will wir wird wo wollte wurde wurden zu zum zur

a al algo alguien algun alguna antes aqui asi bien buenas bueno buenos como con cual cuales cuando cuanta cuantas cuanto cuantos de del
desde despues dia dias donde el ella ellos en era eres es esa ese eso esta estaba estan estas este esto estoy favor fue gracias ha haber
hace hacen hacer han hasta hay hola la las le les lo los mas me mi mis mucho muy nada necesito ni no nos nosotros o os otra otro para pero
podeis podria por porque puede pueden puedes puedo que quien quiero quisiera se ser si sin sobre solo son soy su sus tan te teneis tengo
tiene tienen todo tu un una uno unos ustedes vosotros y ya yo

ai alors as au aussi autre aux avant avec avez avoir avons bien bonjour bonsoir c ca car ce cela ces cet cette chez comme comment d dans
de deja des dois donc du elle elles en encore es est et etes etre eu faire fait faut il ils j je l la le les leur lui m ma mais me merci
mes moi mon n ne nous on ont ou par pas peut peux plait plus pour pourquoi pouvez puis qu quand que quel quelle quelles quels qui quoi s
sa salut sans se ses si son sont sur svp t ta te tes toi ton tout tres tu un une vais veux vos votre voudrais vous y`)

// weak are the words of any question to a shop: its world, days, and what it is
// asked about so often that it tells nothing. They do not name the matter, so
// they find nothing by themselves. They are stemmed below.
var weak = func() map[string]bool {
	out := map[string]bool{}
	for w := range set(`order orders ordered parcel package product products item items article articles shop store online buy bought customer number company
bestellung bestellungen bestellt paket artikel produkt produkte ware kunde kunden kundin kaufen gekauft nummer
pedido pedidos paquete articulo articulos producto productos cliente comprar compra compre compramos numero
commande commandes commander colis produit produits client acheter achat achete numero
week weeks month months year years last ago yesterday today tomorrow weekend monday mondays tuesday tuesdays wednesday wednesdays thursday
thursdays friday fridays saturday saturdays sunday sundays
woche wochen monat monate jahr jahre letzte letzten letzter gestern heute morgen wochenende montag montags dienstag dienstags mittwoch
mittwochs donnerstag donnerstags freitag freitags samstag samstags sonntag sonntags
semana semanas mes meses ano anos pasada pasado ayer manana lunes martes miercoles jueves viernes sabado sabados domingo domingos
semaine semaines mois an ans annee annees derniere dernier hier demain lundi mardi mercredi jeudi vendredi samedi dimanche
lamp lamps chair chairs table tables sofa kettle mug mugs shelf rug bed furniture
lampe lampen stuhl stuhle tisch tische sessel regal teppich bett tasse tassen wasserkocher mobel
lampara lamparas silla sillas mesa mesas tetera taza tazas estanteria alfombra cama mueble muebles
chaise chaises tasse tasses bouilloire etagere tapis lit meuble meubles canape`) {
		out[stem(w)] = true
	}
	return out
}()

func set(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// foldWords calls yield with each word of a text, in lower case and without
// marks on its letters, until yield says no. Names of accounts and links are
// left out.
func foldWords(text string, yield func(string) bool) {
	for field := range strings.FieldsSeq(text) {
		if strings.HasPrefix(field, "@") || strings.Contains(field, "://") {
			continue // whom it is addressed to, and links
		}
		for w := range strings.FieldsFuncSeq(fold(field), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if !yield(w) {
				return
			}
		}
	}
}

// fold lowers letters, takes their marks off and apostrophes out.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '‘', r == 'ʼ':
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.ReplaceAll(s, "ß", "ss")))
}

// stems returns a text's telling words without their endings, each once, in
// order, at most most.
func stems(text string, most int) []string {
	var out []string
	seen := map[string]bool{}
	foldWords(text, func(w string) bool {
		if utf8.RuneCountInString(w) < 2 || len(w) > maxWord || common[w] {
			return true
		}
		if w = stem(w); !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
		return len(out) < most
	})
	return out
}

// plainWords is a text's words, all of them, one space apart.
func plainWords(text string) string {
	var b strings.Builder
	foldWords(text, func(w string) bool {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		return true
	})
	return b.String()
}

// odd are forms that no rule of endings brings together.
var odd = map[string]string{
	"paid": "pay", "sent": "send", "broken": "break", "broke": "break", "lost": "lose", "cancellation": "cancel", "cancellations": "cancel",
	"forgotten": "forgot", "forget": "forgot", "closed": "close", "delivered": "deliver", "delivery": "deliver", "deliveries": "deliver",
	"offnungszeiten": "offn", "offnungszeit": "offn", "geoffnet": "offn", "offnet": "offn", "offnen": "offn",
	"zuruckgeben": "ruckgab", "zuruckgegeben": "ruckgab", "zurucksenden": "rucksend", "rucksendung": "rucksend", "rucksendungen": "rucksend",
	"umtauschen": "umtausch", "liefert": "liefer", "liefern": "liefer", "lieferung": "liefer", "lieferungen": "liefer",
	"abierto": "abr", "abierta": "abr", "abren": "abr", "abre": "abr", "abris": "abr", "apertura": "abr",
	"devolucion": "devol", "devoluciones": "devol", "devolver": "devol", "devuelvo": "devol",
	"envio": "envi", "envios": "envi", "enviar": "envi", "envian": "envi", "enviais": "envi",
	"ouvert": "ouvr", "ouverte": "ouvr", "ouverts": "ouvr", "ouvrez": "ouvr", "ouvre": "ouvr", "ouverture": "ouvr",
	"livraison": "livr", "livraisons": "livr", "livrer": "livr", "livrez": "livr",
}

// endings are what stem takes off, the longest first of those that fit; kept
// is how many bytes must remain.
var endings = []struct {
	end, put string
	kept     int
}{
	{"ungen", "ung", 4}, {"ciones", "cion", 3}, {"ations", "at", 3}, {"ation", "at", 3}, {"ments", "", 3}, {"ment", "", 3},
	{"ings", "", 4}, {"ing", "", 3}, {"ies", "y", 3}, {"ied", "y", 3}, {"able", "", 4}, {"ed", "", 3}, {"ern", "", 5}, {"en", "", 4}, {"er", "", 4},
	{"es", "", 4}, {"os", "o", 3}, {"as", "a", 3}, {"s", "", 3}, {"e", "", 3},
}

// stem takes the ending off a folded word, lightly and for several languages
// at once: what matters is that the forms of a word meet, in questions and in
// articles alike.
func stem(w string) string {
	if to, ok := odd[w]; ok {
		return to
	}
	for _, e := range endings {
		head, ok := strings.CutSuffix(w, e.end)
		if !ok || len(head) < e.kept || !strings.ContainsAny(head, "aeiouy") || e.end == "s" && strings.HasSuffix(head, "s") {
			continue
		}
		if e.end == "ing" || e.end == "ed" { // "shipping", "cancelled"
			if n := len(head); n > 3 && head[n-1] == head[n-2] && !strings.ContainsRune("se", rune(head[n-1])) {
				head = head[:n-1]
			}
		}
		w = head + e.put
		break
	}
	if n := len(w); n > 3 && (w[n-1] == 'e' || w[n-1] == 's' && w[n-2] != 's') {
		w = w[:n-1]
	}
	return w
}

// contained reports that one of two stems begins the other, and is long
// enough to be its word: "ruckgab" and "ruckgaberecht".
func contained(a, b string) bool {
	const least = 6
	return len(a) >= least && len(b) >= least && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}
