package understand

import (
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Whoever is hurt or in danger, or goes to law, is heard in every language we
// speak: each part of the body, each thing and each word of law stands for its
// class.
func TestHarm(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{
		"der Heizlüfter hat angefangen zu rauchen und ich habe mir die Hand verbrannt",
		"Ich habe mir an eurer Lampe die Hand verbrannt",
		"Der Stuhl ist zusammengebrochen und ich habe mir den Arm gebrochen",
		"der Wasserkocher qualmt",
		"meine Tochter hat sich am Regal den Finger eingeklemmt",
		"mein Sohn hat einen Stromschlag bekommen",
		"die Lampe hat mir einen elektrischen Schlag gegeben",
		"ich werde euch verklagen",
		"ich schalte meinen Anwalt ein",
		"ich gehe zur Verbraucherzentrale",
		"das Regal ist von der Wand gefallen und hat meine Tochter getroffen",
		"das Ladegerät ist explodiert",
		"in der Schüssel war ein Glassplitter und ich habe mir die Lippe aufgeschnitten",
		"mein Hund hat ein Teil verschluckt",
		"der Akku hat Feuer gefangen",
		"ich zeige euch an",
		"der Tisch ist mir auf den Fuß gefallen",
		"von der Creme habe ich einen Ausschlag bekommen",
		"das Essen hat uns krank gemacht, wir mussten uns übergeben",
		"le radiateur a commencé à fumer et je me suis brûlé la main",
		"j'ai reçu une décharge électrique avec votre bouilloire",
		"je me suis brûlé avec votre bouilloire",
		"la lampe a pris feu",
		"l'étagère est tombée sur mon fils",
		"la chaise s'est effondrée et je me suis cassé le bras",
		"je vais porter plainte",
		"mon avocat va vous contacter",
		"je saisis l'avocat de la famille",
		"je vais vous attaquer en justice",
		"le chargeur a explosé",
		"il y a de la fumée qui sort de l'appareil",
		"mon fils s'est coupé le doigt avec votre table",
		"ma fille s'est étouffée avec une pièce du jouet",
		"on a fini à l'hôpital",
		"votre crème m'a donné une allergie",
		"je me suis électrocuté",
		"la prise fait des étincelles",
		"el calefactor empezó a echar humo",
		"el calefactor empezó a echar humo y me quemé la mano",
		"la lámpara se ha incendiado",
		"me quemé la mano con vuestra tetera",
		"me dio calambre al tocar la lámpara",
		"voy a denunciaros",
		"se ha prendido fuego la tetera",
		"mi hijo se cortó con la mesa",
		"la estantería se cayó encima de mi hija",
		"la silla se rompió y me caí al suelo",
		"me dio una descarga eléctrica",
		"el cargador explotó",
		"mi abogado se pondrá en contacto",
		"os voy a demandar",
		"pondré una hoja de reclamaciones",
		"he acabado en urgencias por vuestra culpa",
		"me he roto el brazo con vuestra silla",
		"la crema me provocó una erupción en la piel",
		"encontré cristales en la comida",
		"mi hija casi se atraganta con una pieza",
		"the shelf fell off the wall and hit my son",
		"I got burned by your kettle",
		"I burned my hand on the kettle",
		"the heater started smoking and I burnt my fingers",
		"the lamp gave me a shock when I touched it",
		"the chair collapsed under me",
		"your table leg snapped and my mum fell",
		"my daughter cut her finger on the sharp edge",
		"smoke came out of the toaster",
		"the charger blew up in my hand",
		"my son nearly choked on a loose part",
		"the cream gave me a rash",
		"I'm going to sue you",
		"you'll hear from my lawyer",
		"my lamp is smoking",
		"the cable melted and the socket is burnt",
		"my dog swallowed a piece of it",
		"the bookcase tipped over onto my toddler",
		"the plug is sparking",
		"I'm reporting you to trading standards",
		"the glass shattered in my hand",
		"the bed broke while we were sleeping and my husband hurt his back",
		"I can't believe it burned my hand", "it does not work and caught fire", "not only did it smoke, it melted my cable, the cable is melting",
	} {
		u := r.Understand(text, "")
		heard := slices.Contains(u.Topics, domain.TopicSafety) || slices.Contains(u.Topics, domain.TopicLegalThreat)
		if u.Intent != domain.IntentLegalSafety || !heard || !u.NeedsAgent || u.NeedsAgentConfidence < 0.65 {
			t.Errorf("%q: %s %v, needed %v (%.2f)", text, u.Intent, u.Topics, u.NeedsAgent, u.NeedsAgentConfidence)
		}
	}
}

// What only sounds like harm, or is denied, alarms nobody.
func TestNoHarm(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, text := range []string{
		"this made me die laughing",
		"what a fire sale",
		"smoking hot deal on kettles",
		"your prices are a steal, smoking!",
		"the lamp did not catch fire, just wanted to say",
		"nobody was hurt, all fine",
		"ich lach mich tot",
		"Feuer und Flamme für euren Laden",
		"mort de rire avec votre pub",
		"me muero de risa con vuestro anuncio",
		"estoy que echo humo, llevo una hora esperando",
		"ich wollte aufhören zu rauchen",
		"interdit de fumer dans le magasin?",
		"I cut my internet bill in half thanks to you",
		"this deal hits the spot",
		"you are killing it",
		"the leg of my table is broken",
		"the arm of the chair came off",
		"I was shocked by your prices",
		"my heart is broken, the mug arrived chipped",
		"costs an arm and a leg",
		"das Display zeigt nichts an",
		"Termin geplatzt",
		"das Paket wurde dem Nachbarn übergeben",
		"el consumo de la lámpara es bajo",
		"feu vert pour la livraison ?",
		"la bougie brûle bien",
		"das Stuhlbein ist gebrochen",
		"der Server ist zusammengebrochen",
		"I burned through all my data",
	} {
		u := r.Understand(text, "")
		for _, x := range u.Topics {
			switch x {
			case domain.TopicSafety, domain.TopicLegalThreat, domain.TopicVulnerable, domain.TopicFraud, domain.TopicDiscrimination:
				t.Errorf("%q: %s %v", text, u.Intent, u.Topics)
			}
		}
		if u.Intent == domain.IntentLegalSafety {
			t.Errorf("%q: %s", text, u.Intent)
		}
	}
}
