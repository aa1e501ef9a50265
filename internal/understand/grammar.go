package understand

import "strings"

// The words here are no lexicon. A phrase of a lexicon gives weighted evidence
// wherever it stands, and whoever runs a shop could add one. These give none by
// themselves: asking.go goes by where in a sentence they stand, and what they
// do changes with that code. So they are in code, beside it.

// grammar is how a language builds a question: the words that open one, and
// what may stand after them. Words are folded.
type grammar struct {
	opener  map[string]bool // may stand before the question itself
	wh      map[string]bool // ask by themselves once a verb follows
	verb    map[string]bool // ask when they come before their subject
	subject map[string]bool // subjects that no command or exclamation has there
	loose   bool            // verbs carry their subject, so that one in front asks only if it is marked
}

var grammars = map[string]*grammar{
	"en": {
		opener: words(`hi hello hey good morning afternoon evening so and but also just ok okay please pls sorry excuse me there guys team all quick question
			out of curiosity btw um well hiya dear folks now then if possible`),
		wh:      words(`what whats which when where wheres whose how hows`),
		verb:    words(`is are was were do does did can could will would should shall may must has have`),
		subject: words(`i we you u ya yall they it there anyone anybody everyone someone these those this that your ur`),
	},
	"de": {
		opener:  words(`hallo hi hey guten moin tag morgen abend liebes team und aber also bitte kurze frage mal eine nur`),
		wh:      words(`was welche welcher welches welchen wann wo wer wie wieviel wieviele wohin woher bis ab`),
		verb:    words(`ist sind kann konnen konnt habt haben hat gibt darf durfen muss mussen soll wird werden werdet liefert liefern verschickt versendet nehmt nehmen akzeptiert bietet bieten offnet verkauft verkaufen funktioniert kostet geht brauche bekomme`),
		subject: words(`ich wir ihr sie man es du der die das ein eine bei`),
	},
	"es": {
		opener: words(`hola buenas buenos dias tardes noches una pregunta y pero disculpa disculpen perdona perdon por favor`),
		wh:     words(`que cual cuales cuando donde como cuanto cuanta cuantos cuantas quien a`),
		verb:   words(`hay tienen teneis tienes hacen haceis puedo podemos puede pueden se aceptan aceptais venden vendeis envian enviais abren abris abre cierran es son esta estan cuesta cuestan vale tiene tarda tardan`),
		loose:  true,
	},
	"fr": {
		opener: words(`bonjour bonsoir salut coucou et mais alors une question petite svp s il vous plait excusez moi`),
		wh:     words(`quel quelle quels quelles quand comment combien qui que a`),
		verb:   words(`est sont peut puis avez faites livrez acceptez vendez proposez pouvez ouvrez fermez ouvre ferme coute coutent faire fait faut y`),
		loose:  true,
	},
}

// rhetoric are words that turn a question into a reproach or a joke.
var rhetoric = words(`kidding joking joke serious seriously even really actually think believe care shame times point wrong earth hell happening
	wollt ernst wirklich eigentlich broma serio verdad serieux blague vraiment`)

// rhetoricPairs are two words that do the same only together.
var rhetoricPairs = map[string]string{"going": "on", "for": "real", "you": "call", "how": "about", "anyone": "there"}

// trade are words of what shops are asked about. They tell a question to a
// company from one to the world where nobody is addressed by name.
var trade = words(`return returns returned refund refunds exchange exchanges ship ships shipping deliver delivers delivery deliveries order orders
	ordering open opening close closing hours store stores shop shops branch price prices cost costs pay payment payments sale sales discount
	discounts voucher vouchers gift card cards warranty guarantee repair size sizes sizing stock available parking pickup collect collection
	cancel subscription appointment appointments book booking reserve membership refill menu vegan vegetarian invoice receipt
	rucksendung ruckgabe zuruckgeben umtausch umtauschen versand versandkosten lieferung liefern liefert bestellen bestellung geoffnet offnungszeiten
	filiale preis preise kostet kosten zahlung bezahlen zahlen rabatt gutschein garantie grosse grossen lager termin verfugbar parken
	devolver devolucion devoluciones cambio cambiar envio envios envian enviais entrega pedido pedidos horario horarios abren abris abierto tienda
	tiendas precio precios cuesta cuestan pagar pago descuento garantia talla tallas disponible aparcamiento cita
	retour retours retourner rembourser remboursement echanger echange livraison livrer livrez commander commande ouvert ouverture horaires magasin
	magasins prix coute coutent payer paiement reduction garantie taille tailles disponible dispo parking rendez`)

// offered are words that follow when "have you" asks for goods and not for
// what somebody has done.
var offered = words(`got any a an some anything more`)

// told are subjects of a statement about the company, which a mark makes a
// question.
var told = words(`you u yall ihr sie vous tu ustedes usted vosotros`)

// deeds are what "will you" demands rather than asks about.
var deeds = words(`please help call answer reply respond fix send refund ever stop sort pay give tell listen`)

var greetings = words(`hi hello hey hiya greetings good hallo moin servus guten hola buenas buenos bonjour bonsoir salut coucou`)

// services are what "can you" asks about rather than for.
var services = words(`deliver ship accept sell offer stock open livrer expedier accepter vendre liefern versenden verschicken akzeptieren verkaufen entregar enviar aceptar vender`)

// own are words by which a writer speaks of a matter of their own: what is
// theirs, and what has happened or has not.
var own = words(`my mine our ours me us meine mein meinen meiner meinem unser unsere mich mir uns mi mis nuestro nuestra mon ma mes notre nos moi
	ordered placed received arrived came charged signed accidentally twice waiting waited still yet havent hasnt didnt never ago been again bestellt erhalten bekommen
	wartet warte noch pedi compre llego recibi esperando todavia commande recu attends toujours`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
