package domain

import (
	"strings"
	"time"
	"unicode"
)

// RatingOpenFor is how long an answer to the question how a case went is waited
// for. What comes later is a post like any other.
const RatingOpenFor = 7 * 24 * time.Hour

// RatingMoreFor is how long after a rating more words may be added to it.
const RatingMoreFor = 24 * time.Hour

// MaxRatingComment bounds the words kept with a rating, in bytes.
const MaxRatingComment = 1000

// Scores of a rating.
const (
	MinScore = 1
	MaxScore = 5
)

// Rating is the question how a case went, and what its customer answered.
type Rating struct {
	Effect  string    `json:"effect"`             // the message that asks
	AskedAt time.Time `json:"asked_at,omitzero"`  // when it left; zero while it is on its way
	Before  time.Time `json:"before,omitzero"`    // when the customer was asked before that
	Message string    `json:"message,omitempty"`  // its id on the network
	Score   int       `json:"score,omitempty"`    // 1 to 5; 0: no answer, or one in words that say no number
	Comment string    `json:"comment,omitempty"`  // in the customer's words
	At      time.Time `json:"rated_at,omitzero"`  // when the answer came
	Post    string    `json:"rated_by,omitempty"` // the post that answered
}

// Awaited reports whether a post may still be the answer.
func (r *Rating) Awaited(now time.Time) bool {
	return r != nil && r.At.IsZero() && !r.AskedAt.IsZero() && now.Before(r.AskedAt.Add(RatingOpenFor))
}

// ReadScore reads how many of five points a text gives: a number ("4", "4/5",
// "8 out of 10", "4 stars"), stars, a face or a thumb, or a few plain words in
// English, Spanish, German or French. ok is false where it says none: "I waited
// 3 days" is no score. bare reports that it says nothing else.
func ReadScore(text string) (score int, bare, ok bool) {
	if len(text) > MaxPostText {
		text = Cut(text, MaxPostText)
	}
	if n := pictureScore(text); n > 0 {
		return n, len(scoreWords(text)) == 0, true
	}
	words := scoreWords(text)
	if n, used := numberScore(words); n > 0 {
		return n, used == len(words), true
	}
	if n := plainScore(words); n > 0 {
		return n, len(words) <= 2, true
	}
	return 0, false, false
}

// scoreWord is a word without what stands around it, and whether something that
// ends a thought follows it.
type scoreWord struct {
	text string
	ends bool
}

// maxScoreWords bounds how far a text is read: a score stands at its beginning,
// or the text is short.
const maxScoreWords = 60

func scoreWords(text string) []scoreWord {
	var out []scoreWord
	for _, f := range strings.Fields(strings.ToLower(text)) {
		if len(out) == maxScoreWords {
			break
		}
		w := strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		switch {
		case w != "":
			out = append(out, scoreWord{w, !strings.HasSuffix(f, w)})
		case f == "/" || f == "-" || f == "–" || f == "—":
			if len(out) > 0 && f != "/" {
				out[len(out)-1].ends = true
			} else if f == "/" {
				out = append(out, scoreWord{f, false})
			}
		}
	}
	return out
}

// numberScore finds a number that is meant as a score, and how many words say
// it.
func numberScore(words []scoreWord) (score, used int) {
	for i, w := range words {
		if n, most, used := outOf(words[i:]); used > 0 {
			return scaled(n, most), used
		}
		n := digits(w.text)
		if n < MinScore || n > MaxScore {
			continue
		}
		last := i == len(words)-1
		switch {
		case !last && scoreNouns[words[i+1].text] && i < 4:
			return n, 2
		case last && i <= 3, i == 0 && w.ends:
			return n, 1
		case i == 0 && !last && !countedNouns[words[1].text]:
			return n, 1
		}
	}
	return 0, 0
}

// outOf reads "4/5", "4 / 5" and "8 out of 10".
func outOf(words []scoreWord) (n, most, used int) {
	head, tail, slash := strings.Cut(words[0].text, "/")
	switch {
	case slash:
		n, most, used = digits(head), digits(tail), 1
	case len(words) >= 3 && (words[1].text == "/" || ofWords[words[1].text]):
		n, most, used = digits(words[0].text), digits(words[2].text), 3
	case len(words) >= 4 && words[1].text == "out" && words[2].text == "of":
		n, most, used = digits(words[0].text), digits(words[3].text), 4
	}
	if n < 1 || most != 5 && most != 10 || n > most {
		return 0, 0, 0
	}
	return n, most, used
}

func scaled(n, most int) int {
	if most == 10 {
		return (n + 1) / 2
	}
	return n
}

// digits reads a small whole number, -1 if it is none.
func digits(s string) int {
	if s == "" || len(s) > 2 {
		return -1
	}
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return -1
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// pictureScore reads stars, faces and thumbs.
func pictureScore(text string) int {
	stars := strings.Count(text, "⭐") + strings.Count(text, "★") + strings.Count(text, "🌟")
	if stars > 0 {
		return min(stars, MaxScore)
	}
	for _, r := range text {
		if n := pictures[r]; n > 0 {
			return n
		}
	}
	return 0
}

// plainScore reads a short answer in words. What is denied is turned around.
func plainScore(words []scoreWord) int {
	if len(words) == 0 || len(words) > 5 {
		return 0
	}
	if len(words) == 1 && numberWords[words[0].text] > 0 {
		return numberWords[words[0].text]
	}
	denied := false
	for _, w := range words {
		if deniers[w.text] {
			denied = true
			continue
		}
		n := judgements[w.text]
		switch {
		case n == 0:
		case denied && n >= 4:
			return 2
		case denied && n <= 2:
			return 3
		default:
			return n
		}
	}
	return 0
}

var pictures = map[rune]int{
	'👍': 5, '😀': 5, '😃': 5, '😄': 5, '😊': 5, '😍': 5, '🤩': 5, '❤': 5, '👌': 5, '🙂': 4, '😐': 3, '😕': 2, '🙁': 2, '☹': 2, '😞': 2, '👎': 1, '😠': 1, '😡': 1, '🤬': 1,
}

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

var (
	ofWords    = wordSet("of von de sur sobre aus")
	scoreNouns = wordSet("star stars point points estrella estrellas punto puntos stern sterne sternen punkt punkte punkten étoile étoiles")
	// What is counted when a text begins with a number that is no score.
	countedNouns = wordSet("second seconds minute minutes min mins hour hours hr hrs day days week weeks month months year years time times people person persons parcel parcels package packages item items order orders call calls email emails e-mails message messages calls of out am pm euro euros dollar dollars pounds usd eur " +
		"segundos minuto minutos hora horas día días dia dias semana semanas mes meses año años vez veces personas paquete paquetes pedido pedidos llamadas mensajes " +
		"sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre mal personen leute paket pakete artikel bestellung bestellungen anrufe nachrichten uhr " +
		"secondes heure heures jour jours semaine semaines mois an ans année années fois personnes colis article articles commande commandes appels")
	deniers     = wordSet("not isn't wasn't never no nunca nicht kein keine nie pas jamais")
	numberWords = map[string]int{
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
		"eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
	}
	judgements = map[string]int{
		"excellent": 5, "perfect": 5, "great": 5, "amazing": 5, "fantastic": 5, "brilliant": 5, "super": 5, "superb": 5, "outstanding": 5, "wonderful": 5,
		"good": 4, "well": 4, "nice": 4, "happy": 4, "satisfied": 4, "ok": 3, "okay": 3, "fine": 3, "average": 3, "so-so": 3, "meh": 3,
		"bad": 2, "badly": 2, "poor": 2, "poorly": 2, "disappointing": 2, "disappointed": 2, "terrible": 1, "awful": 1, "horrible": 1, "useless": 1, "worst": 1,
		"excelente": 5, "perfecto": 5, "genial": 5, "estupendo": 5, "fantástico": 5, "bien": 4, "bueno": 4, "buena": 4, "contento": 4, "contenta": 4, "regular": 3, "normal": 3,
		"mal": 2, "malo": 2, "mala": 2, "fatal": 1, "pésimo": 1, "pésima": 1,
		"ausgezeichnet": 5, "perfekt": 5, "prima": 5, "toll": 5, "spitze": 5, "hervorragend": 5, "gut": 4, "zufrieden": 4, "geht": 3, "mittel": 3, "mittelmäßig": 3,
		"schlecht": 2, "enttäuscht": 2, "furchtbar": 1, "schrecklich": 1, "katastrophe": 1, "miserabel": 1,
		"parfait": 5, "parfaite": 5, "génial": 5, "impeccable": 5, "bon": 4, "bonne": 4, "satisfait": 4, "satisfaite": 4, "moyen": 3, "moyenne": 3, "correct": 3,
		"mauvais": 2, "mauvaise": 2, "déçu": 2, "déçue": 2, "nul": 1, "nulle": 1, "catastrophe": 1,
	}
)
