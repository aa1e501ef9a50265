package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// What a question's word counts for, by where an article has it.
const (
	inTitle  = 1.0
	inTag    = 0.9
	inText   = 0.5
	compound = 0.85 // of that, for a word inside a longer one: "Rückgabe" in "Rückgaberecht"

	// weakWord is the weight of a word that names a shop's world and not the
	// matter ("order", "parcel"), as a part of a telling word's.
	weakWord = 0.1
	// unknownWord is the weight of a word that no article has, as a part of one
	// that a single article has. It may be a name or a typo; it may as well be
	// what the question is about.
	unknownWord = 0.5
	// untitled is what is left of a score when nothing of the title is asked
	// for. The more of the title the question covers, the less is taken off.
	untitled = 0.8
	// An article in another language is second choice; one in a language that
	// the asker gave no sign of reading is no answer by itself.
	inEnglish = 0.9
	inOther   = 0.5
)

// index finds articles that customers may be told. It is immutable.
type index struct {
	articles []article
	heads    map[string][]place // stems of titles and tags
	texts    map[string][]int   // stems of texts → places in articles
	names    []string           // the stems of heads, sorted
	titles   [][]string         // each title's telling stems
	exact    []string           // each title, word by word
}

// place is an article that has a word, and what that counts for.
type place struct {
	at     int
	credit float64
}

func newIndex(all []article) *index {
	x := &index{heads: map[string][]place{}, texts: map[string][]int{}}
	for _, a := range all {
		if a.Public == nil || *a.Public {
			x.articles = append(x.articles, a)
		}
	}
	for at, a := range x.articles {
		title := stems(a.Title, maxWords)
		x.titles = append(x.titles, title)
		x.exact = append(x.exact, plainWords(a.Title))
		for _, w := range title {
			x.heads[w] = append(x.heads[w], place{at, inTitle})
		}
		for _, w := range stems(strings.Join(a.Tags, " "), maxWords) {
			if !slices.Contains(title, w) {
				x.heads[w] = append(x.heads[w], place{at, inTag})
			}
		}
		for _, w := range stems(a.text(), maxWords) {
			x.texts[w] = append(x.texts[w], at)
		}
	}
	for w := range x.heads {
		x.names = append(x.names, w)
	}
	slices.Sort(x.names)
	return x
}

// hit is an article that answers.
type hit struct {
	at    int // in articles
	score float64
	lang  int // 0 the asker's, 1 not said, 2 English, 3 another
}

// search returns the articles whose score is at least least, best first.
func (x *index) search(question, lang string, least float64) []hit {
	words := stems(question, maxTerms)
	exact := plainWords(question)
	got := make([]float64, len(x.articles))
	telling := make([]float64, len(x.articles)) // in titles and tags
	matched := make([]int, len(x.articles))
	total := 0.0
	for _, w := range words {
		weight, places := x.look(w)
		total += weight
		for _, p := range places {
			got[p.at] += weight * p.credit
			if weak[w] {
				continue
			}
			matched[p.at]++
			if p.credit > inText {
				telling[p.at] = max(telling[p.at], p.credit)
			}
		}
	}
	var hits []hit
	for at := range x.articles {
		score := 0.0
		switch {
		case x.exact[at] != "" && x.exact[at] == exact:
			score = 1
		case telling[at] > 0 || matched[at] > 1 && matched[at]*3 >= len(words):
			score = got[at] / total * (untitled + (1-untitled)*x.covered(at, words))
		default:
			continue // one word of the text, or words that every article has: chance
		}
		rank := langRank(x.articles[at].Lang, lang)
		switch rank {
		case 2:
			score *= inEnglish
		case 3:
			score *= inOther
		}
		if score = math.Round(score*100) / 100; score >= least {
			hits = append(hits, hit{at, min(score, 1), rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.lang, b.lang))
	})
	return hits
}

// look returns a word's weight and the articles that have it, each once.
func (x *index) look(w string) (weight float64, places []place) {
	credit := map[int]float64{}
	for _, p := range x.heads[w] {
		credit[p.at] = p.credit
	}
	if !weak[w] {
		for _, name := range x.names {
			if name == w || !contained(name, w) {
				continue
			}
			for _, p := range x.heads[name] {
				credit[p.at] = max(credit[p.at], compound*p.credit)
			}
		}
	}
	// A word's weight is what it tells titles and tags apart by; articles only
	// mention many things.
	n := len(credit)
	for _, at := range x.texts[w] {
		if _, ok := credit[at]; !ok {
			credit[at] = inText
		}
	}
	if n == 0 {
		n = len(credit)
	}
	for at, c := range credit {
		places = append(places, place{at, c})
	}
	weight = x.rare(n)
	switch {
	case weak[w]:
		weight = weakWord * x.rare(1)
	case n == 0:
		weight = unknownWord * x.rare(1)
	}
	return weight, places
}

// rare weighs a word that n articles have.
func (x *index) rare(n int) float64 {
	all := float64(len(x.articles) + 1)
	return math.Log(1 + all/float64(n+1))
}

// covered is how much of an article's title the words ask for.
func (x *index) covered(at int, words []string) float64 {
	have, all := 0.0, 0.0
	for _, w := range x.titles[at] {
		weight := 1.0
		if weak[w] {
			weight = weakWord
		}
		all += weight
		if slices.ContainsFunc(words, func(q string) bool { return q == w || !weak[w] && contained(w, q) }) {
			have += weight
		}
	}
	if all == 0 {
		return 0
	}
	return have / all
}

// passage returns the part of an article that fits the question best: whole
// sentences, as many as there is room for.
func (x *index) passage(at int, question string) string {
	words := stems(question, maxTerms)
	parts := x.articles[at].sentences
	best, most := 0, -1.0
	for from := range parts {
		to, _ := fit(parts, from)
		have := 0.0
		for _, w := range words {
			if slices.ContainsFunc(parts[from:to], func(s sentence) bool { return slices.Contains(s.words, w) }) {
				have++
			}
		}
		if have > most {
			best, most = from, have
		}
		if to == len(parts) {
			break // those after it are in here
		}
	}
	_, text := fit(parts, best)
	return text
}

// fit joins the sentences from one on that fit into an excerpt.
func fit(parts []sentence, from int) (to int, text string) {
	var b strings.Builder
	letters := 0
	for to = from; to < len(parts); to++ {
		n := len([]rune(parts[to].text)) + 1
		if to > from && letters+n > maxExcerpt {
			break
		}
		if to > from {
			b.WriteByte(' ')
		}
		b.WriteString(parts[to].text)
		letters += n
	}
	return to, shorten(b.String(), maxExcerpt)
}

// shorten cuts a sentence that is longer than an excerpt at the last space.
func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	head := string(runes[:n])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,;:") + " …"
}

func langRank(have, want string) int {
	base := func(s string) string { b, _, _ := strings.Cut(strings.ToLower(s), "-"); return b }
	switch {
	case have == "" || want == "" || want == "und":
		return 1
	case base(have) == base(want):
		return 0
	case base(have) == "en": // as messages fall back
		return 2
	}
	return 3
}
